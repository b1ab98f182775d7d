"""The look of the plots: colours, lines, panels, and how they are written."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

from jetline.core.files import atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# M. Okabe, K. Ito, "Color Universal Design" (2008), without the yellow, which fades on white.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_LINES = ("-", "--", "-.", (0, (1, 1)), (0, (6, 2, 1, 2, 1, 2)))
QUARK_COLOUR, GLUON_COLOUR = _COLOURS[:2]

DPI = 180
"""Pixels per inch of the plots written."""

_STYLE: Any = {
    "axes.axisbelow": True,
    "axes.formatter.use_mathtext": True,
    "axes.linewidth": 0.8,
    "axes.titlesize": "medium",
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "font.size": 10,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "savefig.dpi": DPI,
    "xtick.direction": "in",
    "xtick.minor.visible": True,
    "xtick.top": True,
    "ytick.direction": "in",
    "ytick.minor.visible": True,
    "ytick.right": True,
}

Styles = dict[str, dict[str, Any]]


def styles(labels: Iterable[str]) -> Styles:
    """Give each label a colour and a line style, the same in every plot."""
    return {
        label: {"color": _COLOURS[place % len(_COLOURS)], "linestyle": _LINES[place % len(_LINES)]}
        for place, label in enumerate(labels)
    }


def save(figure: Figure, path: Path) -> None:
    """Write a PNG atomically, on white."""
    import matplotlib

    with matplotlib.rc_context(_STYLE), atomic(path) as temporary:
        figure.savefig(temporary, format="png")


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Draw in the house style, leaving matplotlib's own settings as they were."""

    @functools.wraps(draw)
    def drawn(*arguments: Any) -> Figure:
        import matplotlib

        with matplotlib.rc_context(_STYLE):
            return draw(*arguments)

    return drawn


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure of this size in inches."""
    # Not through pyplot: no window, no global list of figures, and the Agg canvas by default.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


def literal(label: str) -> str:
    """Print a label as it stands: no mathematics, no leading underscore that hides it."""
    label = label.replace("$", r"\$")
    return f" {label}" if label.startswith("_") else label


def panels(count: int, width: float, height: float, **sharing: Any) -> tuple[Figure, list[Axes]]:
    """Make panels in rows of at most three, the empty ones of the last row left out."""
    columns = min(3, count)
    rows = math.ceil(count / columns)
    figure = new_figure(max(width * columns, 4.2), height * rows + 0.4)
    grid = figure.subplots(rows, columns, squeeze=False, **sharing)
    for place, axes in enumerate(grid.flat):
        if place >= count:
            axes.remove()
        elif place + columns >= count:
            axes.tick_params(labelbottom=True)
    return figure, list(grid.flat[:count])
