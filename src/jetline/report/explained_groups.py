"""Figures of what groups of particles, or of pixels, add to decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.report.style import WIDTH, literal, new_figure, styled, styles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from jetline.report.explained_taggers import ExplainedLabel, Joined

_AXES = {
    "species": "species of the particles",
    "z": "share of the jet's pT, z",
    "distance": "distance from the jet's axis, ΔR",
}
#: The two methods, and what their axes say.
_METHODS = ("added to the decision\n[difference of logits]", "lost when left out\n[logit]")

#: From so many classes on points would hide each other, and stand as a matrix.
MOST_POINTS = 3

_MARKERS = "os^"

#: Blue towards the jet's own class, red against it, as differences of images have it.
MAP = "RdBu"


@styled
def group_sums(found: ExplainedLabel) -> Figure:
    """Draw what groups add to decisions, and below what leaving them out takes."""
    if len(found.classes) > MOST_POINTS:
        return _matrices(found)
    ways, look = found.ways, styles(found.classes)
    figure = new_figure(WIDTH if len(ways) > 1 else 5.2, 6.6)
    grid = _panels(figure, found, sharex="col")
    for column, by in enumerate(ways):
        groups = found.groups(by)
        for row, told in enumerate(_METHODS):
            axes = grid[row, column]
            for place, kind in enumerate(found.classes):
                values = _values(found, kind, by, row)
                shift = (place - (len(found.classes) - 1) / 2) * 0.5 / len(found.classes)
                look_of = look[kind]["color"], _MARKERS[place], kind
                _points(axes, [values[number] for number, _ in groups], shift, *look_of)
            axes.axhline(0, color="0.5", linewidth=0.8)
            axes.grid(axis="y", color="0.9", linewidth=0.6)
            axes.tick_params(axis="x", which="minor", bottom=False, top=False)
            if column == 0:
                axes.set_ylabel(told)
        _name_groups(grid[1, column], groups, by)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=5)
    return figure


def _panels(figure: Any, found: ExplainedLabel, **sharing: Any) -> np.ndarray:
    """Make a panel for each way to group, as wide as it has groups, and each method."""
    widths = [len(found.groups(by)) for by in found.ways]
    grid: np.ndarray = figure.subplots(
        2, len(widths), squeeze=False, width_ratios=widths, **sharing
    )
    return grid


def _values(found: ExplainedLabel, kind: str, by: str, method: int) -> Sequence[Joined | None]:
    return found.left_out(kind, by) if method else found.added(kind, by)


def _name_groups(axes: Axes, groups: list[tuple[int, str]], by: str) -> None:
    axes.set_xticks(range(len(groups)), [name for _, name in groups], rotation=90)
    axes.set_xlabel(_AXES[by])


def _points(
    axes: Axes,
    values: Sequence[Joined | None],
    shift: float,
    colour: Any,
    marker: str,
    label: str,
) -> None:
    told = [(place, one) for place, one in enumerate(values) if one]
    axes.errorbar(
        [place + shift for place, _ in told],
        [one.value for _, one in told],
        [one.error for _, one in told],
        fmt=marker,
        markersize=4,
        color=colour,
        capsize=2,
        label=f"{literal(label)} jets",
    )


def _matrices(found: ExplainedLabel) -> Figure:
    """Draw a row for each class; a dot marks what is within two errors of zero."""
    classes = found.classes
    figure = new_figure(WIDTH if len(found.ways) > 1 else 6.4, 2.4 + 0.5 * len(classes))
    grid = _panels(figure, found, sharex="col", sharey=True)
    for row, told in enumerate(_METHODS):
        tables = [_table(found, by, row) for by in found.ways]
        largest = max(np.nanmax(np.abs(values), initial=0) for values, _ in tables) or 1.0
        for axes, (values, errors), by in zip(grid[row], tables, found.ways, strict=True):
            drawn = axes.imshow(values, cmap=MAP, vmin=-largest, vmax=largest, aspect="auto")
            axes.set_facecolor("0.85")
            unsure = np.argwhere(np.abs(values) < 2 * errors)
            axes.plot(unsure[:, 1], unsure[:, 0], ".", color="0.3", markersize=3)
            axes.set_yticks(range(len(classes)), [literal(kind) for kind in classes])
            axes.tick_params(which="both", length=0)
            if row:
                _name_groups(axes, found.groups(by), by)
        figure.colorbar(drawn, ax=list(grid[row]), label=told)
    return figure


def _table(found: ExplainedLabel, by: str, method: int) -> tuple[np.ndarray, np.ndarray]:
    """Give values and errors, (n_classes, n_groups), NaN where there are none."""
    groups = found.groups(by)
    table = np.full((2, len(found.classes), len(groups)), np.nan)
    for row, kind in enumerate(found.classes):
        values = _values(found, kind, by, method)
        for column, (number, _) in enumerate(groups):
            if one := values[number]:
                table[:, row, column] = one.value, one.error
    return table[0], table[1]
