"""Draw figures again from the files that hold all that they show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.records.validation import ValidationRecord
from jetline.report.comparison_plots import draw_data
from jetline.report.examination_plots import draw_examinations
from jetline.report.figure_data import FIGURES, FigureData
from jetline.report.jets_page import draw_record

if TYPE_CHECKING:
    from collections.abc import Sequence


def draw_again(data: Sequence[Path], output: Path) -> None:
    """Draw the figures whose data these files hold, each as PNG and as PDF.

    Parameters
    ----------
    data : sequence of Path
        `figures.npz` of a comparison, `examination.json` or `validation.json` of datasets, the
        latter drawn as `distributions-<dataset>`.
    output : Path
        Folder to write into.

    Raises
    ------
    JetlineError
        If a file is missing, broken, or holds something else; then nothing is drawn.
    """
    comparisons = [FigureData.read(path) for path in data if path.suffix == ".npz"]
    examinations = [path for path in data if path.name == "examination.json"]
    others = [path for path in data if path.suffix == ".json" and path not in examinations]
    validations = [ValidationRecord.read(path) for path in others]
    for path in data:
        if path.suffix not in (".npz", ".json"):
            raise JetlineError(
                str(path),
                found=f"a file whose name ends in {path.suffix or 'nothing'}",
                expected=f"{FIGURES} of a comparison, or examination.json or validation.json of a "
                "dataset",
                remedy="name such a file",
            )
    for one in comparisons:
        draw_data(one, output)
    draw_examinations(examinations, output, comparisons[0].labels if comparisons else ())
    for record in validations:
        draw_record(record, Path(output) / f"distributions-{record.dataset}.png")
