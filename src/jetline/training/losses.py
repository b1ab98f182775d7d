"""Losses: of each jet, as Keras tensors."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("jetline")
def cross_entropy(labels: Any, scores: Any) -> Any:
    """Compute minus the logarithm of the score of each jet's own class, (n_jets,).

    On TensorFlow Keras computes its own loss from the values before the softmax. On other backends
    it limits scores to 1e-7 and more, so that the jets that an untrained network is most wrong
    about have no gradient; there we compute the logarithm ourselves.

    Parameters
    ----------
    labels : (n_jets,) tensor
        1 quark, 0 gluon.
    scores : (n_jets, 2) tensor
        Probabilities of gluon and quark.
    """
    if keras.backend.backend() == "tensorflow":
        return keras.losses.sparse_categorical_crossentropy(labels, scores)
    own = ops.reshape(ops.cast(labels, "int32"), (-1, 1))
    # Added, because the larger of a NaN and a number is the number to some backends.
    least = np.finfo(np.float32).tiny
    return -ops.log(ops.take_along_axis(scores, own, axis=1)[:, 0] + least)
