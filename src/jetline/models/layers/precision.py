"""What stays in full precision where a network computes in half precision."""

from __future__ import annotations

from typing import Any

import keras


class FullPrecision(keras.layers.Layer):
    """A layer that computes in Keras' own precision, whatever that of the network it is in.

    bfloat16 has 8 bits: what sums up many values, or takes the difference of large ones, loses
    them.
    """

    # Of a layer whose options have another name than `kwargs`, Keras does not save the name.
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"dtype": keras.config.floatx(), **kwargs})
