"""Tables of figures of merit in Markdown, as MLflow's pages show them in descriptions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jetline.core.classes import QUARK_GLUON
from jetline.evaluation import display
from jetline.evaluation.figures_of_merit import FIGURES_OF_MERIT
from jetline.report import figures_of_merit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jetline.records.comparison import Row
    from jetline.records.evaluation import Estimate

#: What follows a table with several seeds.
ERRORS = "± error from the test sample (68 %) ± spread over seeds"

#: What is shown of each tagger of a comparison.
_SHOWN = ("auc", "accuracy", "rejection_50", "rejection_30")


def figures_table(
    tested: Mapping[str, Mapping[str, Estimate]], classes: Sequence[str] = QUARK_GLUON
) -> str:
    """Write figures of merit with their errors as a table in Markdown.

    Parameters
    ----------
    tested : mapping
        Test dataset to figures of merit by name.
    classes : sequence of str
        Names of the classes by number.
    """
    names: Iterable[str] = dict.fromkeys(name for one in tested.values() for name in one)
    rows = [["", *tested]]
    for name, one in figures_of_merit.shown(names, classes).items():
        printed = [
            figures_of_merit.printed(name, figures[name]) if name in figures else display.MISSING
            for figures in tested.values()
        ]
        rows.append([one.full_title, *printed])
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def taggers_table(dataset: str, rows: Sequence[Row], classes: Sequence[str] = QUARK_GLUON) -> str:
    """Write the taggers on one dataset as a table in Markdown, the best AUC first.

    Parameters
    ----------
    dataset : str
        Name of the test dataset.
    rows : sequence of Row
        One for each label.
    classes : sequence of str
        Names of the classes by number.
    """
    names = [name for name in _SHOWN if all(name in row.figures for row in rows)]
    titles = [FIGURES_OF_MERIT[name].named(classes).full_title for name in names]
    lines = ["| tagger | seeds | " + " | ".join(titles) + " |", "|" + " --- |" * (len(names) + 2)]
    for row in sorted(rows, key=lambda row: -(row.figures["auc"].value or -math.inf)):
        printed = [figures_of_merit.printed(name, row.figures[name]) for name in names]
        lines.append(f"| {row.label} | {len(row.seeds)} | " + " | ".join(printed) + " |")
    return f"**{dataset}**\n\n" + "\n".join(lines)
