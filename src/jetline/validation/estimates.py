"""Estimates from samples of jets, each with its standard error."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def mean_and_deviation(values: np.ndarray) -> tuple[float, float, float, float]:
    """Compute mean, its standard error, standard deviation, its standard error, of (n,) values.

    The deviation's error is ``sqrt((m4 - s^4) / n) / (2 s)``, with ``m4`` the fourth central
    moment (M. G. Kendall, A. Stuart, The Advanced Theory of Statistics, volume 1, section 10.8):
    multiplicities are no Gaussian.
    """
    values = values.astype(np.float64)
    n = len(values)
    mean, deviation = values.mean(), values.std(ddof=1)
    fourth = np.mean((values - mean) ** 4)
    spread = math.sqrt(max(fourth - deviation**4, 0) / n) / (2 * deviation) if deviation else 0.0
    return float(mean), float(deviation / math.sqrt(n)), float(deviation), spread


def species_fractions(
    species: np.ndarray, multiplicities: np.ndarray, strata: Sequence[np.ndarray]
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

    Returns
    -------
    fractions, errors : (n_species,) float arrays
        The fractions add up to 1.
    """
    constituents = multiplicities.astype(np.float64)
    particles = sum(constituents[kind].mean() for kind in strata)
    fractions = sum(species[kind].mean(axis=0) for kind in strata) / particles
    variances = np.zeros(len(fractions))
    for place, fraction in enumerate(fractions):  # one by one, to spare memory
        residuals = species[:, place] - fraction * constituents
        variances[place] = sum(residuals[kind].var(ddof=1) / kind.sum() for kind in strata)
    return fractions, np.maximum(np.sqrt(variances) / particles, 1 / constituents.sum())


def area_under_roc(signal: np.ndarray, background: np.ndarray) -> tuple[float, float]:
    """Compute the chance that signal scores above background, ties half, and its standard error.

    The area is the Mann-Whitney statistic; its error is that of E. R. DeLong, D. M. DeLong,
    D. L. Clarke-Pearson, Biometrics 44 (1988) 837, by mid-ranks as X. Sun, W. Xu,
    IEEE Signal Process. Lett. 21 (2014) 1389, equations 5 to 10.

    Parameters
    ----------
    signal : (n,) array
        Scores of two signal jets or more.
    background : (m,) array
        Scores of two background jets or more.
    """
    n, m = len(signal), len(background)
    ranks = _mid_ranks(np.concatenate([signal, background]))
    # For each signal jet the share of background below it, and the reverse.
    above = (ranks[:n] - _mid_ranks(signal)) / m
    below = 1 - (ranks[n:] - _mid_ranks(background)) / n
    error = math.sqrt(above.var(ddof=1) / n + below.var(ddof=1) / m)
    return float(above.mean()), error


def _mid_ranks(values: np.ndarray) -> np.ndarray:
    """Rank (n,) values, from 1; ties share the mean of their ranks."""
    _, inverse, sizes = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(sizes) - (sizes - 1) / 2)[inverse]
