"""Area under the ROC curve of each class against all others, the mean over classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation.figures_of_merit.auc import area_under_curve
from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit
from jetline.evaluation.figures_of_merit.macro import against_the_rest

if TYPE_CHECKING:
    from jetline.evaluation.scored_jets import ScoredJets


def mean_area(jets: ScoredJets) -> np.ndarray:
    """Compute the mean over classes of the AUC by p_a of that class against all other jets.

    How many jets of each class there are weighs in the rest, but not in the mean.

    Returns
    -------
    (n_resamples,) float64 array
        NaN where the resample has no jet of one class.
    """
    return np.asarray(np.mean([area_under_curve(one) for one in against_the_rest(jets)], axis=0))


MACRO_AUC = FigureOfMerit(
    title="AUC",
    condition="against the rest, macro",
    values=mean_area,
    place=6,
    compared="difference",
    in_words="AUC against the rest",
    classes="more",
)
