"""Write validations of bundled jets in the workflow's layout."""

from __future__ import annotations

from pathlib import Path

from jetline.report.jets_page import draw_validation
from jetline.validation.dataset import write_validation
from jetline.validation.measurement import measure
from jetline.validation.measures import Sample, validation_rows

SAMPLE = Path(__file__).parents[2] / "resources/sample"


def write_validated(folder: Path, **numbers: int) -> list[Path]:
    """The validation of a dataset by each name, which holds one bundled file, by its number."""
    folders = []
    for name, number in numbers.items():
        sample = Sample([measure(SAMPLE / f"QG_jets_{number}.npz")])
        write_validation(sample, validation_rows(sample), folder / name)
        draw_validation(folder / name)
        folders.append(folder / name)
    return folders
