"""The plots of an examination, drawn from its data alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jetline.evaluation.classes_examination import CLASSES
from jetline.evaluation.one_class import only_class
from jetline.records.classes_examination import ClassesExamination
from jetline.records.examination import Examination
from jetline.report import classes_plots, plots, style
from jetline.report.bins_plot import rejections_in_bins
from jetline.report.calibration_plot import reliability_diagrams
from jetline.report.correlations_plot import correlation_maps
from jetline.report.improvement_plot import improvement_curves
from jetline.report.ranking import in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

PICTURES = ("calibration", "improvement", "bins", "correlations")
"""What is drawn of each test dataset: the first part of the file's name."""


def draw_examinations(
    examinations: Sequence[Path], output: Path, ranked: Sequence[str] = ()
) -> None:
    """Draw the examination of each test dataset into a folder.

    Writes a picture of each of `PICTURES`, such as `calibration-<dataset>.png`, and a PDF beside
    it. Where test jets are of one class alone, pictures that need both say so. Of more than two
    classes it writes those of `classes_plots`.

    Parameters
    ----------
    examinations : sequence of Path
        Files that `examination.write_examination` or
        `classes_examination.write_classes_examination` wrote.
    output : Path
        Folder to write into.
    ranked : sequence of str
        Labels in the order of their colours and places; without them that of the run.

    Raises
    ------
    JetlineError
        If a file is missing, broken, or of another version.
    """
    for path in map(Path, examinations):
        if path.name == CLASSES:
            classes_plots.draw_record(ClassesExamination.read(path), output, ranked)
        else:
            draw_record(Examination.read(path), output, ranked)


def draw_record(record: Examination, output: Path, ranked: Sequence[str] = ()) -> None:
    """Draw one examination into a folder, as `draw_examinations` does."""
    for name, figure in draw(record, ranked).items():
        style.save_both(figure, Path(output) / f"{name}-{record.dataset}.png")


def draw(record: Examination, ranked: Sequence[str] = ()) -> dict[str, Figure]:
    """Draw every plot of an examination, by its place in `PICTURES`."""
    record = in_order(record, ranked)
    look = style.styles(ranked or record.labels)
    made = {"correlations": correlation_maps(record.correlations, record.labels)}
    if kind := only_class(record.jets):
        words = f"{record.dataset} holds {kind} jets alone: this picture needs both classes"
        return {name: plots.in_place(words) for name in PICTURES} | made
    return made | {
        "calibration": reliability_diagrams(record.mean_calibrations, look),
        "improvement": improvement_curves(record.improvement_curves, look),
        "bins": rejections_in_bins(record.bins, look)
        if record.bins
        else plots.in_place("nothing was measured of these jets to put them into bins by"),
    }
