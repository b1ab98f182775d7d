"""Losses: of each jet, as Keras tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

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


@dataclass(frozen=True)
@keras.saving.register_keras_serializable("jetline")
class SmoothedCrossEntropy:
    """The cross-entropy with labels a share of which is given to all classes alike.

    C. Szegedy et al., arXiv:1512.00567, section 7: with scores p, own class c and K classes,
    -(1 - s) ln p_c - s/K sum_k ln p_k. Without a share it is `cross_entropy` to the last bit.

    Parameters
    ----------
    share : float
        s, from 0 to below 1.
    """

    share: float = 0.0
    name: ClassVar[str] = "smoothed_cross_entropy"

    def __call__(self, labels: Any, scores: Any) -> Any:
        """Compute the loss of each jet, (n_jets,); arguments as those of `cross_entropy`."""
        own = cross_entropy(labels, scores)
        if not self.share:
            return own
        classes = range(scores.shape[-1])
        of_each = [cross_entropy(ops.full_like(labels, k), scores) for k in classes]
        return (1 - self.share) * own + self.share / len(classes) * sum(of_each)

    def get_config(self) -> dict[str, float]:
        """Give the share."""
        return {"share": self.share}

    @classmethod
    def from_config(cls, config: dict[str, float]) -> SmoothedCrossEntropy:
        """Make the loss again."""
        return cls(**config)
