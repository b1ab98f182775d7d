"""What the jets of a dataset are like: validation and distributions, written and read back."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import read_json, write_json, write_text
from jetline.observables.table import OBSERVABLES
from jetline.report import style
from jetline.validation import published
from jetline.validation.measures import DISTRIBUTIONS, KINDS, Sample
from jetline.validation.verdicts import Row, summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURE = "distributions.png"

_BINS = 40
_SHOWN = 0.998
_FIELDS = tuple(field.name for field in dataclasses.fields(Row))
_DERIVED = ("difference", "standard_errors", "status", "verdict")
_LOOK = {
    "quark": {"color": style.QUARK_COLOUR, "linestyle": "-"},
    "gluon": {"color": style.GLUON_COLOUR, "linestyle": "--"},
}


def write_validation(sample: Sample, rows: Sequence[Row], output: Path) -> None:
    """Write a dataset's validation into `output`, a folder of the dataset's name.

    Writes `validation.json` (the figures with their verdicts, the distributions),
    `validation.csv` (the figures) and `distributions.png`.
    """
    output = Path(output)
    distributions = {name: distribution(sample, name) for name in DISTRIBUTIONS}
    table = [{key: _finite(getattr(row, key)) for key in _FIELDS + _DERIVED} for row in rows]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _FIELDS + _DERIVED, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    write_text(output / "validation.csv", stream.getvalue())
    style.save(draw_distributions(distributions, output.name), output / FIGURE)
    content = {
        "dataset": output.name,
        "files": [one.file for one in sample.measurements],
        "jets": sample.numbers,
        "rows": table,
        "summary": summary(rows),
        "recognised": sample.recognised,
        "distributions": distributions,
    }
    write_json(output / "validation.json", content)


def _finite(value: Any) -> Any:
    """None for infinity: a difference that no chance explains."""
    return None if value == math.inf else value


def distribution(sample: Sample, name: str) -> dict[str, list[float]]:
    """Jets of each kind by an observable, but for the two in a thousand with the largest values.

    Returns
    -------
    dict
        ``edges`` of the bins, in the observable's unit, and the counts ``quark`` and ``gluon``.
    """
    values = sample.values[name].astype(np.float64)
    low, high = values.min(), np.quantile(values, _SHOWN)
    if name == "multiplicity":
        step = max(1, round((high - low) / _BINS))
        edges = np.arange(low, high + step + 1, step) - 0.5
    else:
        edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
    return {"edges": edges.tolist()} | {
        kind: np.histogram(values[chosen], edges)[0].tolist()
        for kind, chosen in sample.kinds.items()
    }


@style.styled
def draw_distributions(distributions: dict[str, dict[str, list[float]]], title: str) -> Figure:
    """Distribution of each observable by kind, with bands of one statistical error.

    Dotted lines mark means that are published.
    """
    figure, axes_of = style.panels(len(distributions), 3.2, 2.6)
    for axes, (name, shown) in zip(axes_of, distributions.items(), strict=True):
        edges = np.array(shown["edges"])
        for kind in KINDS:
            counts = np.array(shown[kind])
            scale = 1 / (max(counts.sum(), 1) * np.diff(edges))
            density, error = counts * scale, np.sqrt(counts) * scale
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


def read_validation(folder: Path) -> dict[str, Any]:
    """Read what `write_validation` wrote, ``rows`` as `Row`, ``figure`` the figure's path.

    Raises
    ------
    JetlineError
        If it is missing, broken, or of another version.
    """
    path = Path(folder) / "validation.json"
    content = read_json(path)
    try:
        rows = [Row(**{name: row[name] for name in _FIELDS}) for row in content["rows"]]
    except (KeyError, TypeError) as error:
        raise JetlineError(
            str(path),
            found=f"something is missing: {error}",
            expected="a validation of this version of jetline",
            remedy="validate the jets again: jetline validate --output",
        ) from error
    return content | {"rows": rows, "figure": Path(folder) / FIGURE}


def side_by_side(validations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each figure of several datasets, and how far the others are from the first.

    Parameters
    ----------
    validations : sequence of dict
        As `read_validation` gives them.

    Returns
    -------
    list of dict
        ``quantity`` and ``figures``: for each dataset ``text``, and ``standard_errors``, the
        difference from the first dataset in units of both samples' error (None for the first).
    """
    return [
        {
            "quantity": rows[0].quantity,
            "figures": [
                {
                    "text": row.cells[0],
                    "standard_errors": None if row is rows[0] else _pull(rows[0], row),
                }
                for row in rows
            ],
        }
        for rows in zip(*(one["rows"] for one in validations), strict=True)
        if all(row.error for row in rows)
    ]


def _pull(first: Row, other: Row) -> float:
    return (other.measured - first.measured) / math.hypot(first.error, other.error)
