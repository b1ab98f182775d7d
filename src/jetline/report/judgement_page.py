"""The page on drawn jets: how far they are from the truth, beside as many true jets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.core.files import read_arrays, write_text
from jetline.evaluation import display
from jetline.records.judgement import Judgement
from jetline.report import page, style
from jetline.report.judgement_plots import drawn_beside_true

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jetline.records.judgement import Estimate, JudgedRow


def write_judgements(files: Sequence[Path], output: Path, figures: Path | None = None) -> None:
    """Write the page on drawn jets.

    Parameters
    ----------
    files : sequence of Path
        ``judgement.json`` of each dataset of drawn jets, in a folder of its name, with
        ``distributions.npz`` beside it.
    output : Path
        The HTML file to write.
    figures : Path, optional
        Folder for the figures too, `<dataset>-<class>.png` and `.pdf`.

    Raises
    ------
    JetlineError
        If a judgement is missing, damaged or of another version.
    """
    sections = []
    for file in map(Path, files):
        record = Judgement.read(file)
        arrays = read_arrays(file.with_name("distributions.npz"))
        dataset, pictures = file.parent.name, []
        for of in map(str, arrays["of"]):
            figure = drawn_beside_true(arrays, of)
            if figures:
                style.save_both(figure, figures / f"{dataset}-{of}.png")
            picture = page.embedded(style.png(figure))
            pictures.append({"of": of, "alt": _in_words(record, of), **picture})
        sections.append(
            {
                "dataset": dataset,
                "record": record,
                "pictures": pictures,
                "tables": _tables(record),
                "true_jets": _true_jets(record),
            }
        )
    filters: dict[str, Callable[..., str]] = {"count": display.count, "estimate": _estimate}
    write_text(output, page.render("judgement_page.html.j2", filters, sections=sections))


def _tables(record: Judgement) -> list[dict[str, Any]]:
    """Give a table for each group: of each quantity a row, with a cell for all and each class."""
    kinds = list(dict.fromkeys(row.of for row in record.rows))
    kinds = [kind for kind in kinds if kind == "all"] + [kind for kind in kinds if kind != "all"]
    groups: dict[str, dict[str, dict[str, JudgedRow]]] = {}
    for row in record.rows:
        groups.setdefault(row.group, {}).setdefault(_title(row), {})[row.of] = row
    return [
        {
            "group": group,
            "kinds": kinds,
            "rows": [
                {"title": title, "cells": [by_kind.get(kind) for kind in kinds]}
                for title, by_kind in rows.items()
            ],
        }
        for group, rows in groups.items()
    ]


def _title(row: JudgedRow) -> str:
    return row.label + (f" [{row.unit}]" if row.unit else "")


def _true_jets(record: Judgement) -> float:
    """Count the true jets that were trained on, for each drawn one."""
    drawn, trained = (sum(jets.values()) for jets in (record.jets.drawn, record.jets.training))
    return trained / drawn


def _estimate(one: Estimate) -> str:
    return display.with_errors(one.value, [one.error or None])


def _in_words(record: Judgement, of: str) -> str:
    """Tell in words what a picture shows."""
    rows = [row for row in record.rows if row.of == of]
    differ = [row.label for row in rows if row.verdict == "differs" and row.group == "observables"]
    what = "all jets" if of == "all" else f"{of} jets"
    told = f"most different in {', '.join(differ[:4])}" if differ else "alike within the errors"
    return f"Distributions of drawn and true {what} with their ratio; {told}."
