"""Layers over flat particles, without padding."""

from __future__ import annotations

import math

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

            return ops.segment_sum(rows, segments, num_segments=jets + 1)[:jets], gradients

        return summed(values)

    def compute_output_shape(self, values_shape, segments_shape, multiplicities_shape):
        """Shape of the sums."""
        return (multiplicities_shape[0], values_shape[-1])


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
class RowNormalization(keras.layers.Layer):
    """Batch normalisation over the real rows of the whole batch.

    S. Ioffe, C. Szegedy, arXiv:1502.03167, with PyTorch's conventions: epsilon 1e-5, and running
    statistics that keep 0.9 of themselves a step and take up the unbiased variance.
    """

    epsilon = 1e-5
    momentum = 0.9

    def build(self, rows_shape, real_shape):
        """Make the weights."""
        width = (rows_shape[-1],)
        self.gamma = self.add_weight(shape=width, initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=width, initializer="zeros", name="beta")
        self.mean = self.add_weight(shape=width, initializer="zeros", trainable=False, name="mean")
        self.variance = self.add_weight(
            shape=width, initializer="ones", trainable=False, name="variance"
        )

    def call(self, rows, real, training=False):
        """Normalise.

        Parameters
        ----------
        rows : (n_rows, ..., width) float tensor
            Axes between are counted as rows.
        real : (n_rows,) float tensor
            1 for the rows that count.

        Returns
        -------
        Tensor of the rows' shape
        """
        if not training:
            scale = self.gamma * ops.rsqrt(self.variance + self.epsilon)
            shift = self.beta - self.mean * scale
            return rows * ops.cast(scale, rows.dtype) + ops.cast(shift, rows.dtype)
        values, real, gamma, beta = (
            ops.cast(tensor, self.variable_dtype) for tensor in (rows, real, self.gamma, self.beta)
        )
        mean, variance, count = self._batch_statistics(ops.stop_gradient(values), real)
        normalised = _normalised(values, real / count, mean, variance + self.epsilon, gamma, beta)
        return ops.cast(normalised, rows.dtype)

    def _batch_statistics(self, values, real):
        count = ops.maximum(ops.sum(real) * math.prod(values.shape[1:-1]), 1)
        mean = _sum_of_rows(values, real / count)
        variance = _sum_of_rows(ops.square(values - mean), real / count)
        unbiased = variance * count / ops.maximum(count - 1, 1)
        kept = self.momentum
        self.mean.assign(kept * self.mean + (1 - kept) * mean)
        self.variance.assign(kept * self.variance + (1 - kept) * unbiased)
        return mean, variance, count

    def compute_output_shape(self, rows_shape, real_shape):
        """Shape of the rows."""
        return rows_shape


def _sum_of_rows(values, weights):
    """(width,) tensor of (n_rows, ..., width) values: a matrix product is faster than a sum."""
    flat = ops.reshape(values, (-1, math.prod(values.shape[1:])))
    sums = ops.matmul(weights[None], flat)
    return ops.sum(ops.reshape(sums, (-1, values.shape[-1])), axis=0)


@ops.custom_gradient
def _normalised(values, shares, mean, variance, gamma, beta):
    """Values normalised by their own batch's statistics, differentiated through these.

    arXiv:1502.03167, section 3, in the form with the fewest passes over the values: the gradient
    that follows from one operation after another takes twice as many.

    Parameters
    ----------
    values : (n_rows, ..., width) tensor
    shares : (n_rows,) tensor
        One over the number of values that count, for the rows that count; else 0.
    mean, variance : (width,) tensors
        Of the values, epsilon included; they have no gradient of their own.
    gamma, beta : (width,) tensors
    """
    inverse = ops.rsqrt(variance)
    scale = gamma * inverse

    def gradients(*arguments, upstream=None):
        if upstream is None:
            (upstream,) = arguments
        ones = ops.ones_like(shares)
        total = _sum_of_rows(upstream, ones)
        slope = (_sum_of_rows(upstream * values, ones) - mean * total) * inverse
        through_statistics = values * (slope * inverse) + (total - mean * slope * inverse)
        weights = ops.reshape(shares, (-1, *(1 for _ in values.shape[1:])))
        of_values = scale * (upstream - weights * through_statistics)
        none = (ops.zeros_like(tensor) for tensor in (shares, mean, variance))
        return (of_values, *none, slope, total)

    return values * scale + (beta - mean * scale), gradients


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
