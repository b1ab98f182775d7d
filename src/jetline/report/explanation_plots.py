"""Figures of what taggers decide on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.report.explained_taggers import ExplainedLabel, Joined
from jetline.report.style import WIDTH, literal, new_figure, styled, styles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_AXES = {
    "species": "species",
    "z": "share of the jet's pT, z",
    "distance": "distance from the jet's axis",
}
_ADDED = "added to the decision"
_LEFT_OUT = "lost when left out"

#: Blue towards the jet's own class, red against it, as differences of images have it.
_MAP = "RdBu"
_OPENING_ANGLE = "angle around the axis [rad]"


@styled
def group_sums(found: ExplainedLabel) -> Figure:
    """Draw what groups add to decisions, and below what leaving them out takes."""
    ways, look = found.ways, styles(found.classes)
    figure = new_figure(WIDTH if len(ways) > 1 else 5.2, 6.4)
    grid = figure.subplots(2, len(ways), squeeze=False, sharex="col")
    for column, by in enumerate(ways):
        names = found.sums(found.classes[0], by)[0].groups
        for row, told in enumerate((_ADDED, _LEFT_OUT)):
            axes = grid[row, column]
            for place, kind in enumerate(found.classes):
                values = found.left_out(kind, by) if row else found.added(kind, by)
                shift = (place - (len(found.classes) - 1) / 2) * 0.5 / len(found.classes)
                _points(axes, values, shift, look[kind]["color"], kind)
            axes.axhline(0, color="0.5", linewidth=0.8)
            axes.grid(axis="y", color="0.9", linewidth=0.6)
            axes.tick_params(axis="x", which="minor", bottom=False, top=False)
            if column == 0:
                axes.set_ylabel(told)
        grid[1, column].set_xticks(range(len(names)), names, rotation=90)
        grid[1, column].set_xlabel(_AXES[by])
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=5)
    return figure


def _points(
    axes: Axes, values: Sequence[Joined | None], shift: float, colour: Any, label: str
) -> None:
    told = [(place, one) for place, one in enumerate(values) if one]
    axes.errorbar(
        [place + shift for place, _ in told],
        [one.value for _, one in told],
        [one.error for _, one in told],
        fmt="o",
        markersize=4,
        color=colour,
        capsize=2,
        label=f"{literal(label)} jets",
    )


@styled
def importances(found: ExplainedLabel) -> Figure:
    """Draw Shapley values of observables beside what permuting them costs."""
    groups: dict[str, list[Any]] = {}
    for record in found.records:
        for one in record.importances:
            groups.setdefault(", ".join(one.observables), []).append(one)
    order = sorted(groups, key=lambda name: Joined.of([o.shapley for o in groups[name]]).value)
    figure = new_figure(WIDTH, 1.4 + 0.42 * len(order))
    both = figure.subplots(1, 2, sharey=True)
    for axes, method in zip(both, ("shapley", "permutation"), strict=True):
        joined = [Joined.of([getattr(one, method) for one in groups[name]]) for name in order]
        axes.barh(
            range(len(order)),
            [one.value for one in joined],
            xerr=[one.error for one in joined],
            color=next(iter(styles(["one"]).values()))["color"],
            height=0.6,
            ecolor="0.2",
            capsize=2,
        )
        axes.tick_params(axis="y", which="minor", left=False, right=False)
    both[0].set_yticks(range(len(order)), [literal(name, 34) for name in order])
    both[0].set_xlabel("mean size of the Shapley value (logit)")
    both[1].set_xlabel("AUC lost when permuted")
    return figure


@styled
def single_jets(found: ExplainedLabel) -> Figure:
    """Draw particles of single jets: area by pT, colour by what they add."""
    classes = found.records[0].classes
    names = sorted(name for name in found.arrays if name.startswith("jet_"))
    columns = min(len(names), 4)
    rows = -(-len(names) // columns)
    figure = new_figure(WIDTH, 2.9 * rows)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    largest = max(np.abs(found.arrays[name][:, 4]).max() for name in names) or 1.0
    for axes, name in zip(grid.flat, names, strict=False):
        pt, rapidity, phi, _, added = found.arrays[name].T
        drawn = axes.scatter(
            rapidity,
            phi,
            s=600 * pt / pt.sum() + 4,
            c=added,
            cmap=_MAP,
            vmin=-largest,
            vmax=largest,
            edgecolors="0.4",
            linewidths=0.4,
        )
        axes.set_title(literal(f"{classes[int(name.split('_')[1])]}: adds {added.sum():+.1f}"))
        axes.set_box_aspect(1)
    for axes in grid.flat[len(names) :]:
        axes.remove()
    figure.colorbar(drawn, ax=grid, label=_ADDED)
    figure.supxlabel("rapidity from the axis", fontsize="medium")
    figure.supylabel("azimuth from the axis [rad]", fontsize="medium")
    return figure


@styled
def pixel_maps(found: ExplainedLabel) -> Figure:
    """Draw what pixels add in the mean over each class, and for a single image of each."""
    classes = found.records[0].classes
    numbers = [classes.index(kind) for kind in found.classes]
    width = min(WIDTH, 3.7 * len(numbers))
    figure = new_figure(width, 2 * width / len(numbers) - 0.9)
    grid = figure.subplots(2, len(numbers), squeeze=False, sharex=True, sharey=True)
    for row, pattern in enumerate(("mean_added_{}", "added_{}_0")):
        maps = [found.arrays[pattern.format(number)].sum(axis=-1) for number in numbers]
        largest = max(np.quantile(np.abs(one), 0.999) for one in maps) or 1.0
        for axes, number, one in zip(grid[row], numbers, maps, strict=True):
            drawn = axes.imshow(
                one.T, origin="lower", cmap=_MAP, vmin=-largest, vmax=largest, aspect="auto"
            )
            axes.set_box_aspect(1)
            if not row:
                axes.set_title(literal(classes[number]))
        grid[row, 0].set_ylabel(("mean over jets", "one jet")[row])
        figure.colorbar(drawn, ax=list(grid[row]), label=_ADDED)
    return figure


@styled
def filter_sizes(found: ExplainedLabel) -> Figure:
    """Draw filters in the plane, log-polar, and their area against their distance."""
    figure = new_figure(WIDTH, 4.6)
    plane, sizes = figure.subplots(1, 2)
    filters = found.arrays["filters"].astype(float)
    radius = float(found.arrays["filter_radius"])
    distances, areas = found.arrays["filter_distances"], found.arrays["filter_areas"]
    placed = np.flatnonzero(~np.isnan(areas))
    depths = (np.arange(filters.shape[1]) + 0.5) * 5.0 / filters.shape[1]
    angles = (np.arange(filters.shape[2]) + 0.5) * 2 * np.pi / filters.shape[2] - np.pi
    colours = styles([str(number) for number in range(7)])
    for number, which in enumerate(placed):
        colour = colours[str(number % 7)]["color"]
        plane.contour(angles, depths, filters[which], levels=[0.5], colors=[colour], linewidths=0.7)
    plane.set_xlabel(_OPENING_ANGLE)
    plane.set_ylabel(r"$\ln(R/\theta)$")
    plane.set_title("where filters are above half of their maximum")
    sizes.loglog(distances[placed], areas[placed], "o", markersize=4, alpha=0.7)
    if len(placed):
        theta = np.geomspace(distances[placed].min(), distances[placed].max(), 20)
        middle = np.exp(np.mean(np.log(areas[placed]) - 2 * np.log(distances[placed])))
        sizes.loglog(theta, middle * theta**2, color="0.4", linestyle="--", label="slope 2")
        sizes.legend()
    sizes.set_xlabel(r"distance from the axis, $\theta$")
    sizes.set_ylabel("area of a filter")
    sizes.set_title(f"R = {radius:.2g}")
    return figure


def figures_of(found: ExplainedLabel) -> dict[str, Figure]:
    """Draw all that there is of a label, by what it shows."""
    figures = {}
    if found.ways:
        figures["groups"] = group_sums(found)
    if found.records[0].importances:
        figures["importances"] = importances(found)
    if any(name.startswith("jet_") for name in found.arrays):
        figures["jets"] = single_jets(found)
    if any(name.startswith("mean_added_") for name in found.arrays):
        figures["pixels"] = pixel_maps(found)
    if "filters" in found.arrays:
        figures["filters"] = filter_sizes(found)
    return figures
