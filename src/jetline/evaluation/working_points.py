"""Working points: where to cut on a score, and what the cut keeps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation.spread import spread
from jetline.records.comparison import Summary
from jetline.records.examination import Efficiency, MeanWorkingPoint, WorkingPoint

if TYPE_CHECKING:
    from jetline.evaluation.shared_jets import TaggerScores

QUARK_EFFICIENCIES = (0.3, 0.5, 0.7)
"""Quark efficiencies of the working points."""


def threshold_at(labels: np.ndarray, scores: np.ndarray, quark_efficiency: float) -> float:
    """Give the largest score at which a cut keeps at least this share of the quark jets.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon; at least one is a quark.
    scores : (n_jets,) float array
        Quark probability.
    quark_efficiency : float
        In (0, 1].
    """
    quarks = np.sort(scores[labels == 1])[::-1]
    # Rounded to a millionth of a jet: 0.07 * 100 is more than 7 in floating point.
    wanted = math.ceil(round(quark_efficiency * len(quarks), 6))
    return float(quarks[max(wanted, 1) - 1])


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


def efficiency(passing: np.ndarray) -> Efficiency:
    """Count the jets that pass, a (n_jets,) bool array of at least one jet."""
    kept = int(np.count_nonzero(passing))
    share = kept / len(passing)
    low, high = wilson(share, len(passing))
    return Efficiency(value=share, low=low, high=high, kept=kept, lost=len(passing) - kept)


def mean_efficiency(passing: np.ndarray) -> Summary:
    """Take the mean of an efficiency over seeds, with both errors.

    All seeds judge the same jets, so a jet counts by the share of seeds that keep it: the
    variance of that share over jets is what the test sample contributes, and gives the number of
    jets that an efficiency of one seed would need for the same error.

    Parameters
    ----------
    passing : (n_seeds, n_jets) bool array
        Which jets each seed keeps.
    """
    by_jet, by_seed = passing.mean(axis=0), passing.mean(axis=1)
    share, variance = float(by_jet.mean()), float(by_jet.var())
    number = passing.shape[1]
    binomial = share * (1 - share)
    low, high = wilson(share, number * binomial / variance if variance > 0 else number)
    return Summary(
        value=share,
        low=low,
        high=high,
        sample_error=(high - low) / 2,
        # Equal shares differ by rounding alone.
        seed_spread=round(spread(by_seed), 12) if len(by_seed) > 1 else None,
    )


def working_points(labels: np.ndarray, tagger: TaggerScores) -> list[WorkingPoint]:
    """Give every working point of each training of a label, on test jets of both classes."""
    return [
        WorkingPoint(
            label=tagger.label,
            seed=seed,
            asked=asked,
            threshold=(threshold := threshold_at(labels, scores, asked)),
            quark=efficiency(scores[labels == 1] >= threshold),
            gluon=efficiency(scores[labels == 0] >= threshold),
        )
        for asked in QUARK_EFFICIENCIES
        for seed, scores in zip(tagger.seeds, tagger.scores, strict=True)
    ]


def mean_working_points(labels: np.ndarray, tagger: TaggerScores) -> list[MeanWorkingPoint]:
    """Give every working point of a label, means over seeds."""
    found = []
    for asked in QUARK_EFFICIENCIES:
        thresholds = np.array([threshold_at(labels, scores, asked) for scores in tagger.scores])
        passing = tagger.scores >= thresholds[:, None]
        found.append(
            MeanWorkingPoint(
                label=tagger.label,
                asked=asked,
                threshold=float(thresholds.mean()),
                quark=mean_efficiency(passing[:, labels == 1]),
                gluon=mean_efficiency(passing[:, labels == 0]),
            )
        )
    return found
