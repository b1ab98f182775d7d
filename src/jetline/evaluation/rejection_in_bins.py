"""Rejection in bins of an observable: where a tagger's power comes from, and where it ends."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation import bootstrap
from jetline.evaluation.figures_of_merit.rejection import rejection
from jetline.evaluation.scored_jets import ScoredJets
from jetline.evaluation.spread import spread
from jetline.evaluation.working_points import mean_efficiency, threshold_at
from jetline.records.comparison import Summary
from jetline.records.examination import BinnedRejection

if TYPE_CHECKING:
    from jetline.evaluation.shared_jets import SharedJets, TaggerScores

BINNED = ("pt", "rapidity", "multiplicity")
"""Observables whose bins are shown; of the rapidity the absolute value."""

QUARK_EFFICIENCY = 0.5

_MOST = 5  # bins
_LEAST = 50  # jets of the rarer class in a bin, on average
_FEWEST = 20  # jets of a class without which a bin has no rejection
_RESAMPLES = 300

_REJECTION = rejection(QUARK_EFFICIENCY, place=0)


def bin_edges(labels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Choose edges between which there are equally many jets.

    Parameters
    ----------
    labels : (n_jets,) integer array
        1 for quark, 0 for gluon.
    values : (n_jets,) float array
        The observable.

    Returns
    -------
    (n_bins + 1,) float64 array
        Rising; at most 5 bins, one where there are few jets. The last one has its upper edge.
    """
    quarks = int(np.count_nonzero(labels == 1))
    bins = min(max(min(quarks, len(labels) - quarks) // _LEAST, 1), _MOST)
    # Of the values that there are: an edge of an integer is an integer.
    edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1), method="nearest"))
    return edges if len(edges) > 1 else np.array([edges[0], edges[0]])


def rejections_in_bins(tested: SharedJets, seed: int) -> list[BinnedRejection]:
    """Give the rejection of each label in bins of each observable that was measured.

    In each bin it is read where half the quark jets of this bin pass, so that it tells what the
    tagger knows beyond the observable. Beside it stands what the cut that keeps half of all quark
    jets keeps in the bin.

    Parameters
    ----------
    tested : SharedJets
        Jets of both classes.
    seed : int
        The configuration's seed, from which the bootstrap draws.
    """
    found = []
    for name in BINNED:
        if name not in tested.observables:
            continue
        values = tested.observables[name]
        values = np.abs(values) if name == "rapidity" else values
        edges = bin_edges(tested.labels, values)
        places = np.digitize(values, edges[1:-1])
        for tagger in tested.taggers:
            passing = np.stack(
                [
                    scores >= threshold_at(tested.labels, scores, QUARK_EFFICIENCY, tested.weights)
                    for scores in tagger.scores
                ]
            )
            for place, (low, high) in enumerate(itertools.pairwise(edges)):
                chosen = places == place
                drawn_of = f"{tested.dataset}, {name} {place}"
                labels = tested.labels[chosen]
                weights = None if tested.weights is None else tested.weights[chosen]
                kinds = [labels == kind for kind in (1, 0)]
                quark, gluon = (
                    mean_efficiency(passing[:, chosen][:, kind], own) if kind.any() else None
                    for kind in kinds
                    for own in [None if weights is None else weights[kind]]
                )
                found.append(
                    BinnedRejection(
                        label=tagger.label,
                        observable=name,
                        low=float(low),
                        high=float(high),
                        quark_jets=int(kinds[0].sum()),
                        gluon_jets=int(kinds[1].sum()),
                        rejection=_rejection(labels, tagger, chosen, seed, drawn_of, weights),
                        quark=quark,
                        gluon=gluon,
                    )
                )
    return found


def _rejection(
    labels: np.ndarray,
    tagger: TaggerScores,
    chosen: np.ndarray,
    seed: int,
    drawn_of: str,
    weights: np.ndarray | None,
) -> Summary:
    """Take the mean over seeds with both errors, or a lower bound where no gluon jet passes.

    There is none where a class has hardly a jet.
    """
    unknown = Summary(value=None, low=None, high=None, sample_error=None, seed_spread=None)
    quarks = int(np.count_nonzero(labels == 1))
    if min(quarks, len(labels) - quarks) < _FEWEST:
        return unknown
    values, lows, replicas = [], [], []
    for scores in tagger.scores[:, chosen]:
        jets = ScoredJets.of(labels, scores, weights)
        value = float(_REJECTION.in_each(jets)[0])
        drawn = np.concatenate(
            [
                _REJECTION.in_each(resampled)
                for resampled in bootstrap.resamples(jets, seed, drawn_of, _RESAMPLES)
            ]
        )
        bound = _REJECTION.bound if np.isinf(value) else None
        lows.append(bound(jets)[0] if bound else bootstrap.central_interval(drawn)[0])
        values.append(value)
        replicas.append(drawn)
    if not np.isfinite(values).all():
        known = [low for low in lows if low is not None]
        return unknown.model_copy(update={"low": min(known, default=None)})
    low, high = bootstrap.central_interval(np.mean(replicas, axis=0))
    return Summary(
        value=float(np.mean(values)),
        low=low,
        high=high,
        sample_error=None if low is None or high is None else (high - low) / 2,
        seed_spread=spread(values) if len(values) > 1 else None,
    )
