"""Figures of merit as pages show them: headings, numbers, and the order of columns."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from jetline.core.classes import QUARK_GLUON
from jetline.evaluation import display
from jetline.evaluation.figures_of_merit import FIGURES_OF_MERIT, in_order
from jetline.records.comparison import Summary
from jetline.report.ranking import DECISIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jetline.evaluation.figures_of_merit.figure_of_merit import FigureOfMerit
    from jetline.records.comparison import Difference
    from jetline.records.evaluation import Estimate

_ARROWS = {"higher": "↑", "lower": "↓"}


def decisive_first(
    names: Iterable[str], classes: Sequence[str] = QUARK_GLUON
) -> dict[str, FigureOfMerit]:
    """Choose figures of merit as `shown` does, the one that decides before the others."""
    chosen = shown(names, classes)
    return {name: chosen[name] for name in sorted(chosen, key=lambda name: name != DECISIVE)}


def shown(names: Iterable[str], classes: Sequence[str] = QUARK_GLUON) -> dict[str, FigureOfMerit]:
    """Choose figures of merit by name, in the order of columns, told with the classes' names.

    Raises
    ------
    JetlineError
        If one is not registered.
    """
    chosen = {name: FIGURES_OF_MERIT[name] for name in names}
    return {name: one.named(classes) for name, one in in_order(None).items() if name in chosen}


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


def told_of(classes: Sequence[str]) -> dict[str, Callable[..., Markup]]:
    """Give the filters of a page that name the classes."""
    return {
        "title_of": functools.partial(title_of, classes=classes),
        "efficiency": functools.partial(efficiency, classes=classes),
    }


def efficiency(summary: Summary, classes: Sequence[str] = QUARK_GLUON) -> Markup:
    """Print a gluon efficiency with its errors in percent; nothing where there is none."""
    if summary.value is None:
        return Markup("")
    text = display.share(summary)
    name = FIGURES_OF_MERIT["rejection_50"].named(classes).title.removeprefix("1/")
    return with_indices(name) + (f" {text}" if text.startswith("<") else f" = {text}")


def sorting_value(value: Summary | Estimate) -> str:
    """Give the number that a column is sorted by, a lower bound where it is all there is."""
    number = value.low if value.value is None else value.value
    return "" if number is None else repr(number)


def best_first(of: FigureOfMerit) -> str:
    """Tell in which direction a column is sorted so that the best stands first."""
    return {"higher": "descending", "lower": "ascending"}[of.better]


def title_of(name: str, classes: Sequence[str] = QUARK_GLUON) -> Markup:
    """Write the title of a figure of merit with its condition."""
    return with_indices(FIGURES_OF_MERIT[name].named(classes).full_title)


def heading(of: FigureOfMerit, *, arrow: bool = True) -> Markup:
    """Write the heading of a column: an arrow tells what is better, smaller print the rest."""
    unit = f"[{of.unit}]" if of.unit else ""
    below = " ".join(part for part in (of.condition, unit) if part)
    text = with_indices(of.title) + (f" {_ARROWS[of.better]}" if arrow else "")
    return text + (Markup("<small>{}</small>").format(with_indices(below)) if below else "")


def with_indices(text: str) -> Markup:
    """Set what follows a ``_`` as an index."""
    return Markup(re.sub(r"_(\w+)", r"<sub>\1</sub>", str(escape(text))))
