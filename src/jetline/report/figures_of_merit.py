"""Figures of merit as pages show them: headings, numbers, and the order of columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from jetline.evaluation import display
from jetline.evaluation.figures_of_merit import FIGURES_OF_MERIT, in_order
from jetline.records.comparison import Summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit
    from jetline.records.comparison import Difference
    from jetline.records.evaluation import Estimate

_ARROWS = {"higher": "↑", "lower": "↓"}


def shown(names: Iterable[str]) -> dict[str, FigureOfMerit]:
    """Choose figures of merit by name, in the order of columns.

    Raises
    ------
    JetlineError
        If one is not registered.
    """
    chosen = {name: FIGURES_OF_MERIT[name] for name in names}
    return {name: one for name, one in in_order().items() if name in chosen}


def printed(name: str, value: Summary | Estimate) -> str:
    """Print a figure of merit of one label or one training with its errors."""
    summary = value if isinstance(value, Summary) else Summary.of_one(value)
    return display.figure_of_merit(summary, FIGURES_OF_MERIT[name].decimals)


def difference(pair: Difference) -> str:
    """Print a difference between two labels with its errors."""
    return display.difference(
        pair.difference,
        [pair.sample_error, pair.seed_error],
        logarithm=FIGURES_OF_MERIT[pair.figure].compared == "logarithm",
    )


def efficiency(summary: Summary) -> Markup:
    """Print a gluon efficiency with its errors in percent; nothing where there is none."""
    if summary.value is None:
        return Markup("")
    text = display.share(summary)
    return with_indices("ε_g") + (f" {text}" if text.startswith("<") else f" = {text}")


def heading(of: FigureOfMerit, *, arrow: bool = True) -> Markup:
    """Write the heading of a column: an arrow tells what is better, smaller print the rest."""
    unit = f"[{of.unit}]" if of.unit else ""
    below = " ".join(part for part in (of.condition, unit) if part)
    text = with_indices(of.title) + (f" {_ARROWS[of.better]}" if arrow else "")
    return text + (Markup("<small>{}</small>").format(with_indices(below)) if below else "")


def with_indices(text: str) -> Markup:
    """Set what follows a ``_`` as an index."""
    return Markup(re.sub(r"_(\w+)", r"<sub>\1</sub>", str(escape(text))))
