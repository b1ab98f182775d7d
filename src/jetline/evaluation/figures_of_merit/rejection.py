"""Background rejection at a given signal efficiency."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.weights import effective_number
from jetline.evaluation.bootstrap import TAIL
from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit

if TYPE_CHECKING:
    from jetline.evaluation.scored_jets import ScoredJets


def rejection(quark_efficiency: float, place: int) -> FigureOfMerit:
    """Make the figure of merit ``1 / ε_g(ε_q)``, the inverse gluon efficiency.

    It is infinite where no gluon jet passes; `ScoredJets.gluon_efficiency` says how it is read.

    Parameters
    ----------
    quark_efficiency : float
        Quark efficiency at which to read the ROC curve, in (0, 1].
    place : int
        Place among the columns of tables.
    """

    def values(jets: ScoredJets) -> np.ndarray:
        return inverse_efficiency(jets, quark_efficiency)

    return FigureOfMerit(
        title="1/ε_g",
        condition=f"at ε_q = {100 * quark_efficiency:.4g} %",
        values=values,
        place=place,
        bound=lower_bound,
        # An efficiency of few jets has errors that are alike in its logarithm.
        compared="logarithm",
        in_words=f"gluon rejection at {100 * quark_efficiency:.4g} % quark efficiency",
        inverse=f"gluon_efficiency_{100 * quark_efficiency:.4g}",
        classes="two",
    )


def inverse_efficiency(jets: ScoredJets, quark_efficiency: float) -> np.ndarray:
    """Compute the rejection in each resample of two classes, (n_resamples,)."""
    with np.errstate(divide="ignore"):
        return 1 / jets.gluon_efficiency(np.array([quark_efficiency]))[:, 0]


def lower_bound(jets: ScoredJets) -> tuple[float, None]:
    """Bound the rejection where no gluon jet of the sample passes.

    Every resample lacks gluon jets too, so the bootstrap cannot bound it; the binomial limit for
    none out of n_gluon can (C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404).

    Returns
    -------
    low, high : float, None
        There is no upper end.
    """
    n_gluon = float(jets.numbers[0, 0])
    if jets.of_jets is not None:
        n_gluon = effective_number(jets.of_jets[jets.labels == 0])
    return float(1 / -np.expm1(np.log(TAIL) / n_gluon)), None
