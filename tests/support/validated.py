"""Write validations of bundled jets in the workflow's layout."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

from jetline.report.jets_page import draw_validation
from jetline.validation.dataset import write_validation
from jetline.validation.measurement import measure
from jetline.validation.measures import Sample, validation_rows

SAMPLE = Path(__file__).parents[2] / "resources/sample"


def write_validated(folder: Path, **numbers: int) -> list[Path]:
    """The validation of a dataset by each name, which holds one bundled file, by its number."""
    return [
        Path(shutil.copytree(Path(_validated(name, number).name) / name, folder / name))
        for name, number in numbers.items()
    ]


@functools.cache
def _validated(name: str, number: int) -> tempfile.TemporaryDirectory[str]:
    """Hold the validation of a bundled file, which all tests of a process draw but once."""
    made = tempfile.TemporaryDirectory()
    sample = Sample([measure(SAMPLE / f"QG_jets_{number}.npz")])
    write_validation(sample, validation_rows(sample), Path(made.name) / name)
    draw_validation(Path(made.name) / name)
    return made
