"""Layers over flat particles, without padding."""

from __future__ import annotations

import keras
from keras import ops

from jetline.models.architecture import GROUPS


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

        @ops.custom_gradient
        def summed(rows):
            def gradients(*arguments, upstream=None):
                # No row has a segment below 0, which is what TensorFlow's own looks out for.
                return to_dense(arguments[0] if upstream is None else upstream, segments)

            return _sums(rows, segments, jets), gradients

        return summed(values)

    def compute_output_shape(self, values_shape, segments_shape, multiplicities_shape):
        """Shape of the sums."""
        return (multiplicities_shape[0], values_shape[-1])


def _sums(rows, segments, jets):
    """Sums of the rows of each segment below `jets`; segments rise."""
    if keras.backend.backend() != "tensorflow":
        return ops.segment_sum(rows, segments, num_segments=jets + 1)[:jets]
    # Told that they rise, TensorFlow takes a quarter of the time, and stops at the last of them.
    sums = ops.segment_sum(rows, segments, sorted=True)
    none = ops.zeros((jets, rows.shape[-1]), rows.dtype)
    return ops.reshape(ops.concatenate([sums, none])[:jets], ops.shape(none))


@keras.saving.register_keras_serializable("jetline")
class SegmentMean(SegmentSum):
    """Mean of the rows of each jet; 0 for a jet without rows."""

    def call(self, values, segments, multiplicities):
        """As `SegmentSum`, with the number of rows of each jet in `multiplicities`."""
        sums = super().call(values, segments, multiplicities)
        return sums / ops.cast(ops.maximum(multiplicities, 1), sums.dtype)[:, None]


@keras.saving.register_keras_serializable("jetline")
class RealRows(keras.layers.Layer):
    """1 for the rows of particles, 0 for those that are thrown away."""

    def call(self, segments, multiplicities):
        """(n_particles,) float tensor; arguments as those of `SegmentSum`."""
        return ops.cast(segments < ops.shape(multiplicities)[0], self.compute_dtype)

    def compute_output_shape(self, segments_shape, multiplicities_shape):
        """Shape of the weights."""
        return segments_shape


@keras.saving.register_keras_serializable("jetline")
class InGroups(keras.layers.Layer):
    """Rows of one dense group of jets, which come as one axis, as (n_group, width).

    Keras takes no other axis of an input than the first to change from batch to batch.
    """

    def call(self, flat, multiplicities):
        """(n_group, width) int32 tensor; of `multiplicities` only the length is used."""
        return ops.reshape(flat, (-(-ops.shape(multiplicities)[0] // GROUPS), -1))

    def compute_output_spec(self, flat, multiplicities):
        """Both axes vary."""
        return keras.KerasTensor((None, None), "int32")


def to_dense(rows, places):
    """Dense form of flat rows, zeros where there is none.

    Parameters
    ----------
    rows : (n_rows, ...) tensor
        Flat rows.
    places : integer tensor
        Row at each place, n_rows where there is none.
    """
    return ops.take(ops.concatenate([rows, ops.zeros_like(rows[:1])]), places, axis=0)


def to_flat(groups, slots):
    """Flat rows of what was computed at each place of dense groups.

    Parameters
    ----------
    groups : list of (n_group, width, channels) tensors
        One value a place.
    slots : (n_rows,) int32 tensor
        Place of each row, counted through the groups.
    """
    channels = groups[0].shape[-1]
    places = ops.concatenate([ops.reshape(group, (-1, channels)) for group in groups])
    return ops.take(places, slots, axis=0)
