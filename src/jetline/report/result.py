"""The result of a run as text: who won, and where the rest is."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from jetline.evaluation import display
from jetline.records.comparison import ComparisonRecord
from jetline.report.figures_of_merit import decisive_first, printed
from jetline.report.ranking import by_auc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jetline.records.comparison import Row


def result_of_run(
    folder: Path, width: int | None = None, letters: Callable[[str], str] = str
) -> list[str]:
    """Write the table of a run's taggers, and how to see more.

    Parameters
    ----------
    folder : Path
        The run's folder.
    width : int or None
        Columns that there are for the table, whose last columns are left out where they do not
        fit; None for any number.
    letters : callable
        Gives a text in letters that can be printed, which may be longer.

    Raises
    ------
    JetlineError
        If the comparison is missing or damaged.
    """
    comparison = ComparisonRecord.read(folder / "comparison" / "comparison.json")
    lines = []
    for dataset in comparison.datasets:
        classes = comparison.trainings[0].classes
        lines += [*_table(comparison.rows_of(dataset), classes, width, letters), ""]
    results = folder.parents[1]
    # What `make` has set up here, it also opens.
    made = Path(".venv/.ready").exists() and Path("Makefile").exists()
    pages = "make ui" if made else f"jetline ui {shlex.quote(str(results))}"
    return [
        *lines,
        f"Report:  {(folder / 'report.html').absolute()}",
        f"MLflow:  {pages}",
    ]


def _table(
    rows: list[Row], classes: Sequence[str], width: int | None, letters: Callable[[str], str]
) -> list[str]:
    """Write the table of one test dataset, best tagger first."""
    rows = by_auc(rows)
    figures = decisive_first(rows[0].figures, classes)
    columns = [["tagger", *(row.label for row in rows)]]
    columns += [
        [figures[name].full_title, *(printed(name, row.figures[name]) for row in rows)]
        for name in figures
    ]
    columns = [list(map(letters, column)) for column in columns]
    widths = [max(map(len, column)) for column in columns]
    fitting = len(columns)
    while width and fitting > 2 and 2 * fitting + sum(widths[:fitting]) > width:
        fitting -= 1
    seeds = {len(row.seeds) for row in rows}
    spread = " ± spread over the seeds" if seeds != {1} else ""
    more = "" if fitting == len(columns) else "; the report has more columns"
    jets = display.count(sum(rows[0].test_jets.values()))
    told = zip(*columns[:fitting], strict=True)
    cells = ([f"{cell:{room}}" for cell, room in zip(line, widths, strict=False)] for line in told)
    weighted = ", by their weights" if rows[0].test_effective else ""
    return [
        f"Taggers on the {jets} test jets of {rows[0].dataset}{weighted}, best first{more}",
        f"(mean ± error from the test sample{spread})",
        *("  " + "  ".join(line).rstrip() for line in cells),
    ]
