"""What taggers of more than two classes reach by class, as the report shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.evaluation import display
from jetline.records.classes_examination import REST, ClassesExamination
from jetline.report.classes_plots import ASKED, PICTURES, cell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jetline.records.classes_examination import (
        Confusion,
        Separation,
        SeparationDifference,
    )
    from jetline.records.comparison import Summary


def content(
    examinations: Sequence[Path],
    pictures: Path,
    embedded: Callable[[Path], dict[str, Any]],
    ranked: Sequence[str],
) -> dict[str, Any]:
    """Collect what the template `examined_classes.html.j2` shows, ``by_class`` by dataset.

    Parameters
    ----------
    examinations : sequence of Path
        For each test dataset the file that `write_classes_examination` wrote.
    pictures : Path
        Folder that `classes_plots.draw_record` drew into.
    embedded : callable
        Gives a picture as the page holds it.
    ranked : sequence of str
        Labels, the best first.

    Raises
    ------
    JetlineError
        If a file is missing, broken, or of another version.
    """
    records = [ClassesExamination.read(Path(path)) for path in examinations]
    return {
        "by_class": [
            _shown(record, [label for label in ranked if label in record.labels])
            | {
                "images": {
                    name: embedded(pictures / f"{name}-{record.dataset}.png") for name in PICTURES
                }
            }
            for record in records
        ],
        "asked": ASKED,
        "summary": display.figure_of_merit,
        "percent": display.share,
        "short": short,
        "shade": shade,
        "class_difference": difference,
    }


def _shown(record: ClassesExamination, labels: Sequence[str]) -> dict[str, Any]:
    by_label = {label: _of_label(record, label) for label in labels}
    told = [number for number, name in enumerate(record.classes) if record.jets[name]]
    return {
        "dataset": record.dataset,
        "classes": record.classes,
        "present": [record.classes[number] for number in told],
        "jets": record.jets,
        "taggers": by_label,
        "several_seeds": any(len(seeds) > 1 for seeds in record.seeds.values()),
        "alt": _alternatives(record, labels[0]),
        "to_best": _to_best(record, labels),
    }


def _of_label(record: ClassesExamination, label: str) -> dict[str, Any]:
    """Give what is told of one tagger: its matrix of pairs, each class, what it is taken for."""
    own = [one for one in record.separations if one.label == label]
    pairs = {(one.signal, one.background): one for one in own}
    calibrated = {
        one.kind: one.mean.before for one in record.calibrations if one.mean.label == label
    }
    confusions = {one.asked: one for one in record.confusions if one.label == label}
    return {
        "rest": [(one, calibrated.get(one.signal)) for one in own if one.background == REST],
        "pairs": [
            [_pair_cell(pairs, row, column, record.classes) for column in record.classes]
            for row in record.classes
        ]
        if pairs
        else [],
        "confusions": [confusions[None], confusions[ASKED]],
    }


def _pair_cell(
    pairs: dict[tuple[str, str], Separation], row: str, column: str, classes: Sequence[str]
) -> tuple[str, Summary | None]:
    """Give the kind of a cell of the matrix of pairs, and what stands there."""
    first, second = classes.index(row), classes.index(column)
    if first == second:
        return "same", None
    one = pairs.get((row, column) if first > second else (column, row))
    if one is None:
        return "none", None
    return ("auc", one.auc) if first < second else ("rejection", one.rejection_50)


def short(summary: Summary) -> tuple[str, str]:
    """Print a figure in a narrow cell: the value, and its error from sample and seeds together."""
    if summary.value is None or summary.sample_error is None:
        return display.figure_of_merit(summary), ""
    error = float(np.hypot(summary.sample_error, summary.seed_spread or 0.0))
    if not error:
        return f"{summary.value:.4g}", ""
    value, told = display.with_errors(summary.value, [error]).split(" ± ")
    return value, told


def shade(share: Summary) -> str:
    """Give the style of a cell of a confusion matrix: the darker, the more jets."""
    value = share.value or 0.0
    ink = ";color:#fff" if value > 0.4 else ""
    return f"background:rgb(8 81 156/{np.sqrt(value):.2f}){ink}"


def difference(one: SeparationDifference) -> tuple[str, str]:
    """Print a difference and its error, of test sample and seeds in quadrature."""
    value, error = display.difference(
        one.difference, [one.error], logarithm=one.figure != "auc"
    ).split(" ± ")
    return value, error


def _to_best(record: ClassesExamination, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Give for each figure the differences between the best tagger and each other."""
    tables = []
    for of_rest in (True, False):
        for figure, heading in (("auc", "AUC"), ("rejection_50", "1/ε")):
            chosen = {
                (one.signal, one.background, *sorted((one.first, one.second))): one
                for one in record.differences
                if one.figure == figure and (one.background == REST) == of_rest
            }
            names = dict.fromkeys(key[:2] for key in chosen)
            lines = [
                (
                    pair,
                    [chosen.get((*pair, *sorted((labels[0], other)))) for other in labels[1:]],
                )
                for pair in names
            ]
            if lines:
                tables.append(
                    {"of_rest": of_rest, "heading": heading, "lines": lines, "others": labels[1:]}
                )
    return tables


def _alternatives(record: ClassesExamination, best: str) -> dict[str, str]:
    """Tell what the pictures show."""
    first = next(one for one in record.confusions if one.label == best and one.asked is None)
    rows = [
        f"{name} {_told(first, number, record.classes)}"
        for number, name in enumerate(record.classes)
        if record.jets[name]
    ]
    errors = [
        f"{one.kind} {display.figure_of_merit(one.mean.before)}"
        for one in record.calibrations
        if one.mean.label == best
    ]
    return {
        "confusion": f"Confusion matrices of {best} on {record.dataset}, in percent of the jets of "
        f"each class. By the highest probability: {'; '.join(rows)}.",
        "reliability": "Share of the jets of each class against its probability on "
        f"{record.dataset}. Calibration error of {best}: {'; '.join(errors)}.",
    }


def _told(shown: Confusion, number: int, classes: Sequence[str]) -> str:
    """Tell the two classes that jets of one are taken for most often."""
    row = shown.shares[number]
    largest = sorted(range(len(row)), key=lambda place: -(row[place].value or 0.0))[:2]
    return ", ".join(f"{cell(row[place], errors=False)} % as {classes[place]}" for place in largest)
