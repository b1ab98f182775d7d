"""The plots of a comparison, drawn from what trainings, evaluations and comparison have written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.core.errors import JetlineError
from jetline.core.files import read_json, write_text
from jetline.evaluation.one_class import only_class
from jetline.evaluation.seeds import Entry, Result, Training, entries
from jetline.records.comparison import ComparisonRecord
from jetline.report import latex, plots, style
from jetline.report.examination_plots import draw_examinations
from jetline.report.figure_data import FIGURES, PUBLISHED, FigureData, Words
from jetline.report.published_points import comparable, published_points
from jetline.report.ranking import by_auc, ranked
from jetline.report.seeds_drawn import auc_point, rejection_curve, score_distribution

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from jetline.records.comparison import Row


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
    `scores-<dataset>.png` and `auc-<dataset>.png`, each as PDF too. Where test jets are of one
    class alone, the first and the last say so. Of more than two classes there is the last alone.
    `figures.npz` has all that they show, and `comparison.tex` the table.

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
    data = figure_data(trained, found, compared, beside)
    draw_data(data, output)
    data.write(Path(output) / FIGURES)
    write_text(Path(output) / latex.TABLE, latex.table(compared))
    draw_examinations(examinations, output, data.labels)


def draw_data(data: FigureData, output: Path) -> None:
    """Draw the figures of a comparison into a folder, each as PNG and as PDF."""
    for name, figure in data.drawn(style.styles(data.labels)).items():
        style.save_both(figure, Path(output) / f"{name}.png")


def figure_data(
    trained: list[Training],
    found: list[Entry],
    compared: ComparisonRecord,
    beside: Collection[str] = (),
) -> FigureData:
    """Collect what the figures of a comparison show, the best taggers first.

    Published rejections stand beside those on the datasets `beside`.
    """
    labels = ranked(compared)
    by_rank = sorted(trained, key=lambda one: labels.index(one.record.label))
    histories = [plots.LearningCurve(one.record.label, one.history) for one in by_rank]
    made: dict[str, tuple[str, list[Any]]] = {"learning-curves": ("learning_curves", histories)}
    for dataset in compared.datasets:
        chosen = [entry for entry in found if entry.dataset == dataset]
        rows = compared.rows_of(dataset)
        if len(compared.trainings[0].classes) > 2:
            made[f"auc-{dataset}"] = _auc(dataset, rows)
            continue
        in_order = sorted(chosen, key=lambda entry: labels.index(entry.label))
        scores = [score_distribution(entry) for entry in in_order]
        made[f"scores-{dataset}"] = "score_distributions", scores
        if kind := only_class(rows[0].test_jets):
            # Files that Snakemake has been promised before anybody knew of the jets.
            for name in ("roc", "auc"):
                words = f"{dataset} holds {kind} jets alone: this picture needs both classes"
                made[f"{name}-{dataset}"] = "in_place", [Words(words)]
            continue
        rejections = [rejection_curve(entry) for entry in chosen]
        made[f"roc-{dataset}"] = "rejection_curves", rejections
        told = {row.identity for row in rows} if dataset in beside else set()
        if points := published_points(told):
            made[f"roc-{dataset}{PUBLISHED}"] = "published_points", points
        made[f"auc-{dataset}"] = _auc(dataset, rows)
    return FigureData(labels, made)


def _auc(dataset: str, rows: list[Row]) -> tuple[str, list[Any]]:
    """Give the AUC of each tagger, where there is one."""
    if absent := [kind for kind, number in rows[0].test_jets.items() if not number]:
        words = f"{dataset} has no {' and no '.join(absent)} jets: this picture needs all classes"
        return "in_place", [Words(words)]
    return "auc_points", [auc_point(row) for row in by_auc(rows)]
