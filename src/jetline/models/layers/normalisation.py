"""Normalisation over rows, and over the features of each row, with gradients in closed form.

A gradient that follows from one operation after another passes over the values twice as often.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops


def _weight(layer: Any, name: str, width: int, trainable: bool = True) -> keras.Variable:
    """Make a weight for each feature that is in full precision also where the layer is not."""
    start = "ones" if name in ("gamma", "variance") else "zeros"
    return layer.add_weight(
        shape=(width,), initializer=start, trainable=trainable, autocast=False, name=name
    )


@keras.saving.register_keras_serializable("jetline")
class RowNormalization(keras.layers.Layer):
    """Batch normalisation over the real rows of the whole batch.

    S. Ioffe, C. Szegedy, arXiv:1502.03167, with PyTorch's conventions: epsilon 1e-5, and running
    statistics that keep 0.9 of themselves a step and take up the unbiased variance.
    """

    epsilon = 1e-5
    momentum = 0.9

    def __init__(self, **kwargs: Any) -> None:
        # Values come as they are, whatever the precision of the network.
        super().__init__(autocast=False, **kwargs)

    def build(self, rows_shape: Any, real_shape: Any) -> None:
        """Make the weights."""
        width = rows_shape[-1]
        self.gamma, self.beta = _weight(self, "gamma", width), _weight(self, "beta", width)
        self.mean = _weight(self, "mean", width, trainable=False)
        self.variance = _weight(self, "variance", width, trainable=False)

    def call(self, rows: Any, real: Any, training: bool = False) -> Any:
        """Normalise the rows.

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
        # As Keras' own: frozen, it keeps its statistics, and normalises by them.
        if not (training and self.trainable):
            scale = self.gamma * ops.rsqrt(self.variance + self.epsilon)
            shift = self.beta - self.mean * scale
            return ops.cast(ops.cast(rows, self.variable_dtype) * scale + shift, rows.dtype)
        values, real, gamma, beta = (
            ops.cast(tensor, self.variable_dtype) for tensor in (rows, real, self.gamma, self.beta)
        )
        mean, variance, count = self._batch_statistics(ops.stop_gradient(values), real)
        normalised = _normalised(values, real / count, mean, variance + self.epsilon, gamma, beta)
        return ops.cast(normalised, rows.dtype)

    def _batch_statistics(self, values: Any, real: Any) -> Any:
        count = ops.maximum(ops.sum(real) * math.prod(values.shape[1:-1]), 1)
        mean = _sum_of_rows(values, real / count)
        variance = _sum_of_rows(ops.square(values - mean), real / count)
        unbiased = variance * count / ops.maximum(count - 1, 1)
        kept = self.momentum
        self.mean.assign(kept * self.mean + (1 - kept) * mean)
        self.variance.assign(kept * self.variance + (1 - kept) * unbiased)
        return mean, variance, count

    def compute_output_spec(self, rows: Any, real: Any, training: bool = False) -> Any:
        """Give the spec of the rows."""
        return keras.KerasTensor(rows.shape, rows.dtype)


def _sum_of_rows(values: Any, weights: Any) -> Any:
    """Sum (n_rows, ..., width) values to (width,): a matrix product is faster than a sum."""
    flat = ops.reshape(values, (-1, math.prod(values.shape[1:])))
    sums = ops.matmul(weights[None], flat)
    return ops.sum(ops.reshape(sums, (-1, values.shape[-1])), axis=0)


@ops.custom_gradient
def _normalised(values: Any, shares: Any, mean: Any, variance: Any, gamma: Any, beta: Any) -> Any:
    """Normalise values by their own batch's statistics, and differentiate through these.

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

    def gradients(*arguments: Any, upstream: Any = None) -> Any:
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
class LayerNormalization(keras.layers.Layer):
    """Normalisation over the features of each row: J. L. Ba et al., arXiv:1607.06450.

    With PyTorch's epsilon, 1e-5.
    """

    epsilon = 1e-5

    def __init__(self, **kwargs: Any) -> None:
        # As in `RowNormalization`.
        super().__init__(autocast=False, **kwargs)

    def build(self, rows_shape: Any) -> None:
        """Make the weights."""
        width = rows_shape[-1]
        self.gamma, self.beta = _weight(self, "gamma", width), _weight(self, "beta", width)

    def call(self, rows: Any) -> Any:
        """Normalise each row of an (n_rows, width) tensor."""
        values, gamma, beta = (
            ops.cast(tensor, self.variable_dtype) for tensor in (rows, self.gamma, self.beta)
        )
        return ops.cast(_normalised_features(values, gamma, beta, self.epsilon), rows.dtype)

    def compute_output_spec(self, rows: Any) -> Any:
        """Give the spec of the rows."""
        return keras.KerasTensor(rows.shape, rows.dtype)


def _normalised_features(values: Any, gamma: Any, beta: Any, epsilon: Any) -> Any:
    """Normalise (n_rows, width) values row by row; gamma and beta are (width,) tensors."""

    @ops.custom_gradient
    def normalised(values: Any, gamma: Any, beta: Any) -> Any:
        width = values.shape[-1]
        centred = values - ops.mean(values, axis=-1, keepdims=True)
        variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
        inverse = ops.rsqrt(variance + epsilon)
        standard = centred * inverse

        def gradients(*arguments: Any, upstream: Any = None) -> Any:
            if upstream is None:
                (upstream,) = arguments
            product = upstream * standard
            ones = ops.ones_like(upstream[:, 0])
            # Means over the features of upstream gamma, and of the same times the values.
            weights = gamma[:, None] / width
            mean, slope = ops.matmul(upstream, weights), ops.matmul(product, weights)
            of_values = (upstream * gamma - (standard * slope + mean)) * inverse
            return of_values, _sum_of_rows(product, ones), _sum_of_rows(upstream, ones)

        return standard * gamma + beta, gradients

    return normalised(values, gamma, beta)
