"""The validation of a dataset: measured, judged, and written as data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.files import write_text
from jetline.records.validation import Distribution, Quantity, ValidationRecord
from jetline.validation.measures import DISTRIBUTIONS, Sample
from jetline.validation.verdicts import summary

if TYPE_CHECKING:
    from collections.abc import Sequence

_BINS = 40
_SHOWN = 0.998


def write_validation(sample: Sample, rows: Sequence[Quantity], output: Path) -> None:
    """Write a dataset's validation into `output`, a folder of the dataset's name.

    Writes `validation.json` (the quantities with their verdicts, the distributions) and
    `validation.csv` (the quantities).
    """
    output = Path(output)
    write_text(output / "validation.csv", table(rows))
    ValidationRecord(
        dataset=output.name,
        files=[one.file for one in sample.measurements],
        jets=sample.numbers,
        rows=list(rows),
        summary=summary(rows),
        limits=sample.limits,
        recognised=sample.recognised,
        warnings=sample.warnings,
        distributions={name: distribution(sample, name) for name in DISTRIBUTIONS},
    ).write(output / "validation.json")


def table(rows: Sequence[Quantity]) -> str:
    """Write the quantities as CSV; an empty field is a number that does not exist."""
    import pandas as pd

    # Numbers stay as Python writes them: pandas would turn counts with gaps into fractions.
    lines = pd.DataFrame([row.model_dump() for row in rows], dtype=object)
    return lines.to_csv(index=False, lineterminator="\n")


def distribution(sample: Sample, name: str) -> Distribution:
    """Count jets of each class by an observable, or add up their weights.

    The two in a thousand with the largest values lie beyond the last bin.

    Returns
    -------
    Distribution
        Its edges are in the observable's unit.
    """
    values = sample.values[name].astype(np.float64)
    low, high = values.min(), np.quantile(values, _SHOWN)
    if name == "multiplicity":
        step = max(1, round((high - low) / _BINS))
        edges = np.arange(low, high + step + 1, step) - 0.5
    else:
        edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
    counts = {}
    for kind, chosen in sample.kinds.items():
        own = sample.weights_of(kind)
        counts[kind] = np.histogram(values[chosen], edges, weights=own)[0].tolist()
        if own is not None:
            squares = np.histogram(values[chosen], edges, weights=own**2)[0]
            counts[f"{kind}_error"] = np.sqrt(squares).tolist()
    return Distribution(edges=edges.tolist(), **counts)
