"""Distributions of drawn jets beside true ones, with their ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.observables.table import OBSERVABLES
from jetline.report.style import WIDTH, new_figure, styled, styles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: What is drawn of jets, and of their constituents; the judgement has the rest as numbers.
SHOWN = (
    "multiplicity",
    "mass",
    "girth",
    "ptd",
    "z_max",
    "sd_multiplicity",
    "tau_1",
    "tau_2",
    "tau_3",
    "c2",
    "ln_z",
    "distance",
)

_CONSTITUENTS = {"ln_z": "ln z of constituents", "distance": "distance from the axis [rad]"}

_COLUMNS = 4
#: Share of the fullest bin below which bins at the ends are not shown.
_SEEN = 1e-3
#: Limits of the ratio.
_RATIO = (0.5, 1.5)
_TRUE, _DRAWN = "0.45", styles(["drawn"])["drawn"]["color"]


@styled
def drawn_beside_true(arrays: Mapping[str, np.ndarray], of: str) -> Figure:
    """Draw distributions, each with the ratio of drawn jets to true ones below it.

    Parameters
    ----------
    arrays : mapping
        Content of ``distributions.npz``: `jetline.generative.distributions.distributions`.
    of : str
        Name of the class, or `all`.
    """
    row = list(arrays["of"]).index(of)
    rows = -(-len(SHOWN) // _COLUMNS)
    figure = new_figure(WIDTH, 2.9 * rows)
    outer = figure.add_gridspec(rows, _COLUMNS)
    for number, name in enumerate(SHOWN):
        inner = outer[number // _COLUMNS, number % _COLUMNS].subgridspec(
            2, 1, height_ratios=(3, 1), hspace=0
        )
        above = figure.add_subplot(inner[0])
        below = figure.add_subplot(inner[1], sharex=above)
        _draw(above, below, name, arrays, row)
        if number == 0:
            above.legend(frameon=False)
        if number % _COLUMNS == 0:
            below.set_ylabel("drawn / true", fontsize="small")
    figure.supylabel("share of jets, or constituents of a jet, per bin", fontsize="medium")
    return figure


def _draw(above: Axes, below: Axes, name: str, arrays: Mapping[str, np.ndarray], row: int) -> None:
    """Draw one quantity: truth as a band of one standard error, drawn jets as points on a line."""
    edges = arrays[f"{name}_edges"]
    jets = arrays["jets"][row][:, None]
    shares, errors = (arrays[f"{name}_{what}"][row] / jets for what in ("counts", "errors"))
    (drawn, true), (drawn_error, true_error) = shares, errors
    _band(above, edges, true, true_error)
    above.stairs(true, edges, color=_TRUE, label="true")
    above.stairs(drawn, edges, color=_DRAWN, label="drawn", linewidth=1.4)
    above.set_ylim(bottom=0)
    above.tick_params(labelbottom=False)
    known = (true > 0) & (drawn > 0)
    ratio = np.divide(drawn, true, out=np.full(len(true), np.nan), where=known)
    of_truth = np.divide(true_error, true, out=np.zeros(len(true)), where=true > 0)
    _band(below, edges, np.ones(len(true)), of_truth)
    middles = (edges[:-1] + edges[1:]) / 2
    error = np.divide(drawn_error, true, out=np.zeros(len(true)), where=known)
    below.errorbar(middles, ratio, error, fmt=".", color=_DRAWN, markersize=3, linewidth=0.8)
    there = np.flatnonzero(shares.sum(axis=0) > _SEEN * shares.sum(axis=0).max())
    below.set_xlim(edges[there[0]], edges[there[-1] + 1])
    below.axhline(1, color="0.3", linewidth=0.6)
    below.set_ylim(*_RATIO)
    below.set_xlabel(_label(name))


def _band(axes: Axes, edges: np.ndarray, values: np.ndarray, errors: np.ndarray) -> None:
    """Draw the errors of truth in each bin, whose last edge has no bin of its own."""
    low, high = (np.append(one, one[-1:]) for one in (values - errors, values + errors))
    axes.fill_between(edges, low, high, step="post", color=_TRUE, alpha=0.35, linewidth=0)


def _label(name: str) -> str:
    if name in _CONSTITUENTS:
        return _CONSTITUENTS[name]
    observable = OBSERVABLES[name]
    return observable.label + (f" [{observable.unit}]" if observable.unit else "")
