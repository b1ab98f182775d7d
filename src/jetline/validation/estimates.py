"""Estimates from samples of jets, each with its standard error."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.weights import effective_number

if TYPE_CHECKING:
    from collections.abc import Sequence


def mean_and_deviation(
    values: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, float, float, float]:
    """Compute mean, its standard error, standard deviation, its standard error, of (n,) values.

    The deviation's error is ``sqrt((m4 - s^4) / n) / (2 s)``, with ``m4`` the fourth central
    moment (M. G. Kendall, A. Stuart, The Advanced Theory of Statistics, volume 1, section 10.8):
    multiplicities are no Gaussian. With weights n is the effective number (sum w)^2 / sum w^2, and
    the mean's error that of a ratio of sums.

    Parameters
    ----------
    values : (n,) array
        Two or more.
    weights : (n,) array, optional
        Of each; their sum is positive. All count the same if not given.
    """
    values = values.astype(np.float64)
    own = _ones_or(weights, len(values))
    number = effective_number(own)
    mean = float(np.average(values, weights=own))
    squares = (values - mean) ** 2
    # Less than nothing only where negative weights leave it to chance.
    variance = max(float(np.average(squares, weights=own)), 0.0) * number / max(number - 1, 1e-9)
    deviation = math.sqrt(variance)
    fourth = max(float(np.average(squares**2, weights=own)) - variance**2, 0.0)
    spread = math.sqrt(fourth / number) / (2 * deviation) if deviation else 0.0
    return mean, math.sqrt(_variance_of_mean(values, own)), deviation, spread


def _ones_or(weights: np.ndarray | None, number: int) -> np.ndarray:
    return np.ones(number) if weights is None else weights.astype(np.float64)


def _variance_of_mean(values: np.ndarray, own: np.ndarray) -> float:
    """Give the square of the standard error of a weighted mean, with n - 1 in place of n."""
    apart = own * (values - np.average(values, weights=own))
    number = len(values)
    return float((apart**2).sum() / own.sum() ** 2 * number / (number - 1))


def species_fractions(
    species: np.ndarray,
    multiplicities: np.ndarray,
    strata: Sequence[np.ndarray],
    weights: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the share of each species in all particles, and its standard error.

    Kinds of jets count as they would in equal numbers. Particles of one jet are not independent,
    so the jet is the unit that varies: this is the combined ratio estimate of a stratified sample
    (W. G. Cochran, Sampling Techniques, 3rd edition, section 6.11). The error of a share is no
    less than one particle.

    Parameters
    ----------
    species : (n_jets, n_species) integer array
        Constituents of each species.
    multiplicities : (n_jets,) array
        Constituents of all species.
    strata : sequence of (n_jets,) bool arrays
        The jets of each kind, two or more.
    weights : (n_jets,) array, optional
        Of each jet; all count the same if not given.

    Returns
    -------
    fractions, errors : (n_species,) float arrays
        The fractions add up to 1.
    """
    constituents = multiplicities.astype(np.float64)
    own = _ones_or(weights, len(constituents))

    def mean(values: np.ndarray, kind: np.ndarray) -> np.ndarray:
        return np.asarray(np.average(values[kind], axis=0, weights=own[kind]))

    particles = sum(mean(constituents, kind) for kind in strata)
    fractions = np.asarray(sum(mean(species, kind) for kind in strata) / particles)
    variances = np.zeros(len(fractions))
    for place, fraction in enumerate(fractions):  # one by one, to spare memory
        residuals = species[:, place] - fraction * constituents
        variances[place] = sum(_variance_of_mean(residuals[kind], own[kind]) for kind in strata)
    return fractions, np.maximum(np.sqrt(variances) / particles, 1 / constituents.sum())


def area_under_roc(
    signal: np.ndarray,
    background: np.ndarray,
    weights: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[float, float]:
    """Compute the chance that signal scores above background, ties half, and its standard error.

    The area is the Mann-Whitney statistic; its error is that of E. R. DeLong, D. M. DeLong,
    D. L. Clarke-Pearson, Biometrics 44 (1988) 837.

    Parameters
    ----------
    signal : (n,) array
        Scores of two signal jets or more.
    background : (m,) array
        Scores of two background jets or more.
    weights : ((n,) array, (m,) array), optional
        Of both, each with a positive sum; all count the same if not given.
    """
    of_signal, of_background = weights or (np.ones(len(signal)), np.ones(len(background)))
    of_signal, of_background = of_signal.astype(np.float64), of_background.astype(np.float64)
    # For each signal jet the share of background below it, and the reverse.
    above = _share_below(signal, background, of_background)
    below = 1 - _share_below(background, signal, of_signal)
    error = math.sqrt(_variance_of_mean(above, of_signal) + _variance_of_mean(below, of_background))
    return float(np.average(above, weights=of_signal)), error


def _share_below(values: np.ndarray, others: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give for each value the weighted share of others below it, (n,); equal ones count half."""
    order = np.argsort(others, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(weights[order])])
    places = [np.searchsorted(others[order], values, side) for side in ("left", "right")]
    return np.asarray((sums[places[0]] + sums[places[1]]) / (2 * sums[-1]))
