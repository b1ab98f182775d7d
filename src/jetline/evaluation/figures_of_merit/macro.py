"""Mean over all classes of what tells each from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit
from jetline.evaluation.figures_of_merit.rejection import lower_bound

if TYPE_CHECKING:
    from jetline.evaluation.scored_jets import ScoredJets


def macro_rejection(efficiency: float, place: int) -> FigureOfMerit:
    """Make the figure of merit 1 / (mean over classes of ε_rest), the inverse of an efficiency.

    A class is kept by a cut on its own probability, at which ε_rest of all other jets pass. The
    mean of efficiencies is the harmonic one of rejections: a class that nothing else is taken for
    does not hide the others, as it would in a mean of rejections.

    Parameters
    ----------
    efficiency : float
        Efficiency of each class at which its ROC curve is read, in (0, 1].
    place : int
        Place among the columns of tables.
    """

    def values(jets: ScoredJets) -> np.ndarray:
        of_classes = [
            one.gluon_efficiency(np.array([efficiency]))[:, 0] for one in against_the_rest(jets)
        ]
        with np.errstate(divide="ignore"):
            return np.asarray(1 / np.mean(of_classes, axis=0))

    return FigureOfMerit(
        title="1/ε_rest",
        condition=f"at ε = {100 * efficiency:.4g} %, macro",
        values=values,
        place=place,
        bound=_bound,
        compared="logarithm",
        in_words=f"rejection of all other classes at {100 * efficiency:.4g} % efficiency",
        classes="more",
    )


def against_the_rest(jets: ScoredJets) -> list[ScoredJets]:
    """Take each class as the signal and all others as the background."""
    return [jets.between(number) for number in range(jets.classes)]


def _bound(jets: ScoredJets) -> tuple[float, None]:
    """Bound it where no jet of another class passes any cut, as `lower_bound` does for one."""
    efficiencies = [1 / lower_bound(one)[0] for one in against_the_rest(jets)]
    return float(1 / np.mean(efficiencies)), None
