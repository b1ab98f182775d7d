"""The plots of a comparison, drawn from what trainings, evaluations and comparison have written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import read_json
from jetline.evaluation.one_class import only_class
from jetline.evaluation.seeds import Entry, Result, Training, entries
from jetline.records.comparison import ComparisonRecord, Row
from jetline.report import plots, style
from jetline.report.examination_plots import draw_examinations
from jetline.report.published_points import add_points, comparable, published_points

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from matplotlib.figure import Figure


def draw_comparison(
    comparison: Path,
    trainings: Sequence[Path],
    evaluations: Sequence[Path],
    output: Path,
    examinations: Sequence[Path] = (),
    configuration: Path | None = None,
) -> None:
    """Draw a comparison into a folder.

    Writes `learning-curves.png`, and for each dataset `roc-<dataset>.png`,
    `scores-<dataset>.png` and `auc-<dataset>.png`. Where test jets are of one class alone, the
    first and the last say so.

    Parameters
    ----------
    comparison : Path
        Folder that `write_comparison` wrote.
    trainings, evaluations : sequence of Path
        Folders that were compared.
    output : Path
        Folder to write into; it may be that of the comparison.
    examinations : sequence of Path
        Examinations of these trainings, to draw into the same folder.
    configuration : Path, optional
        The run's merged configuration, JSON, which tells where published figures may stand beside
        those of the run; they stand nowhere if it is not given.

    Raises
    ------
    JetlineError
        If a file is missing or broken, or the comparison is of other trainings.
    """
    compared = ComparisonRecord.read(Path(comparison) / "comparison.json")
    trained = [Training.read(path) for path in trainings]
    if {one.key for one in compared.trainings} != {one.record.key for one in trained}:
        raise JetlineError(
            str(Path(comparison) / "comparison.json"),
            found="a comparison of other trainings than those to draw",
            expected="the comparison of these trainings",
            remedy="compare them again",
        )
    found = entries(trained, [Result.read(path) for path in evaluations])
    beside = comparable(read_json(configuration)) if configuration else []
    for name, figure in draw(trained, found, compared, beside).items():
        style.save(figure, Path(output) / name)
    draw_examinations(examinations, output)


def draw(
    trained: list[Training],
    found: list[Entry],
    compared: ComparisonRecord,
    beside: Collection[str] = (),
) -> dict[str, Figure]:
    """Draw every plot of a comparison, by the name of its file.

    Published rejections stand beside those on the datasets `beside`.
    """
    look = style.styles(dict.fromkeys(one.record.label for one in trained))
    histories = [plots.LearningCurve(one.record.label, one.history) for one in trained]
    made = {"learning-curves.png": plots.learning_curves(histories, look)}
    for dataset in compared.datasets:
        chosen = [entry for entry in found if entry.dataset == dataset]
        rows = compared.rows_of(dataset)
        scores = [score_distribution(entry) for entry in chosen]
        made[f"scores-{dataset}.png"] = plots.score_distributions(scores, look)
        if kind := only_class(rows[0].test_jets):
            # Files that Snakemake has been promised before anybody knew of the jets.
            for name in ("roc", "auc"):
                words = f"{dataset} holds {kind} jets alone: this picture needs both classes"
                made[f"{name}-{dataset}.png"] = plots.in_place(words)
            continue
        rejections = [rejection_curve(entry) for entry in chosen]
        made[f"roc-{dataset}.png"] = plots.rejection_curves(rejections, look)
        told = {row.identity for row in rows} if dataset in beside else set()
        add_points(made[f"roc-{dataset}.png"], published_points(told))
        made[f"auc-{dataset}.png"] = plots.auc_points([auc_point(row) for row in rows], look)
    return made


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
        replicas=replicas,
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
