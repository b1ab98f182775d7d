"""The plots of a single training: those of a comparison, of this one alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jetline.evaluation.one_class import only_class
from jetline.evaluation.seeds import Result, Training, entries
from jetline.report import plots, style
from jetline.report.seeds_drawn import rejection_curve, score_distribution

if TYPE_CHECKING:
    from collections.abc import Sequence


def draw_training(training: Path, evaluations: Sequence[Path], output: Path) -> None:
    """Draw a training and its evaluations into a folder.

    Writes `learning-curve.png`, and of two classes for each test dataset `scores-<dataset>.png`
    and, where it holds jets of both, `roc-<dataset>.png`.

    Parameters
    ----------
    training : Path
        The training's folder.
    evaluations : sequence of Path
        Folders of its evaluations, one a test dataset.
    output : Path
        Folder to write into.

    Raises
    ------
    JetlineError
        If a file is missing or broken.
    """
    trained = Training.read(training)
    label = trained.record.label
    look = style.styles([label])
    learning = plots.LearningCurve(label, trained.history)
    figures = {"learning-curve.png": plots.learning_curves([learning], look)}
    # One score of a jet has a curve and a distribution, several have not.
    drawn = evaluations if len(trained.record.classes) == 2 else []
    for entry in entries([trained], [Result.read(path) for path in drawn]):
        scores = score_distribution(entry)
        figures[f"scores-{entry.dataset}.png"] = plots.score_distributions([scores], look)
        if not only_class(entry.results[0].record.jets.by_class):
            rejection = rejection_curve(entry)
            figures[f"roc-{entry.dataset}.png"] = plots.rejection_curves([rejection], look)
    for name, figure in figures.items():
        style.save(figure, Path(output) / name)
