"""Area under the ROC curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit

if TYPE_CHECKING:
    from jetline.evaluation.scored_jets import ScoredJets


def area_under_curve(jets: ScoredJets) -> np.ndarray:
    """Compute the chance that a quark jet scores above a gluon jet, ties counted half.

    That is the area under the ROC curve, as the Mann-Whitney statistic.

    Returns
    -------
    (n_resamples,) float64 array
        NaN where the resample has no jet of one class.
    """
    gluon, quark = jets.counts[:, 0], jets.counts[:, 1]
    twice_outscored = 2 * jets.passing[:, 1] - quark
    pairs = jets.numbers[:, 0] * jets.numbers[:, 1].astype(np.float64)
    wins = np.einsum("rs,rs->r", gluon, twice_outscored) / 2
    return np.divide(wins, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


AUC = FigureOfMerit(title="AUC", values=area_under_curve, place=2, compared="difference")
