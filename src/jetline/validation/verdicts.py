"""Measured quantities beside their published values: the difference, its size, and a verdict."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jetline.records.validation import Number, Quantity
from jetline.validation.published import JETS

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def judge(
    quantity: str,
    measured: Number,
    error: Number,
    n_jets: int,
    digits: int,
    published: Number | None = None,
    published_jets: int = JETS,
    goal: Number | None = None,
) -> Quantity:
    """Compare a measured quantity with its published value.

    The published value's standard error is taken to be the measured one's, scaled from one number
    of jets to the other.

    Parameters
    ----------
    quantity : str
        What was measured.
    measured : float
        Its value.
    error : float
        Standard error; 0 for a number of jets that a selection settles.
    n_jets : int
        Jets behind the measured value.
    digits : int
        Decimals to print.
    published : float or None
        The benchmark's value.
    published_jets : int
        Jets behind it.
    goal : float or None
        Largest difference that a faithful sample may have.
    """
    difference = None if published is None else measured - published
    pull = None
    if difference is not None:
        pull = _pull(difference, error, n_jets / published_jets)
    status = _status(difference, pull, goal)
    return Quantity(
        quantity=quantity,
        measured=measured,
        error=error,
        n_jets=n_jets,
        digits=digits,
        published=published,
        published_jets=published_jets,
        goal=goal,
        difference=difference,
        standard_errors=None if pull == math.inf else pull,
        status=status,
        verdict=_verdict(status, pull, error),
    )


def _pull(difference: Number, error: Number, ratio: float) -> float:
    """Size of a difference in units of its standard error, that of both samples together.

    `ratio` is that of the numbers of jets, measured to published.
    """
    if error == 0:
        return 0.0 if difference == 0 else math.inf
    return abs(difference) / (error * math.sqrt(1 + ratio))


def _status(difference: Number | None, pull: float | None, goal: Number | None) -> str:
    """Tell ``unpublished``, ``agrees``, ``differs`` (no goal), ``within``, ``outside``, ``open``.

    ``within`` is a difference beyond the statistical error, but within the goal; ``open`` one
    beyond the goal, but within the error.
    """
    if difference is None or pull is None:
        return "unpublished"
    differs = pull > STANDARD_ERRORS
    if goal is None:
        return "differs" if differs else "agrees"
    if abs(difference) <= goal:
        return "within" if differs else "agrees"
    return "outside" if differs else "open"


def _verdict(status: str, pull: float | None, error: Number) -> str:
    """Put a status into words."""
    if status in ("unpublished", "agrees"):
        return {"unpublished": "no published figure"}.get(status, status)
    off = f"{pull:.1f} standard errors off"
    if status == "outside":
        return "outside the goal" + (f", {off}" if error else "")
    return {
        "differs": off,
        "within": f"within the goal, but {off}",
        "open": f"too few jets to tell: outside the goal, but {off}",
    }[status]


def summary(rows: Sequence[Quantity]) -> str:
    """Tell in one sentence how many quantities are within their goals."""
    states = [row.status for row in rows if row.goal is not None]
    within = sum(state in ("agrees", "within") for state in states)
    text = (
        f"{within} of {len(states)} figures within their goals; {states.count('outside')} outside"
    )
    undecided = states.count("open")
    return text + (f"; {undecided} undecided for want of jets" if undecided else "")


def format_report(
    rows: Sequence[Quantity],
    recognised: Sequence[str],
    warnings: Sequence[str] = (),
    limits: str = "",
) -> str:
    """Write the table, what it is compared with, the files recognised, warnings and summary."""
    told = [
        *([limits] if limits else []),
        *recognised,
        *(f"warning: {text}" for text in warnings),
        summary(rows),
    ]
    return "\n".join([format_table(rows), PUBLISHED, MEANING, *told]) + "\n"


def format_table(rows: Sequence[Quantity]) -> str:
    """Write the rows as a Markdown table, its columns aligned."""
    lines: list[tuple[str, ...]] = [
        ("quantity", "measured", "published", "difference", "verdict"),
        *((row.quantity, *row.cells, row.verdict) for row in rows),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    cells = [
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    ]
    return "".join(f"| {line} |\n" for line in cells)
