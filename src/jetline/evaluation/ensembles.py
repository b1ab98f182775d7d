"""The ensemble over seeds: the mean of the scores of all trainings of a label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation import bootstrap, metrics
from jetline.evaluation.figures_of_merit.auc import area_under_curve
from jetline.evaluation.scored_jets import ScoredJets
from jetline.records.evaluation import Estimate
from jetline.records.examination import Ensemble

if TYPE_CHECKING:
    from jetline.evaluation.shared_jets import SharedJets, TaggerScores


def ensembles(tested: SharedJets, seed: int) -> list[Ensemble]:
    """Evaluate the ensemble of each label of several seeds, on the resamples that all share.

    Parameters
    ----------
    tested : SharedJets
        Jets of one class alone are evaluated for what they can tell.
    seed : int
        The configuration's seed, from which the bootstrap draws.
    """
    return [_ensemble(tested, one, seed) for one in tested.taggers if len(one.seeds) > 1]


def _ensemble(tested: SharedJets, tagger: TaggerScores, seed: int) -> Ensemble:
    evaluation = metrics.evaluate(
        tested.labels, tagger.ensemble, seed, tested.dataset, weights=tested.weights
    )
    gain = None
    if tagger.curves and not tested.only_class:
        own = evaluation.replicas[:, list(evaluation.estimates).index("auc")]
        single = np.mean([one.replicas_of("auc") for one in tagger.curves], axis=0)
        low, high = bootstrap.central_interval(own - single)
        gain = Estimate.of(_gain(tested, tagger), low, high)
    return Ensemble(
        label=tagger.label,
        seeds=len(tagger.seeds),
        figures=evaluation.estimates,
        gain=gain,
    )


def _gain(tested: SharedJets, tagger: TaggerScores) -> float:
    """Subtract the mean of the seeds' AUC from the ensemble's."""
    together, *apart = (
        float(area_under_curve(ScoredJets.of(tested.labels, scores, tested.weights))[0])
        for scores in (tagger.ensemble, *tagger.scores)
    )
    return together - float(np.mean(apart))
