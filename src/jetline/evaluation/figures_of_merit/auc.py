"""Area under the ROC curve."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit

if TYPE_CHECKING:
    from jetline.evaluation.scored_jets import ScoredJets


def area_under_curve(jets: ScoredJets) -> np.ndarray:
    """Compute the chance that a quark jet scores above a gluon jet, ties counted half.

    That is the area under the ROC curve, as the Mann-Whitney statistic. Of more than two classes
    it is the mean over all pairs of classes, each told apart by p_a / (p_a + p_b). D. J. Hand,
    R. J. Till, Machine Learning 45 (2001) 171 rank the jets of a pair by p_a and by p_b and take
    the mean of both, which asks for less than what the probabilities say of the two.

    Returns
    -------
    (n_resamples,) float64 array
        NaN where the resample has no jet of one class.
    """
    if jets.classes > 2:
        pairs_of_classes = itertools.combinations(range(jets.classes), 2)
        areas = [area_under_curve(jets.between(b, a)) for a, b in pairs_of_classes]
        return np.asarray(np.mean(areas, axis=0))
    gluon, quark = jets.counts[:, 0], jets.counts[:, 1]
    twice_outscored = 2 * jets.passing[:, 1] - quark
    pairs = jets.numbers[:, 0] * jets.numbers[:, 1].astype(np.float64)
    wins = np.einsum("rs,rs->r", gluon, twice_outscored) / 2
    return np.divide(wins, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


AUC = FigureOfMerit(title="AUC", values=area_under_curve, place=2, compared="difference")
