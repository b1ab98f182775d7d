"""Working points: where to cut on a score, and what the cut keeps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.weights import effective_number
from jetline.evaluation.spread import spread
from jetline.records.comparison import Summary
from jetline.records.examination import Efficiency, MeanWorkingPoint, WorkingPoint

if TYPE_CHECKING:
    from jetline.evaluation.shared_jets import TaggerScores

QUARK_EFFICIENCIES = (0.3, 0.5, 0.7)
"""Quark efficiencies of the working points."""


def threshold_at(
    labels: np.ndarray,
    scores: np.ndarray,
    quark_efficiency: float,
    weights: np.ndarray | None = None,
) -> float:
    """Give the largest score at which a cut keeps at least this share of the quark jets.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon; at least one is a quark.
    scores : (n_jets,) float array
        Quark probability.
    quark_efficiency : float
        In (0, 1].
    weights : (n_jets,) float array, optional
        Of each jet.
    """
    if weights is not None:
        return _weighted_threshold(scores[labels == 1], quark_efficiency, weights[labels == 1])
    quarks = np.sort(scores[labels == 1])[::-1]
    # Rounded to a millionth of a jet: 0.07 * 100 is more than 7 in floating point.
    wanted = math.ceil(round(quark_efficiency * len(quarks), 6))
    return float(quarks[max(wanted, 1) - 1])


def _weighted_threshold(scores: np.ndarray, efficiency: float, weights: np.ndarray) -> float:
    order = np.argsort(-scores, kind="stable")
    # The most so far, since negative weights make fewer pass again.
    passing = np.maximum.accumulate(np.cumsum(weights[order], dtype=np.float64))
    wanted = efficiency * weights.sum(dtype=np.float64) * (1 - 1e-12)  # less by rounding
    return float(scores[order][min(np.searchsorted(passing, wanted), len(scores) - 1)])


def wilson(share: float, number: float) -> tuple[float, float]:
    """Give the interval of one standard deviation of a share (E. B. Wilson, JASA 22 (1927) 209).

    Unlike the Gaussian one it stays within 0 and 1, and has a width where the share is 0 or 1.

    Parameters
    ----------
    share : float
        Share of the jets that pass.
    number : float
        Of the jets, above 0.
    """
    middle = share + 1 / (2 * number)
    half = math.sqrt(share * (1 - share) / number + 1 / (4 * number**2))
    low, high = ((middle + sign * half) / (1 + 1 / number) for sign in (-1, 1))
    # Rounding must not put the share itself outside.
    return min(max(low, 0.0), share), max(min(high, 1.0), share)


def efficiency(passing: np.ndarray, weights: np.ndarray | None = None) -> Efficiency:
    """Take the share of jets that pass, a (n_jets,) bool array of at least one jet.

    With weights it is the share of their sum; `kept` and `lost` count jets all the same.
    """
    kept = int(np.count_nonzero(passing))
    share, number = kept / len(passing), float(len(passing))
    if weights is not None:
        share, number = _weighted(passing, weights)
    low, high = wilson(share, number)
    return Efficiency(value=share, low=low, high=high, kept=kept, lost=len(passing) - kept)


def _weighted(by_jet: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Take the weighted mean of shares, and how many jets of one training have its error.

    Negative weights must not bring it outside of 0 and 1.
    """
    share = min(max(float(np.average(by_jet, weights=weights)), 0.0), 1.0)
    # A jet of weight w adds w^2 times its own scatter to the square of the error.
    squares = np.asarray(weights, np.float64) ** 2
    variance = float(np.average((by_jet - share) ** 2, weights=squares))
    number = effective_number(weights)
    return share, number * share * (1 - share) / variance if variance > 0 else number


def mean_efficiency(passing: np.ndarray, weights: np.ndarray | None = None) -> Summary:
    """Take the mean of an efficiency over seeds, with both errors.

    All seeds judge the same jets, so a jet counts by the share of seeds that keep it: the
    variance of that share over jets is what the test sample contributes, and gives the number of
    jets that an efficiency of one seed would need for the same error.

    Parameters
    ----------
    passing : (n_seeds, n_jets) bool array
        Which jets each seed keeps.
    weights : (n_jets,) float array, optional
        Of each jet; where they have no positive sum, there is no efficiency.
    """
    if weights is not None and weights.sum() <= 0:
        return Summary(value=None, low=None, high=None, sample_error=None, seed_spread=None)
    by_jet, by_seed = passing.mean(axis=0), np.average(passing, axis=1, weights=weights)
    share, variance, number = float(by_jet.mean()), float(by_jet.var()), float(passing.shape[1])
    if weights is not None:
        share, number = _weighted(by_jet, weights)
    elif variance > 0:
        number *= share * (1 - share) / variance
    low, high = wilson(share, number)
    return Summary(
        value=share,
        low=low,
        high=high,
        sample_error=(high - low) / 2,
        # Equal shares differ by rounding alone.
        seed_spread=round(spread(by_seed), 12) if len(by_seed) > 1 else None,
    )


def working_points(
    labels: np.ndarray, tagger: TaggerScores, weights: np.ndarray | None = None
) -> list[WorkingPoint]:
    """Give every working point of each training of a label, on test jets of both classes."""

    def of_class(label: int) -> np.ndarray | None:
        return None if weights is None else weights[labels == label]

    return [
        WorkingPoint(
            label=tagger.label,
            seed=seed,
            asked=asked,
            threshold=(threshold := threshold_at(labels, scores, asked, weights)),
            quark=efficiency(scores[labels == 1] >= threshold, of_class(1)),
            gluon=efficiency(scores[labels == 0] >= threshold, of_class(0)),
        )
        for asked in QUARK_EFFICIENCIES
        for seed, scores in zip(tagger.seeds, tagger.scores, strict=True)
    ]


def mean_working_points(
    labels: np.ndarray, tagger: TaggerScores, weights: np.ndarray | None = None
) -> list[MeanWorkingPoint]:
    """Give every working point of a label, means over seeds."""
    own = [None if weights is None else weights[labels == label] for label in (0, 1)]
    found = []
    for asked in QUARK_EFFICIENCIES:
        thresholds = np.array(
            [threshold_at(labels, scores, asked, weights) for scores in tagger.scores]
        )
        passing = tagger.scores >= thresholds[:, None]
        found.append(
            MeanWorkingPoint(
                label=tagger.label,
                asked=asked,
                threshold=float(thresholds.mean()),
                quark=mean_efficiency(passing[:, labels == 1], own[1]),
                gluon=mean_efficiency(passing[:, labels == 0], own[0]),
            )
        )
    return found
