"""Figures beside their published values: the difference, its size, and a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jetline.validation.published import JETS

#: A difference above so many standard errors is called one.
STANDARD_ERRORS = 2.0

PUBLISHED = (
    "Published: Pythia 8.226, the first file of Zenodo record 3164691, and P. T. Komiske, "
    "E. M. Metodiev, J. Thaler, JHEP 01 (2019) 121, arXiv:1810.05165."
)
MEANING = (
    "The goals are those for a sample of the benchmark's own recipe. Jets made with another "
    "generator, tune, selection or set of flavours are expected to lie outside some: that tells "
    "how they differ."
)


@dataclass(frozen=True)
class Row:
    """One figure, beside its published value where there is one.

    Parameters
    ----------
    quantity : str
        What was measured.
    measured : float
    error : float
        Standard error; 0 for a number of jets that a selection settles.
    n_jets : int
        Jets behind the measured value.
    digits : int
        Decimals to print.
    published : float or None
        The benchmark's value.
    published_jets : int
        Jets behind it: its error is `error` scaled from one number to the other.
    goal : float or None
        Largest difference that a faithful sample may have.
    """

    quantity: str
    measured: float
    error: float
    n_jets: int
    digits: int
    published: float | None = None
    published_jets: int = JETS
    goal: float | None = None

    @property
    def difference(self) -> float | None:
        """Measured less published."""
        return None if self.published is None else self.measured - self.published

    @property
    def standard_errors(self) -> float | None:
        """Size of the difference in units of its standard error, both samples' together."""
        if self.difference is None:
            return None
        if self.error == 0:
            return 0.0 if self.difference == 0 else math.inf
        return abs(self.difference) / (
            self.error * math.sqrt(1 + self.n_jets / self.published_jets)
        )

    @property
    def status(self) -> str:
        """``unpublished``, ``agrees``, ``differs`` (no goal), ``within``, ``outside`` or ``open``.

        ``within`` is a difference beyond the statistical error, but within the goal; ``open`` one
        beyond the goal, but within the error.
        """
        if self.difference is None:
            return "unpublished"
        differs = self.standard_errors > STANDARD_ERRORS
        if self.goal is None:
            return "differs" if differs else "agrees"
        if abs(self.difference) <= self.goal:
            return "within" if differs else "agrees"
        return "outside" if differs else "open"

    @property
    def verdict(self) -> str:
        """The row's result in words."""
        if self.status in ("unpublished", "agrees"):
            return {"unpublished": "no published figure"}.get(self.status, self.status)
        off = f"{self.standard_errors:.1f} standard errors off"
        if self.status == "outside":
            return "outside the goal" + (f", {off}" if self.error else "")
        return {
            "differs": off,
            "within": f"within the goal, but {off}",
            "open": f"too few jets to tell: outside the goal, but {off}",
        }[self.status]

    @property
    def cells(self) -> tuple[str, str, str]:
        """Measured, published and difference, as printed; empty where none is published."""
        measured = f"{self.measured:.{self.digits}f}"
        if self.error:
            measured += f" ± {self.error:.{self.digits}f}"
        if self.difference is None:
            return measured, "", ""
        return (
            measured,
            f"{self.published:.{self.digits}f}",
            f"{self.difference:+.{self.digits}f}",
        )


def summary(rows: Sequence[Row]) -> str:
    """How many figures are within their goals, in one sentence."""
    states = [row.status for row in rows if row.goal is not None]
    within = sum(state in ("agrees", "within") for state in states)
    text = (
        f"{within} of {len(states)} figures within their goals; {states.count('outside')} outside"
    )
    undecided = states.count("open")
    return text + (f"; {undecided} undecided for want of jets" if undecided else "")


def format_report(rows: Sequence[Row], recognised: Sequence[str]) -> str:
    """The table, what it is compared with, the files that were recognised, and the summary."""
    return "\n".join([format_table(rows), PUBLISHED, MEANING, *recognised, summary(rows)]) + "\n"


def format_table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, its columns aligned."""
    lines = [("quantity", "measured", "published", "difference", "verdict")]
    lines += [(row.quantity, *row.cells, row.verdict) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    cells = [
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    ]
    return "".join(f"| {line} |\n" for line in cells)
