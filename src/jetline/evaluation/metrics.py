"""All figures of merit of a tagger on a test sample, with the errors that the sample gives them.

Of two classes a label is 1 for a quark jet (signal) and 0 for a gluon jet (background), and a score
is the tagger's quark probability. Of more classes a label is the number of one, and there is a
probability for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation import bootstrap
from jetline.evaluation.figures_of_merit import in_order
from jetline.evaluation.scored_jets import ScoredJets
from jetline.records.evaluation import Estimate

if TYPE_CHECKING:
    from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit

EFFICIENCY_GRID = np.arange(1, 101) / 100
"""Quark efficiencies at which the rejection curve and its replicas are kept."""


@dataclass(frozen=True)
class Evaluation:
    """What one tagger reaches on one test sample.

    Attributes
    ----------
    estimates : dict of Estimate
        Each figure of merit by name, in the order of tables.
    replicas : (n_resamples, n_figures) float64 array
        The figures of merit in each bootstrap resample, in the same order. A rejection is
        infinite where no gluon jet passes; what needs both classes is NaN where the resample has
        no jet of one.
    gluon_efficiency : (100,) float64 array
        Gluon efficiency at the quark efficiencies `EFFICIENCY_GRID`; NaN where all jets are of
        one class. Of more than two classes there are none, (0,).
    gluon_efficiency_replicas : (n_resamples, 100) float64 array
        The same in each resample, or (n_resamples, 0).
    """

    estimates: dict[str, Estimate]
    replicas: np.ndarray
    gluon_efficiency: np.ndarray
    gluon_efficiency_replicas: np.ndarray


def evaluate(
    labels: np.ndarray,
    scores: np.ndarray,
    seed: int,
    dataset: str,
    resamples: int = 1000,
    weights: np.ndarray | None = None,
) -> Evaluation:
    """Compute every figure of merit of one tagger, with intervals from one bootstrap.

    The resamples depend on `seed`, `dataset` and the number of jets only. Taggers evaluated on
    the same jets in the same order therefore see the same resamples, and the replicas of two of
    them can be subtracted.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon, or the number of the class of more than two. If there are no jets
        of one class, what needs all has no value.
    scores : (n_jets,) or (n_jets, n_classes) float array
        Quark probability in [0, 1], or that of each class.
    seed : int
        The configuration's seed.
    dataset : str
        Name of the test dataset.
    resamples : int
        Number of bootstrap resamples.
    weights : (n_jets,) float array, optional
        Of each jet, which a resample draws with it; all count the same if not given.

    Raises
    ------
    ValueError
        If there are no jets.
    """
    jets = ScoredJets.of(labels, scores, weights)
    figures_of_merit = in_order(jets.classes)
    grid = EFFICIENCY_GRID if jets.classes == 2 else EFFICIENCY_GRID[:0]
    blocks = [
        (
            np.column_stack([one.in_each(drawn) for one in figures_of_merit.values()]),
            _gluon_efficiency(drawn, grid),
        )
        for drawn in bootstrap.resamples(jets, seed, dataset, resamples)
    ]
    replicas, efficiencies = (np.concatenate(column) for column in zip(*blocks, strict=True))
    return Evaluation(
        estimates={
            name: _estimate(one, jets, column)
            for (name, one), column in zip(figures_of_merit.items(), replicas.T, strict=True)
        },
        replicas=replicas,
        gluon_efficiency=_gluon_efficiency(jets, grid)[0],
        gluon_efficiency_replicas=efficiencies,
    )


def _gluon_efficiency(jets: ScoredJets, grid: np.ndarray) -> np.ndarray:
    return jets.gluon_efficiency(grid) if len(grid) else np.empty((len(jets.weights), 0))


def _estimate(of: FigureOfMerit, jets: ScoredJets, replicas: np.ndarray) -> Estimate:
    value = float(of.in_each(jets)[0])
    return estimate(value, replicas, of.bound(jets) if of.bound and np.isinf(value) else None)


def estimate(
    value: float, replicas: np.ndarray, bound: tuple[float | None, float | None] | None = None
) -> Estimate:
    """Take the value on the sample, and the interval from the replicas or, if infinite, the bound.

    Parameters
    ----------
    value : float
        NaN if it is not defined.
    replicas : (n_resamples,) float array
        The same in each resample.
    bound : (float or None, float or None), optional
        Both ends of the interval of an infinite value.
    """
    if bound and np.isinf(value):
        return Estimate.of(None, *bound)
    finite = value if np.isfinite(value) else None
    return Estimate.of(finite, *bootstrap.central_interval(replicas))


def roc_curve(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute the receiver operating characteristic, one point for each distinct score.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark (signal), 0 for gluon (background).
    scores : (n_jets,) float array
        Tagger output; larger means more quark-like. Ties share one threshold.
    weights : (n_jets,) float array, optional
        Of each jet.

    Returns
    -------
    quark_efficiency, gluon_efficiency, threshold : (n_distinct + 1,) float64 arrays
        Fractions of jets with score >= threshold. The first threshold is infinite, where
        nothing passes; at the last everything passes.

    Raises
    ------
    ValueError
        If one class is missing.
    """
    jets = ScoredJets.of(labels, scores, weights)
    if not jets.complete.all():
        raise ValueError(f"all {len(jets)} jets are of one class")
    passing = np.concatenate([np.zeros((2, 1)), jets.passing[0]], axis=1)
    gluon_efficiency, quark_efficiency = passing / passing[:, -1:]
    return quark_efficiency, gluon_efficiency, np.concatenate([[np.inf], jets.thresholds])
