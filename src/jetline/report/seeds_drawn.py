"""What plots show of the seeds of one label, taken from evaluations and comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.report import plots

if TYPE_CHECKING:
    from jetline.evaluation.seeds import Entry
    from jetline.records.comparison import Row


def rejection_curve(entry: Entry) -> plots.RejectionCurve:
    """Take the mean rejection over seeds against quark efficiency, with its replicas."""
    curves = [result.curves for result in entry.results]
    with np.errstate(divide="ignore"):
        replicas = np.mean(
            [1 / curve.gluon_efficiency_replicas.astype(np.float64) for curve in curves], axis=0
        )
        single = [(curve.roc_quark_efficiency, 1 / curve.roc_gluon_efficiency) for curve in curves]
    return plots.RejectionCurve(
        label=entry.label,
        quark_efficiency=curves[0].quark_efficiency,
        rejection=np.mean([curve.rejection for curve in curves], axis=0),
        # As precise as those that were written, and half as large in `figures.npz`.
        replicas=replicas.astype(np.float32),
        single=single if len(single) > 1 else [],
    )


def score_distribution(entry: Entry) -> plots.ScoreDistribution:
    """Add up the score histograms of the seeds, by class."""
    curves = [result.curves for result in entry.results]
    return plots.ScoreDistribution(
        label=entry.label,
        edges=curves[0].score_edges,
        quark=np.sum([curve.score_quark for curve in curves], axis=0),
        gluon=np.sum([curve.score_gluon for curve in curves], axis=0),
    )


def auc_point(row: Row) -> plots.AucPoint:
    """Take the AUC of one label: mean over seeds, both errors, and each seed."""
    seeds = [one.figures["auc"].value for one in row.by_seed]
    area = row.figures["auc"]
    return plots.AucPoint(
        label=row.label,
        value=area.value if area.value is not None else np.nan,
        sample_error=area.sample_error if area.sample_error is not None else np.nan,
        seed_spread=area.seed_spread,
        seed_values=[value for value in seeds if value is not None],
    )
