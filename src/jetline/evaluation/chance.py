"""The probability of a difference by chance, where its error is known from a few trainings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

_STEP = 0.35  # of ln z below, in widths of its density: the trapezoidal rule is exact to 1e-6
_LEFT_OUT = 18.0  # nodes reach to where the density is e**-18 of its largest


def probability(
    difference: ArrayLike, normal: ArrayLike, student: Sequence[tuple[ArrayLike, int]]
) -> np.ndarray:
    """Compute the two-sided probability of a difference at least as large if there is none.

    It is P(|e N + s_1 t_1 + s_2 t_2| >= |d|), N being normal and t_i Student's with their degrees
    of freedom: a Behrens-Fisher statistic (R. A. Fisher, Ann. Eugenics 6 (1935) 391) with one
    more error, which is known. An error that is known from two trainings has long tails here,
    however small it comes out. Welch and Satterthwaite's distribution shortens them where one of
    the estimates happens to be small, and then calls too much significant.

    Parameters
    ----------
    difference : (...) float array
        What was found, d.
    normal : (...) float array
        The error that is known well, e.
    student : sequence of (float array, int)
        Errors that are estimates, s_i, each with its degrees of freedom.

    Returns
    -------
    (...) float64 array
        Accurate to 1e-6.

    Notes
    -----
    Student's t is N / z, where z² is chi-squared by its degrees of freedom. Given all z the sum is
    normal, so that what is integrated is smooth and positive: over ln z, by the trapezoidal rule.
    """
    from scipy.special import ndtr

    variance, weight = np.square(np.asarray(normal, dtype=np.float64)), np.ones(())
    for error, freedom in student:
        inverse, density = _inverse_chi_squared(freedom)
        own = np.square(np.asarray(error, dtype=np.float64))
        axes = (1,) * weight.ndim
        variance = variance[..., None] + own.reshape(own.shape + axes + (1,)) * inverse
        weight = weight[..., None] * density
    distance = np.abs(np.asarray(difference, dtype=np.float64))
    distance = distance.reshape(distance.shape + (1,) * weight.ndim)
    with np.errstate(divide="ignore", invalid="ignore"):
        pull = np.where(distance == 0, 0.0, distance / np.sqrt(variance))
    return np.asarray((2 * ndtr(-pull) * weight).sum(axis=tuple(range(-weight.ndim, 0))))


def _inverse_chi_squared(freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """Give nodes 1 / z² and weights, z² being chi-squared by its degrees of freedom."""
    # The density of ln z is z**freedom exp(-freedom z² / 2), largest at z = 1.
    lowest = -0.5 - _LEFT_OUT / freedom
    highest = 0.5 * np.log(3.0 + 4 * _LEFT_OUT / freedom)
    logarithm = np.arange(lowest, highest, _STEP / np.sqrt(freedom))
    density = np.exp(freedom * (logarithm - np.expm1(2 * logarithm) / 2))
    return np.exp(-2 * logarithm), density / density.sum()
