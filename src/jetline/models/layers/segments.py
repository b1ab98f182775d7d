"""Layers over flat particles, without padding."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from jetline.inputs.view import GROUPS
from jetline.models.layers.precision import FullPrecision


@keras.saving.register_keras_serializable("jetline")
class SegmentSum(FullPrecision):
    """Sum the rows of each jet.

    The number of jets is read off `counts`' shape. Rows whose segment is the number of
    jets are padding and enter no sum.
    """

    def call(self, values: Any, segments: Any, counts: Any) -> Any:
        """Sum the rows.

        Parameters
        ----------
        values : (n_particles, width) float tensor
            One row a particle.
        segments : (n_particles,) int32 tensor
            The jet of each row, rising.
        counts : (n_jets,) tensor
            Only its length is used.

        Returns
        -------
        (n_jets, width) float tensor
        """
        jets = ops.shape(counts)[0]

        @ops.custom_gradient
        def summed(rows: Any) -> Any:
            def gradients(*arguments: Any, upstream: Any = None) -> Any:
                # No row has a segment below 0, which is what TensorFlow's own looks out for.
                return to_dense(arguments[0] if upstream is None else upstream, segments)

            return sums_of_segments(rows, segments, jets), gradients

        return summed(values)

    def compute_output_shape(
        self, values_shape: Any, segments_shape: Any, counts_shape: Any
    ) -> Any:
        """Give the shape of the sums."""
        return (counts_shape[0], values_shape[-1])


def sums_of_segments(rows: Any, segments: Any, jets: Any) -> Any:
    """Sum the rows of each segment below `jets`, (jets, width); segments rise."""
    if keras.backend.backend() != "tensorflow":
        return ops.segment_sum(rows, segments, num_segments=jets + 1)[:jets]
    # Told that they rise, TensorFlow takes a quarter of the time, and stops at the last of them.
    sums = ops.segment_sum(rows, segments, sorted=True)
    none = ops.zeros((jets, rows.shape[-1]), rows.dtype)
    return ops.reshape(ops.concatenate([sums, none])[:jets], ops.shape(none))


@keras.saving.register_keras_serializable("jetline")
class SegmentMean(SegmentSum):
    """Average the rows of each jet; 0 for a jet without rows."""

    def call(self, values: Any, segments: Any, counts: Any) -> Any:
        """Average as `SegmentSum` sums, with the number of rows of each jet in `counts`."""
        sums = super().call(values, segments, counts)
        return sums / ops.cast(ops.maximum(counts, 1), sums.dtype)[:, None]


@keras.saving.register_keras_serializable("jetline")
class RealRows(keras.layers.Layer):
    """Tell rows of particles (1) from padding (0)."""

    def call(self, segments: Any, counts: Any) -> Any:
        """Give 1 or 0 for each row, (n_particles,); arguments as those of `SegmentSum`."""
        return ops.cast(segments < ops.shape(counts)[0], self.compute_dtype)

    def compute_output_shape(self, segments_shape: Any, counts_shape: Any) -> Any:
        """Give the shape of the weights."""
        return segments_shape


@keras.saving.register_keras_serializable("jetline")
class InGroups(keras.layers.Layer):
    """Reshape the rows of a dense group of jets, which come as one axis, to (n_group, width).

    Keras takes no other axis of an input than the first to change from batch to batch.
    """

    def call(self, flat: Any, counts: Any) -> Any:
        """Reshape to (n_group, width); of `counts` only the length is used."""
        return ops.reshape(flat, (-(-ops.shape(counts)[0] // GROUPS), -1))

    def compute_output_spec(self, flat: Any, counts: Any) -> Any:
        """Give a spec in which both axes vary."""
        return keras.KerasTensor((None, None), "int32")


def to_dense(rows: Any, places: Any) -> Any:
    """Put flat rows into a dense form, zeros where there is none.

    Parameters
    ----------
    rows : (n_rows, ...) tensor
        Flat rows.
    places : integer tensor
        Row at each place, n_rows where there is none.
    """
    return ops.take(ops.concatenate([rows, ops.zeros_like(rows[:1])]), places, axis=0)


def to_flat(groups: Any, slots: Any) -> Any:
    """Take the flat rows of what was computed at each place of dense groups.

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
