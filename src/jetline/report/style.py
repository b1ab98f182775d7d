"""The look of the plots: colours, lines, panels, and how they are written."""

from __future__ import annotations

import contextlib
import functools
import math
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from jetline.core.files import atomic
from jetline.report import collaboration_styles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
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

_chosen: ContextVar[Any] = ContextVar("look of the figures", default=_STYLE)

Styles = dict[str, dict[str, Any]]


@contextlib.contextmanager
def in_style(name: str) -> Iterator[None]:
    """Draw and save in one of the looks of `collaboration_styles.STYLES`.

    Raises
    ------
    JetlineError
        If the look needs a package that is not installed.
    """
    token = _chosen.set(collaboration_styles.settings(name, _STYLE))
    try:
        yield
    finally:
        _chosen.reset(token)


def styles(labels: Iterable[str]) -> Styles:
    """Give each label a colour and a line style, the same in every plot."""
    return {
        label: {"color": _COLOURS[place % len(_COLOURS)], "linestyle": _LINES[place % len(_LINES)]}
        for place, label in enumerate(labels)
    }


def save(figure: Figure, path: Path) -> None:
    """Write a PNG atomically, on white."""
    import matplotlib

    with matplotlib.rc_context(_chosen.get()), atomic(path) as temporary:
        figure.savefig(temporary, format="png")


def save_both(figure: Figure, path: Path) -> None:
    """Write a PNG atomically, and a PDF of the same name beside it, for papers."""
    save(figure, path)
    save_pdf(figure, path.with_suffix(".pdf"))


def save_pdf(figure: Figure, path: Path) -> None:
    """Write a PDF atomically."""
    import matplotlib

    # Without the date, so that the same data give the same file; the text can be searched.
    told = {"CreationDate": None}
    with (
        matplotlib.rc_context(_chosen.get() | {"pdf.fonttype": 42}),
        atomic(path) as temporary,
    ):
        figure.savefig(temporary, format="pdf", metadata=told)


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Draw in the house style, leaving matplotlib's own settings as they were."""

    @functools.wraps(draw)
    def drawn(*arguments: Any) -> Figure:
        import matplotlib

        with matplotlib.rc_context(_chosen.get()):
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
