"""Rejection in bins of observables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.observables.table import OBSERVABLES
from jetline.report.style import Styles, literal, new_figure, styled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from jetline.records.comparison import Summary
    from jetline.records.examination import BinnedRejection

_MARKED = 6  # more error bars than these would hide each other
_MARKERS = "os^Dv<>"


def axis_label(observable: str) -> str:
    """Name what bins are of, with its unit."""
    told = OBSERVABLES[observable]
    name = f"|{told.label}|" if observable == "rapidity" else told.label
    return name + (f" [{told.unit}]" if told.unit else "")


@styled
def rejections_in_bins(bins: Sequence[BinnedRejection], look: Styles) -> Figure:
    """Draw the rejection in each bin, and below it what one cut for all bins keeps there.

    The best by their mean rejection have error bars, the others thin lines.
    """
    names = list(dict.fromkeys(one.observable for one in bins))
    figure = new_figure(3.4 * len(names) + 1.6, 5.6)
    grid = figure.subplots(2, len(names), squeeze=False, sharex="col", sharey="row")
    marked = _best(bins)
    for column, name in zip(grid.T, names, strict=True):
        for place, label in enumerate(look):
            own = [one for one in bins if (one.observable, one.label) == (name, label)]
            shift = (marked.index(label) - (len(marked) - 1) / 2) if label in marked else None
            style = look[label]
            _line(column[0], own, [one.rejection for one in own], shift, place, style)
            _line(column[1], own, [one.quark for one in own], shift, place, style)
        column[1].axhline(0.5, color="0.5", linewidth=0.8, linestyle=(0, (1, 2)))
        column[1].set_xlabel(axis_label(name))
        for axes in column:
            axes.grid(axis="y", color="0.9", linewidth=0.6)
            for edge in {edge for one in bins if one.observable == name for edge in _ends(one)}:
                axes.axvline(edge, color="0.9", linewidth=0.6)
    grid[0, 0].set_ylabel(
        "gluon rejection $1/\\varepsilon_g$\nat $\\varepsilon_q$ = 50 % in the bin"
    )
    grid[0, 0].set_ylim(bottom=0)
    grid[1, 0].set_ylabel(r"$\varepsilon_q$ of one threshold for all")
    grid[1, 0].set_ylim(0, 1)
    handles = [
        grid[0, 0].plot([], [], label=literal(label), **style, **_mark(marked, label, place))[0]
        for place, (label, style) in enumerate(look.items())
    ]
    figure.legend(handles=handles, loc="outside right upper")
    figure.align_ylabels()
    return figure


def _mark(marked: Sequence[str], label: str, place: int) -> dict[str, Any]:
    """Tell the legend how a label is drawn: as points, if it is one of the best, or as a line."""
    if label not in marked:
        return {"linewidth": 0.7}
    return {"marker": _MARKERS[place % len(_MARKERS)], "markersize": 4}


def _ends(one: BinnedRejection) -> tuple[float, float]:
    return one.low, one.high


def _best(bins: Sequence[BinnedRejection]) -> list[str]:
    """Name the labels of the largest mean rejection, in the order of `bins`."""
    values: dict[str, list[float]] = {}
    for one in bins:
        values.setdefault(one.label, []).append(one.rejection.value or one.rejection.low or 0.0)
    ranked = sorted(values, key=lambda label: -np.mean(values[label]))[:_MARKED]
    return [label for label in values if label in ranked]


def _line(
    axes: Axes,
    bins: Sequence[BinnedRejection],
    shown: Sequence[Summary | None],
    shift: float | None,
    place: int,
    style: dict[str, Any],
) -> None:
    """Draw one label, moved a little beside the middle of the bins if it has error bars."""
    middle = np.array([(one.low + one.high) / 2 for one in bins])
    width = np.array([one.high - one.low for one in bins])
    columns = [(one.value, one.low, one.high) if one else (None, None, None) for one in shown]
    value, low, high = np.array(columns, dtype=np.float64).T
    if shift is None:
        axes.plot(middle, value, linewidth=0.7, zorder=1, **style)
        return
    known = np.isfinite(value) & np.isfinite(low)
    up = np.where(np.isfinite(high), high - value, 0.0)
    x = middle + shift * 0.1 * width
    axes.errorbar(
        x[known],
        value[known],
        yerr=[(value - low)[known], up[known]],
        color=style["color"],
        marker=_MARKERS[place % len(_MARKERS)],
        markersize=4,
        linewidth=1.2,
        linestyle="none",
    )
