"""The files beside a report that hold its numbers and figures, to be linked from it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from jetline.report.figure_data import FIGURES
from jetline.report.latex import TABLE
from jetline.report.mean_images import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What the files of a comparison hold.
_OF_COMPARISON = {
    "comparison.csv": "the results, a row for each tagger and test dataset",
    "comparison.json": "the same with every seed, the differences, and where everything is from",
    TABLE: "the results as a table for LaTeX (booktabs)",
    FIGURES: "all that the figures of the comparison show, as NumPy arrays",
}
_OF_DATASET = {
    "validation.csv": "the jets of {dataset} beside the published ones",
    "validation.json": "the same with the distributions that the figure shows",
}
_OF_SCAN = {
    "trials.csv": "the trials of the scan of {label}, the best first",
    "best.yaml": "the best configuration of {label}, to paste",
    "scan.json": "all of that scan, and what its figure shows",
}

_OF_EXAMINATION = {
    "examination.json": "the taggers examined on {dataset}: all that its tables and figures show",
    "working-points.csv": "working points on {dataset}, by seed",
    "improvements.csv": "significance improvement on {dataset}",
    "bins.csv": "rejection in bins on {dataset}",
    "ensembles.csv": "ensembles over seeds on {dataset}",
    "calibrations.csv": "calibration on {dataset}",
    "classes.json": "the taggers examined by class on {dataset}: all that is shown of it",
    "separations.csv": "each class against each other and against the rest on {dataset}",
    "separation-differences.csv": "differences between taggers in these on {dataset}",
    "confusions.csv": "confusion matrices on {dataset}",
    "class-calibrations.csv": "calibration by class on {dataset}, by seed",
    "correlations.csv": "rank correlations of scores on {dataset}",
}


def data_files(
    comparison: Path,
    validations: Iterable[Path],
    output: Path,
    examinations: Iterable[Path] = (),
    images: Path | None = None,
    scans: Iterable[Path] = (),
    confusions: Iterable[Path] = (),
) -> dict[str, list[tuple[str, str]]]:
    """List the files of numbers and the figures as PDF, those that are there.

    Parameters
    ----------
    comparison : Path
        Folder of the comparison.
    validations : iterable of Path
        Folder of each dataset's validation.
    output : Path
        The report that they are linked from.
    examinations : iterable of Path
        `examination.json` or `classes.json` of each test dataset, its tables beside it.
    images : Path, optional
        The page on images, whose figures lie in the folder of its name.
    scans : iterable of Path
        Result of each scan.
    confusions : iterable of Path
        Data of confused pictures, the figures beside them.

    Returns
    -------
    dict of str to list of (str, str)
        ``numbers`` and ``figures``: each file's path relative to the report, and what it holds.
    """
    comparison, validations = Path(comparison), list(map(Path, validations))
    numbers = [(comparison / name, told) for name, told in _OF_COMPARISON.items()]
    numbers += [
        (folder / name, told.format(dataset=folder.name))
        for folder in validations
        for name, told in _OF_DATASET.items()
    ]
    numbers += [
        (path.with_name(name), told.format(dataset=path.parent.name))
        for path in map(Path, examinations)
        for name, told in _OF_EXAMINATION.items()
    ]
    of_scans = [Path(path).with_name(name) for path in scans for name in _OF_SCAN]
    numbers += [(path, _OF_SCAN[path.name].format(label=path.parent.name)) for path in of_scans]
    figures = [(path, path.stem) for path in sorted(comparison.glob("*.pdf"))]
    figures += [(folder / "distributions.pdf", f"jets of {folder.name}") for folder in validations]
    for path in map(Path, confusions):
        told = f"confused pictures of {path.stem.removeprefix('confused-')}, {path.parent.name}"
        numbers.append((path, told))
        figures.append((path.with_suffix(".pdf"), told))
    if images:
        shown = sorted(Path(images).with_suffix("").glob(f"*{DATA}"))
        numbers += [(path, f"mean images by the recipe {path.stem}") for path in shown]
        figures += [(path.with_suffix(".pdf"), f"mean images of {path.stem}") for path in shown]
    return {
        "numbers": _linked(numbers, output),
        "figures": _linked(figures, output),
    }


def _linked(files: list[tuple[Path, str]], output: Path) -> list[tuple[str, str]]:
    folder = Path(output).parent
    return [(os.path.relpath(path, folder), told) for path, told in files if path.is_file()]
