"""Draw figures again from the files that hold all that they show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.evaluation.classes_examination import CLASSES
from jetline.evaluation.examination import EXAMINATION
from jetline.records.classes_examination import ClassesExamination
from jetline.records.examination import Examination
from jetline.records.scan import ScanRecord
from jetline.records.validation import ValidationRecord
from jetline.report import classes_plots, examination_plots, jets_page, style
from jetline.report.comparison_plots import draw_data
from jetline.report.confused import Confused
from jetline.report.figure_data import FIGURES, FigureData
from jetline.report.mean_images import DATA, MeanImages
from jetline.report.scan_plot import draw_scan
from jetline.scans.conclusion import SCAN

if TYPE_CHECKING:
    from collections.abc import Sequence


def draw_again(data: Sequence[Path], output: Path) -> None:
    """Draw the figures whose data these files hold, each as PNG and as PDF.

    Parameters
    ----------
    data : sequence of Path
        `figures.npz` of a comparison; of datasets `examination.json`, of more than two classes
        `classes.json`, and `validation.json`, drawn as `distributions-<dataset>`; `scan.json` of
        scans; the mean images of recipes, drawn as `mean-images-<recipe>`, the recipe being the
        name of the file; and confused pictures, drawn as `confused-<dataset>-<label>`.
    output : Path
        Folder to write into.

    Raises
    ------
    JetlineError
        If a file is missing, broken, or holds something else; then nothing is drawn.
    """
    for path in data:
        if path.suffix not in (".npz", ".json"):
            raise JetlineError(
                str(path),
                found=f"a file whose name ends in {path.suffix or 'nothing'}",
                expected=f"{FIGURES} of a comparison, examination.json, {CLASSES} or "
                f"validation.json of a dataset, scan.json of a scan, or images/<recipe>{DATA}",
                remedy="name such a file",
            )
    arrays = [path for path in data if path.suffix == ".npz"]
    of_images = [path for path in arrays if MeanImages.are_in(path)]
    means = {path.stem: MeanImages.read(path) for path in of_images}
    of_pictures = [path for path in arrays if Confused.are_in(path)]
    confusions = {path.stem: Confused.read(path) for path in of_pictures}
    others = [path for path in arrays if path not in (*of_images, *of_pictures)]
    comparisons = [FigureData.read(path) for path in others]
    records = [path for path in data if path.suffix == ".json"]
    examinations = [Examination.read(path) for path in records if path.name == EXAMINATION]
    scans = [ScanRecord.read(path) for path in records if path.name == SCAN]
    by_class = [ClassesExamination.read(path) for path in records if path.name == CLASSES]
    others = [path for path in records if path.name not in (EXAMINATION, SCAN, CLASSES)]
    validations = [ValidationRecord.read(path) for path in others]
    for one in comparisons:
        draw_data(one, output)
    for examined in examinations:
        labels = comparisons[0].labels if comparisons else ()
        examination_plots.draw_record(examined, output, labels)
    for classes in by_class:
        labels = comparisons[0].labels if comparisons else ()
        classes_plots.draw_record(classes, output, labels)
    for scan in scans:
        draw_scan(scan, Path(output))
    for record in validations:
        jets_page.draw_record(record, Path(output) / f"distributions-{record.dataset}.png")
    for name, pictures in confusions.items():
        style.save_both(pictures.drawn(), Path(output) / f"{name}-{pictures.label}.png")
    for name, images in means.items():
        style.save_both(images.drawn(), Path(output) / f"mean-images-{name}.png")
