"""Distances between two samples of jets, as functions of the jets' weights in both.

Each function here takes what is known of the jets of both samples, one after the other, and gives
a `jetline.generative.resampling.Comparison`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from jetline.generative.resampling import Comparison

_JETS_AT_ONCE = 2000

#: Jets of a sample that the kernel distance compares with each other; JetNet's batches have 5,000.
KERNEL_JETS = 5000


def wasserstein(values: np.ndarray) -> Comparison:
    """Compare by the 1-Wasserstein distance of each column, ``integral |F - G| dx``.

    That form is S. S. Vallender's, Theory Probab. Appl. 18 (1974) 784.

    Parameters
    ----------
    values : (n_jets, n_quantities) float64 array
    """
    order = np.argsort(values, axis=0, kind="stable")
    steps = np.diff(np.take_along_axis(values, order, axis=0), axis=0)

    def distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        apart = first - second
        columns = [
            np.abs(np.cumsum(apart[:, places[:-1]], axis=1)) @ steps[:, column]
            for column, places in enumerate(order.T)
        ]
        return np.stack(columns, axis=1)

    return distance


def wasserstein_of_constituents(counts: csr_array, widths: np.ndarray) -> Comparison:
    """Compare distributions of constituents by the 1-Wasserstein distance, the jet being the unit.

    Values are known to the width of a bin, which enters the distance of smooth distributions at
    second order alone.

    Parameters
    ----------
    counts : (n_jets, n_quantities * n_bins) sparse array
        Constituents of each jet in the bins of each quantity.
    widths : (n_quantities,) float64 array
        Width of the bins.

    Returns
    -------
    Comparison
        0 where neither sample has a constituent, infinite where one has none.
    """
    turned = counts.T.tocsr()

    def shares(weights: np.ndarray) -> np.ndarray:
        found = (turned @ weights.T).T.reshape(len(weights), len(widths), -1)
        total = found.sum(axis=2, keepdims=True)
        return np.divide(found, total, out=np.zeros_like(found), where=total > 0)

    def distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        one, other = shares(first), shares(second)
        apart = np.abs(np.cumsum(one - other, axis=2)).sum(axis=2) * widths
        only_one = one.any(axis=2) != other.any(axis=2)
        return np.where(only_one, np.inf, apart)

    return distance


def share_differences(counts: np.ndarray) -> Comparison:
    """Compare the shares of columns in all constituents: first less second.

    Parameters
    ----------
    counts : (n_jets, n_columns) array
        Constituents of each column in each jet.
    """

    def difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        one, other = first @ counts, second @ counts
        return one / one.sum(axis=1, keepdims=True) - other / other.sum(axis=1, keepdims=True)

    return difference


def correlation_differences(values: np.ndarray, true: np.ndarray) -> Comparison:
    """Compare matrices of rank correlations: mean and largest absolute difference of a pair.

    Ranks are those among true jets (C. Spearman, Am. J. Psychol. 15 (1904) 72), since one jet far
    out, as ratios have them, moves a linear correlation.

    Parameters
    ----------
    values : (n_jets, n_columns) float64 array
    true : (n_true, n_columns) float64 array
        Jets whose ranks count.
    """
    ordered = np.sort(true, axis=0)
    columns = list(zip(ordered.T, values.T, strict=True))
    ranks = [
        np.stack([np.searchsorted(one, other, side) for one, other in columns], axis=1)
        for side in ("left", "right")
    ]
    # Between -1 and 1, so that no digits are lost; equal values share the mean of their ranks.
    scaled = (ranks[0] + ranks[1]) / len(true) - 1
    upper = np.triu_indices(values.shape[1], 1)

    def correlations(weights: np.ndarray) -> np.ndarray:
        _, covariance = moments(scaled, weights)
        squares = np.diagonal(covariance, axis1=1, axis2=2)
        # Of ranks that are all the same nothing is left but rounding.
        own = np.sqrt(np.where(squares > 1e-12, squares, 0))
        size = own[:, :, None] * own[:, None, :]
        found = np.divide(covariance, size, out=np.zeros_like(size), where=size > 0)
        return found[:, upper[0], upper[1]]

    def difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        apart = np.abs(correlations(first) - correlations(second))
        return np.stack([apart.mean(axis=1), apart.max(axis=1)], axis=1)

    return difference


def moments(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give means (n_samples, n_columns) and unbiased covariances (.., n_columns, n_columns).

    Parameters
    ----------
    values : (n_jets, n_columns) float64 array
        Near 0, so that no digits are lost.
    weights : (n_samples, n_jets) array
        Rows add up to 1.
    """
    columns = values.shape[1]
    upper = np.triu_indices(columns)
    mean = weights @ values
    squares = np.zeros((len(weights), len(upper[0])))
    for start in range(0, len(values), _JETS_AT_ONCE):
        block = values[start : start + _JETS_AT_ONCE]
        products = block[:, upper[0]] * block[:, upper[1]]
        squares += weights[:, start : start + _JETS_AT_ONCE] @ products
    covariance = np.empty((len(weights), columns, columns))
    covariance[:, upper[0], upper[1]] = squares
    covariance[:, upper[1], upper[0]] = squares
    covariance -= mean[:, :, None] * mean[:, None, :]
    number = np.count_nonzero(weights, axis=1)[:, None, None]
    return mean, covariance * (number / np.maximum(number - 1, 1))


def frechet(features: np.ndarray) -> Comparison:
    """Compare by the Fréchet distance ``|m - m'|^2 + Tr(C + C' - 2 (C C')^(1/2))``.

    Of the means and covariances of features (arXiv:2211.10295, equation 1). JetNet draws batches of
    n jets with replacement and extrapolates them to 1/n = 0. A batch of infinitely many jets drawn
    with replacement is the sample itself: the whole samples' distance is that limit, without the
    noise of the batches.

    Parameters
    ----------
    features : (n_jets, n_features) float64 array
    """
    centred = features - features.mean(axis=0)

    def distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        mean, covariance = moments(centred, first)
        other_mean, other_covariance = moments(centred, second)
        size, axes = np.linalg.eigh(covariance)
        root = (axes * np.sqrt(np.maximum(size, 0))[:, None]) @ axes.transpose(0, 2, 1)
        # The eigenvalues of C C' are those of the symmetric C^(1/2) C' C^(1/2).
        product = np.linalg.eigvalsh(root @ other_covariance @ root)
        traces = np.trace(covariance + other_covariance, axis1=1, axis2=2)
        crossed = np.sqrt(np.maximum(product, 0)).sum(axis=1)
        apart = ((mean - other_mean) ** 2).sum(axis=1)
        return np.asarray(apart + traces - 2 * crossed)[:, None]

    return distance


def kernel(features: np.ndarray) -> Comparison:
    """Compare by the kernel physics distance (arXiv:2211.10295, equation 2).

    That is the unbiased squared maximum mean discrepancy with the kernel ``(x y / d + 1)^4`` for d
    features; less than 0 by chance where the samples are alike. JetNet takes the median of batches
    of 5,000 jets, of which the expectation is the same.

    Parameters
    ----------
    features : (n_jets, d) float64 array
    """
    scaled = features / features.shape[1]
    own = kernel_values((features * scaled).sum(axis=1))

    def distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        both = np.concatenate([first, second]).T
        seen = np.empty((len(features), both.shape[1]))
        for start in range(0, len(features), _JETS_AT_ONCE):
            block = scaled[start : start + _JETS_AT_ONCE] @ features.T
            seen[start : start + _JETS_AT_ONCE] = kernel_values(block) @ both
        of_first, of_second = np.split(seen, 2, axis=1)

        def within(weights: np.ndarray, seen: np.ndarray) -> np.ndarray:
            """Average the kernel over pairs of different jets."""
            squares = weights.T**2
            pairs = (weights.T * seen).sum(axis=0) - own @ squares
            return np.asarray(pairs / (1 - squares.sum(axis=0)))

        across = (first.T * of_second).sum(axis=0)
        return (within(first, of_first) + within(second, of_second) - 2 * across)[:, None]

    return distance


def kernel_values(products: np.ndarray) -> np.ndarray:
    """Turn scalar products over the number of features into the polynomial kernel of degree 4.

    In their place, since they are many.
    """
    products += 1
    np.square(products, out=products)
    return np.square(products, out=products)


def kernel_of_shift(features: np.ndarray, shift: float) -> float:
    """Give the kernel distance of jets from themselves, each feature shifted.

    Parameters
    ----------
    features : (n_jets, d) float64 array
    shift : float
        In units of each feature's standard deviation.
    """
    both = np.concatenate([features, features + shift * features.std(axis=0)])
    values = kernel_values(both @ both.T / features.shape[1])
    # Of the same jets on both sides: the pairs of a jet with itself cancel, and stay in the means.
    apart = np.repeat([1, -1], len(features)) / len(features)
    return float(apart @ values @ apart)


def scaled_by(features: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Bring features to the scale of the largest of each among true jets, as JetNet does."""
    largest = np.abs(true).max(axis=0)
    return features / np.where(largest > 0, largest, 1)


def mean_picture_difference(pictures: np.ndarray) -> Comparison:
    """Compare mean pictures: sum over pixels of the absolute difference, over the second's sum.

    Parameters
    ----------
    pictures : (n_jets, n_pixels) float array
    """

    def difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        other = second @ pictures
        total = np.abs(other).sum(axis=1)
        apart = np.abs(first @ pictures - other).sum(axis=1)
        return np.divide(apart, total, out=np.full(len(apart), np.inf), where=total > 0)[:, None]

    return difference
