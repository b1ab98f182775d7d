"""Figures of what taggers decide on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.observables.table import OBSERVABLES
from jetline.report.explained_groups import MAP, group_sums
from jetline.report.explained_pixels import pixel_maps
from jetline.report.explained_taggers import ExplainedLabel, Joined
from jetline.report.lund_plots import attention_planes
from jetline.report.mean_images import powers_both_ways
from jetline.report.style import WIDTH, literal, new_figure, styled, styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OPENING_ANGLE = "angle around the axis [rad]"

#: ln(R / theta) of the filters' innermost points.
_DEEPEST = 5.0

#: Single jets of each class where there are many classes, and where there are few.
_FEW_CLASSES = 3


@styled
def importances(found: ExplainedLabel) -> Figure:
    """Draw Shapley values of observables beside what permuting them costs."""
    groups: dict[str, list[tuple[int, Any]]] = {}
    for record in found.records:
        for one in record.importances:
            names = ", ".join(OBSERVABLES[name].label for name in one.observables)
            groups.setdefault(names, []).append((record.seed, one))
    order = sorted(groups, key=lambda name: _joined(groups[name], "shapley").value)
    figure = new_figure(WIDTH, 1.4 + 0.42 * len(order))
    both = figure.subplots(1, 2, sharey=True)
    for axes, method in zip(both, ("shapley", "permutation"), strict=True):
        joined = [_joined(groups[name], method) for name in order]
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
    both[0].set_xlabel("mean size of the Shapley value [logits]")
    both[1].set_xlabel("AUC lost when permuted")
    return figure


def _joined(told: list[tuple[int, Any]], method: str) -> Joined:
    return Joined.of([getattr(one, method) for _, one in told], [seed for seed, _ in told])


@styled
def single_jets(found: ExplainedLabel) -> Figure:
    """Draw particles of single jets: area by pT, colour by what they add."""
    from matplotlib.colors import SymLogNorm

    record = found.records[0]
    last = "1" if len(found.classes) <= _FEW_CLASSES else "0"
    names = [
        name
        for kind in found.classes
        for name in sorted(found.arrays)
        if name.startswith(f"jet_{record.classes.index(kind)}_") and name.split("_")[2] <= last
    ]
    columns = min(len(names), 4 if len(names) <= 8 else 5)
    rows = -(-len(names) // columns)
    figure = new_figure(WIDTH, 10.4 / columns * rows + 0.3)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    added = np.concatenate([found.arrays[name][:, 4] for name in names])
    largest = float(np.abs(added).max()) or 1.0
    # A few particles add so much more than the others that these would have no colour.
    scale = SymLogNorm(0.02 * largest, vmin=-largest, vmax=largest)
    for axes, name in zip(grid.flat, names, strict=False):
        pt, rapidity, phi, _, added = found.arrays[name].T
        drawn = axes.scatter(
            rapidity,
            phi,
            s=600 * pt / pt.sum() + 4,
            c=added,
            cmap=MAP,
            norm=scale,
            edgecolors="0.4",
            linewidths=0.4,
        )
        kind = record.classes[int(name.split("_")[1])]
        axes.set_title(literal(f"{kind}: {added.sum():+.1f} in all"))
        axes.set_box_aspect(1)
    for axes in grid.flat[len(names) :]:
        axes.remove()
    bar = figure.colorbar(drawn, ax=grid, label="added to the decision [logits]")
    bar.set_ticks(powers_both_ways(scale), minor=False)
    bar.minorticks_off()
    figure.supxlabel("rapidity from the axis, Δy", fontsize="medium")
    figure.supylabel("azimuth from the axis, Δφ [rad]", fontsize="medium")
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
    depths = (np.arange(filters.shape[1]) + 0.5) * _DEEPEST / filters.shape[1]
    angles = (np.arange(filters.shape[2]) + 0.5) * 2 * np.pi / filters.shape[2] - np.pi
    colours = styles([str(number) for number in range(7)])
    # Those that reach the axis or the edge have no place, and stand in grey behind the others.
    shown = filters.max(axis=(1, 2)) > 0
    for which in np.flatnonzero(shown & np.isnan(areas)):
        plane.contour(angles, depths, filters[which], levels=[0.5], colors=["0.85"], linewidths=0.5)
    for number, which in enumerate(placed):
        colour = colours[str(number % 7)]["color"]
        plane.contour(angles, depths, filters[which], levels=[0.5], colors=[colour], linewidths=0.7)
    plane.set_xlim(-np.pi, np.pi)
    plane.set_ylim(0, _DEEPEST)
    plane.set_xlabel(_OPENING_ANGLE)
    plane.set_ylabel(r"$\ln(R/\theta)$")
    plane.set_title("where filters are above half of their maximum")
    if not len(placed):
        told = "every filter reaches the axis or the edge"
        sizes.set(xticks=[], yticks=[])
        sizes.text(0.5, 0.5, told, transform=sizes.transAxes, ha="center", color="0.4")
    else:
        sizes.loglog(distances[placed], areas[placed], "o", markersize=4, alpha=0.7)
        theta = np.geomspace(distances[placed].min(), distances[placed].max(), 20)
        middle = np.exp(np.mean(np.log(areas[placed]) - 2 * np.log(distances[placed])))
        sizes.loglog(theta, middle * theta**2, color="0.4", linestyle="--", label="slope 2")
        sizes.legend()
    sizes.set_xlabel(r"distance from the axis, $\theta$ = ΔR")
    sizes.set_ylabel("area of a filter [units of Δy Δφ]")
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
    if found.records[0].attention:
        figures["attention"] = attention_planes(found)
    if "filters" in found.arrays:
        figures["filters"] = filter_sizes(found)
    return figures
