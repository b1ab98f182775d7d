"""The look of the plots: colours, lines, panels, and how they are written."""

from __future__ import annotations

import contextlib
import functools
import io
import math
import textwrap
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
_LINES: tuple[Any, ...] = ("-", "--", "-.", (0, (1, 1)), (0, (6, 2, 1, 2, 1, 2)))
# Where there are more than colours: these for the best, and greys, which are no colour, for others.
_BEST = 6
_GREYS = ("0.4", "0.54", "0.66")
_GREY_LINES: tuple[Any, ...] = (*_LINES, (0, (8, 2)), (0, (3, 2)), (0, (5, 1, 1, 1)))
QUARK_COLOUR, GLUON_COLOUR = _COLOURS[:2]

DPI = 180
"""Pixels per inch of the plots written."""

WIDTH = 10.4
"""Width [inches] that fills a page's column."""

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


def styles(ranked: Iterable[str]) -> Styles:
    """Give each label a colour and a line style, the same in every plot.

    Parameters
    ----------
    ranked : iterable of str
        Labels, the best first. Where there are more than colours, the best have the colours and
        the others greys, so that no colour is that of two labels.

    Returns
    -------
    dict
        Arguments of matplotlib's for lines, by label, in the same order.
    """
    labels = list(dict.fromkeys(ranked))
    coloured = len(labels) if len(labels) <= len(_COLOURS) else _BEST
    look: Styles = {}
    for place, label in enumerate(labels):
        grey = place - coloured
        if grey < 0:
            color, line = _COLOURS[place], _LINES[place % len(_LINES)]
        else:
            line = _GREY_LINES[grey % len(_GREY_LINES)]
            color = _GREYS[grey // len(_GREY_LINES) % len(_GREYS)]
        look[label] = {"color": color, "linestyle": line}
    return look


def is_grey(look: dict[str, Any]) -> bool:
    """Tell whether a label's look is a grey: it is one of the many, not of the best."""
    return look["color"] in _GREYS


def png(figure: Figure) -> bytes:
    """Give a PNG, on white."""
    import matplotlib

    stream = io.BytesIO()
    with matplotlib.rc_context(_chosen.get()):
        figure.savefig(stream, format="png")
    # In a PDF after it panels stay there: to find their places takes as long as to draw them.
    figure.set_layout_engine("none")
    return stream.getvalue()


def save(figure: Figure, path: Path) -> None:
    """Write a PNG atomically, on white."""
    with atomic(path) as temporary:
        temporary.write_bytes(png(figure))


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


def literal(label: str, letters: int | None = None) -> str:
    """Print a label as it stands: no mathematics, no leading underscore that hides it.

    Where `letters` are given, a line holds no more.
    """
    lines = textwrap.wrap(label, letters) if letters else [label]
    label = "\n".join(lines).replace("$", r"\$")
    return f" {label}" if label.startswith("_") else label


def panels(count: int, height: float, **sharing: Any) -> tuple[Figure, list[Axes]]:
    """Make panels in rows that fill the width, the empty ones of the last row left out.

    Up to six stand by threes, more by fives, which are less high.
    """
    columns = min(count, 3 if count <= 6 else 5)
    rows = math.ceil(count / columns)
    figure = new_figure(
        min(WIDTH, 5.2 * columns), (height if columns <= 3 else 0.72 * height) * rows + 0.5
    )
    grid = figure.subplots(rows, columns, squeeze=False, **sharing)
    for place, axes in enumerate(grid.flat):
        if place >= count:
            axes.remove()
        elif place + columns >= count:
            axes.tick_params(labelbottom=True)
    return figure, list(grid.flat[:count])


def title(axes: Axes, label: str, color: str) -> None:
    """Set a label above a panel, in lines no wider than it."""
    columns = axes.get_subplotspec().get_gridspec().ncols  # type: ignore[union-attr]
    # A letter takes some .09 inches; a third of a panel is its axis' numbers and the gap.
    letters = int(axes.figure.get_figwidth() / columns / 0.11)  # type: ignore[union-attr]
    axes.set_title(literal(label, letters), color=color)
