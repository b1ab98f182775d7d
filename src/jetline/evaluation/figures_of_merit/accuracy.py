"""Accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit

if TYPE_CHECKING:
    from jetline.evaluation.scored_jets import ScoredJets


def accuracy(jets: ScoredJets) -> np.ndarray:
    """Compute the share of jets classified correctly, a quark being what scores at least 0.5.

    Of more than two classes a jet is called what has the highest probability, of equal ones the
    first.

    Returns
    -------
    (n_resamples,) float64 array
    """
    if jets.classes > 2:
        return jets.mean(jets.scores.argmax(axis=1) == jets.labels)
    n_called = np.count_nonzero(jets.thresholds >= 0.5)
    called = jets.passing[:, :, n_called - 1] if n_called else np.zeros_like(jets.numbers)
    correct = jets.numbers[:, 0] - called[:, 0] + called[:, 1]
    return correct / jets.numbers.sum(axis=1)


ACCURACY = FigureOfMerit(
    title="Accuracy",
    values=accuracy,
    place=1,
    of_one_class="the efficiency of {kind} jets at the threshold, the share of them that is called "
    "{kind}: calling every jet {kind} would give 1",
)
