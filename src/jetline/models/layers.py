"""Layers over flat particles, without padding."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable("jetline")
class SegmentSum(keras.layers.Layer):
    """Sum the rows of each jet.

    The number of jets is read off `multiplicities`' shape. Rows whose segment is the number of
    jets are padding and enter no sum.
    """

    def call(self, values, segments, multiplicities):
        """Sum.

        Parameters
        ----------
        values : (n_particles, width) float tensor
            One row a particle.
        segments : (n_particles,) int32 tensor
            The jet of each row, rising.
        multiplicities : (n_jets,) tensor
            Only its length is used.

        Returns
        -------
        (n_jets, width) float tensor
        """
        jets = ops.shape(multiplicities)[0]
        return ops.segment_sum(values, segments, num_segments=jets + 1)[:jets]

    def compute_output_shape(self, values_shape, segments_shape, multiplicities_shape):
        """Shape of the sums."""
        return (multiplicities_shape[0], values_shape[-1])
