"""Logarithmic loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit

if TYPE_CHECKING:
    from jetline.evaluation.scored_jets import ScoredJets

_MARGIN = float(np.finfo(np.float32).eps)
"""Distance kept from scores of 0 and 1, which are float32."""


def cross_entropy(jets: ScoredJets) -> np.ndarray:
    """Compute the mean cross-entropy in nats, of two classes the binary one.

    Scores are kept away from 0 and 1 by the precision of float32, so that one certain and wrong
    jet does not make it infinite.

    Returns
    -------
    (n_resamples,) float64 array
    """
    if jets.classes > 2:
        own = jets.scores[np.arange(len(jets)), jets.labels]
        return jets.mean(-np.log(np.clip(own, _MARGIN, 1 - _MARGIN)))
    scores = np.clip(jets.thresholds, _MARGIN, 1 - _MARGIN)
    return jets.mean(-np.stack([np.log1p(-scores), np.log(scores)]))


LOG_LOSS = FigureOfMerit(
    title="Log loss",
    values=cross_entropy,
    place=5,
    better="lower",
    unit="nats",
    of_probabilities=True,
)
