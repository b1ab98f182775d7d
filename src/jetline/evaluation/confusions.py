"""What the jets of each class are taken for: by the highest probability, and by cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation.working_points import QUARK_EFFICIENCIES, mean_efficiency, threshold_at
from jetline.records.classes_examination import Confusion
from jetline.records.comparison import Summary

if TYPE_CHECKING:
    from jetline.evaluation.shared_jets import TaggerScores

EFFICIENCIES = QUARK_EFFICIENCIES
"""Efficiencies of the classes at which cuts are made."""

_NONE = Summary(value=None, low=None, high=None, sample_error=None, seed_spread=None)


def confusions(
    labels: np.ndarray, tagger: TaggerScores, weights: np.ndarray | None = None
) -> list[Confusion]:
    """Give every confusion matrix of a label, that by the highest probability first.

    Parameters
    ----------
    labels : (n_jets,) integer array
        Number of each jet's class.
    tagger : TaggerScores
        Scores (n_seeds, n_jets, n_classes) of these jets.
    weights : (n_jets,) float array, optional
        Of each jet.
    """
    numbers = np.arange(tagger.scores.shape[2])
    called = tagger.scores.argmax(axis=2)[:, :, None] == numbers
    found = [
        Confusion(
            label=tagger.label, asked=None, thresholds=[], shares=_rows(labels, called, weights)
        )
    ]
    for asked in EFFICIENCIES:
        # A threshold that nothing reaches, where a class has no jets to place it by.
        thresholds = np.array(
            [
                [
                    threshold_at(labels == number, scores[:, number], asked, weights)
                    if (labels == number).any()
                    else np.inf
                    for number in numbers
                ]
                for scores in tagger.scores
            ]
        )
        passing = tagger.scores >= thresholds[:, None]
        cut = np.isfinite(thresholds[0])
        means = thresholds.mean(axis=0)
        found.append(
            Confusion(
                label=tagger.label,
                asked=asked,
                thresholds=[float(mean) if np.isfinite(mean) else None for mean in means],
                shares=[
                    [share if there else _NONE for share, there in zip(row, cut, strict=True)]
                    for row in _rows(labels, passing, weights)
                ],
            )
        )
    return found


def _rows(
    labels: np.ndarray, called: np.ndarray, weights: np.ndarray | None
) -> list[list[Summary]]:
    """Give the share of each class's jets that is called each, (n_seeds, n_jets, n_classes)."""
    rows = []
    for true in range(called.shape[2]):
        own = labels == true
        of_class = None if weights is None else weights[own]
        rows.append(
            [
                mean_efficiency(called[:, own, other], of_class) if own.any() else _NONE
                for other in range(called.shape[2])
            ]
        )
    return rows
