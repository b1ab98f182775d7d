"""Losses of generative models as layers: what they compare is made inside the network."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from jetline.models.layers.precision import FullPrecision


@keras.saving.register_keras_serializable("jetline")
class MeanSquare(FullPrecision):
    """The mean over a particle's values of a squared difference."""

    def call(self, found: Any, wanted: Any) -> Any:
        """Give (n_particles, 1) of two (n_particles, width)."""
        return ops.mean(ops.square(found - wanted), axis=1, keepdims=True)

    def compute_output_shape(self, found_shape: Any, wanted_shape: Any) -> Any:
        """Give the shape of the means."""
        return (found_shape[0], 1)


@keras.saving.register_keras_serializable("jetline")
class Surprise(FullPrecision):
    """Minus the logarithm of the probability that each hidden particle has its species."""

    def call(self, logits: Any, numbers: Any, hidden: Any) -> Any:
        """Compute it.

        Parameters
        ----------
        logits : (n_particles, species) float tensor
            Logarithms of the probabilities, up to a constant.
        numbers : (n_particles,) int32 tensor
            Numbers of the species.
        hidden : (n_particles, 1) float tensor
            One for each particle that is hidden, zero for others.

        Returns
        -------
        (n_particles, 2) float tensor
            The surprise, 0 where nothing is hidden; and `hidden`.
        """
        own = ops.take_along_axis(ops.log_softmax(logits), numbers[:, None], axis=1)
        return ops.concatenate([-own * hidden, hidden], axis=1)

    def compute_output_shape(self, logits_shape: Any, numbers_shape: Any, hidden_shape: Any) -> Any:
        """Give the shape of the two."""
        return (logits_shape[0], 2)


@keras.saving.register_keras_serializable("jetline")
class OverHidden(FullPrecision):
    """The mean surprise of a jet's hidden particles, 0 where nothing is hidden."""

    def call(self, sums: Any) -> Any:
        """Give (n_jets, 1) of the sums over what `Surprise` gives, (n_jets, 2)."""
        return sums[:, :1] / ops.maximum(sums[:, 1:], 1)

    def compute_output_shape(self, sums_shape: Any) -> Any:
        """Give the shape of the means."""
        return (sums_shape[0], 1)
