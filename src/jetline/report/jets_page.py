"""What the jets of a dataset are like, drawn and set side by side."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.observables.table import OBSERVABLES
from jetline.records.validation import Distribution, Quantity, ValidationRecord
from jetline.report import style
from jetline.validation import published
from jetline.validation.measures import DISTRIBUTIONS, KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

PICTURE = "distributions.png"

_LOOK: dict[str, dict[str, Any]] = {
    "quark": {"color": style.QUARK_COLOUR, "linestyle": "-"},
    "gluon": {"color": style.GLUON_COLOUR, "linestyle": "--"},
}


def read_validation(folder: Path) -> ValidationRecord:
    """Read the `validation.json` of a dataset's folder.

    Raises
    ------
    JetlineError
        If it is missing, broken, or of another version.
    """
    return ValidationRecord.read(Path(folder) / "validation.json")


def draw_validation(folder: Path) -> None:
    """Draw the distributions of a dataset, `distributions.png` and `.pdf` beside its numbers."""
    draw_record(read_validation(folder), Path(folder) / PICTURE)


def draw_record(record: ValidationRecord, picture: Path) -> None:
    """Draw the distributions of a dataset as a PNG, and a PDF beside it."""
    shown = {name: record.distributions[name] for name in DISTRIBUTIONS}
    title = record.dataset + (" (see the warnings in the report)" if record.warnings else "")
    style.save_both(draw_distributions(shown, title), picture)


@style.styled
def draw_distributions(distributions: dict[str, Distribution], title: str) -> Figure:
    """Draw the distribution of each observable by class, with bands of one statistical error.

    Dotted lines mark means that are published.
    """
    figure, axes_of = style.panels(len(distributions), 2.6)
    for axes, (name, shown) in zip(axes_of, distributions.items(), strict=True):
        edges = np.array(shown.edges)
        for kind in KINDS:
            counts = np.array(getattr(shown, kind))
            if not counts.any():
                continue
            scale = 1 / (counts.sum() * np.diff(edges))
            errors = getattr(shown, f"{kind}_error")
            density = counts * scale
            error = (np.sqrt(counts) if errors is None else np.array(errors)) * scale
            colour = _LOOK[kind]["color"]
            axes.stairs(
                density + error, edges, baseline=density - error, fill=True, color=colour, alpha=0.3
            )
            axes.stairs(density, edges, linewidth=1.2, label=kind, **_LOOK[kind])
            if name == "multiplicity":
                axes.axvline(published.MULTIPLICITY[kind][0], color=colour, linestyle=":", lw=1)
        observable = OBSERVABLES[name]
        axes.set_xlabel(observable.label + (f" [{observable.unit}]" if observable.unit else ""))
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(bottom=0)
    axes_of[0].plot([], [], color="0.4", linestyle=":", linewidth=1, label="published mean")
    axes_of[0].legend()
    figure.suptitle(style.literal(title))
    figure.supylabel("jets, normalised to 1 in each class", fontsize="medium")
    return figure


def side_by_side(validations: Sequence[Sequence[Quantity]]) -> list[dict[str, Any]]:
    """Set each quantity of several datasets side by side.

    Parameters
    ----------
    validations : sequence of sequences of Quantity
        What was measured of each dataset.

    Returns
    -------
    list of dict
        ``quantity`` and ``values``: for each dataset ``text``, empty where it was not measured,
        and ``standard_errors``, the difference from the first dataset in units of both samples'
        error (None for the first, and where one of them was not measured).
    """
    measured = [{row.quantity: row for row in rows} for rows in validations]
    names = dict.fromkeys(name for rows in measured for name in rows)
    lines = ((name, [rows.get(name) for rows in measured]) for name in names)
    return [
        {"quantity": name, "values": [_beside(rows[0], row) for row in rows]}
        for name, rows in lines
        if all(row.error for row in rows if row)
    ]


def _beside(first: Quantity | None, row: Quantity | None) -> dict[str, Any]:
    pull = _pull(first, row) if first and row and row is not first else None
    return {"text": row.cells[0] if row else "", "standard_errors": pull}


def _pull(first: Quantity, other: Quantity) -> float:
    return (other.measured - first.measured) / math.hypot(first.error, other.error)
