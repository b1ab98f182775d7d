"""Bootstrap over test jets: many resamples at once, and the intervals that they give.

B. Efron, Ann. Statist. 7 (1979) 1: resample the jets with replacement, as many as there are,
and take the spread of a figure of merit over the resamples for its error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.randomness import generator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jetline.evaluation.scored_jets import ScoredJets

TAIL = 0.158655
"""Probability outside the interval on either side: a Gaussian beyond one standard deviation."""

_BLOCK = 1_000_000  # jets drawn at a time, whatever the size of the test sample: about 60 MB


def resamples(jets: ScoredJets, seed: int, dataset: str, number: int) -> Iterator[ScoredJets]:
    """Draw bootstrap resamples that depend on seed, dataset and number of jets only.

    Parameters
    ----------
    jets : ScoredJets
        The sample, in the order that all taggers to be compared share.
    seed : int
        The configuration's seed.
    dataset : str
        Name of the test dataset.
    number : int
        Number of resamples.

    Yields
    ------
    ScoredJets
        Some of the resamples, as many as fit into memory together.
    """
    numbers = generator(seed, "bootstrap", dataset)
    at_once = max(1, _BLOCK // len(jets))
    for start in range(0, number, at_once):
        size = (min(at_once, number - start), len(jets))
        yield jets.resampled(numbers.integers(len(jets), size=size))


def central_interval(replicas: np.ndarray) -> tuple[float | None, float | None]:
    """Give the central 68.27 % interval of bootstrap replicas (percentile method).

    Parameters
    ----------
    replicas : (n_resamples,) float array
        NaN marks a resample in which the figure of merit is not defined, which is left out;
        infinity a rejection without any gluon jet.

    Returns
    -------
    low, high : float or None
        None for an end that is infinite, or if no replica is defined.
    """
    low, high = (
        float(end[0]) if np.isfinite(end[0]) else None for end in central_band(replicas[:, None])
    )
    return low, high


def central_band(replicas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the central interval of each column; ends not defined are infinite or NaN.

    Parameters
    ----------
    replicas : (n_resamples, n_columns) float array
        As for `central_interval`.

    Returns
    -------
    low, high : (n_columns,) float64 arrays
    """
    defined = replicas[~np.isnan(replicas).any(axis=1)]
    if len(defined) == 0:
        undefined = np.full(replicas.shape[1], np.nan)
        return undefined, undefined
    # Interpolating between two infinities gives NaN, hence an order statistic: the outer one,
    # so that the interval never covers less than it says.
    low = np.quantile(defined, TAIL, axis=0, method="lower")
    high = np.quantile(defined, 1 - TAIL, axis=0, method="higher")
    return low, high
