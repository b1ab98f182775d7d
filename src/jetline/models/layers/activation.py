"""GELU and dropout, with few passes over the values."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops


@ops.custom_gradient
def gelu(x: Any) -> Any:
    """Compute x P(standard normal < x): D. Hendrycks, K. Gimpel, arXiv:1606.08415.

    Keras' own takes the root of 2 in single precision.
    """
    scaled = x * 0.5**0.5
    below = 0.5 + 0.5 * ops.erf(scaled)

    def gradients(*arguments: Any, upstream: Any = None) -> Any:
        if upstream is None:
            (upstream,) = arguments
        density = ops.exp(-ops.square(scaled)) * (scaled * math.pi**-0.5)
        return upstream * (below + density)

    return x * below, gradients


@keras.saving.register_keras_serializable("jetline")
class Gelu(keras.layers.Layer):
    """Apply `gelu`."""

    def call(self, x: Any) -> Any:
        """Apply it to a tensor of any shape."""
        return gelu(x)

    def compute_output_shape(self, x_shape: Any) -> Any:
        """Give the shape of x."""
        return x_shape


@keras.saving.register_keras_serializable("jetline")
class Dropout(keras.layers.Layer):
    """N. Srivastava et al., JMLR 15 (2014) 1929, with half a random number for each value.

    Parameters
    ----------
    rate : float
        Share of values that become 0 in training, kept to 2^-16.
    """

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        if rate:
            self.seed_generator = keras.random.SeedGenerator()

    def call(self, x: Any, training: bool = False) -> Any:
        """Drop values in training; the last axis of x has an even length."""
        if not (training and self.rate):
            return x
        shape = ops.shape(x)
        halved = (*shape[:-1], shape[-1] // 2, 1)
        bits = keras.random.randint(halved, -(2**31), 2**31 - 1, "int32", self.seed_generator)
        kept = ops.view(bits, "int16") >= round(self.rate * 2**16) - 2**15
        return _masked(x * (1 / (1 - self.rate)), ops.reshape(kept, shape))

    def get_config(self) -> dict[str, Any]:
        """Give the layer's options."""
        return super().get_config() | {"rate": self.rate}


def _masked(x: Any, kept: Any) -> Any:
    @ops.custom_gradient
    def masked(x: Any) -> Any:
        def gradients(*arguments: Any, upstream: Any = None) -> Any:
            (upstream,) = arguments if upstream is None else (upstream,)
            return ops.where(kept, upstream, 0)

        return ops.where(kept, x, 0), gradients

    return masked(x)
