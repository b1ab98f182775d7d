"""Rank correlations of taggers as heat maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.observables.table import OBSERVABLES
from jetline.report.style import WIDTH, literal, new_figure, styled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from jetline.records.examination import Correlation

_MAP = "RdBu_r"

Pairs = dict[tuple[str, str, str | None], float | None]
"""Correlations by class, and by what is correlated."""


@styled
def correlation_maps(found: Sequence[Correlation], labels: Sequence[str]) -> Figure:
    """Draw the correlations of taggers with each other, and with what was measured of the jets.

    Below the diagonal among quark jets, above it among gluon jets, on it between seeds.
    """
    pairs: Pairs = {(one.kind, one.first, one.second): one.value for one in found if one.second}
    measured: Pairs = {
        (one.kind, one.first, one.observable): one.value for one in found if one.observable
    }
    names = list(dict.fromkeys(name for _, _, name in measured if name))
    kinds = [kind for kind in ("quark", "gluon") if any(one.kind == kind for one in found)]
    columns = len(kinds) * len(names)
    width = max(WIDTH, 2.6 + 0.48 * (len(labels) + columns))
    figure = new_figure(width, 1.9 + 0.36 * len(labels))
    left, *right = figure.subplots(
        1,
        1 + len(kinds) * bool(names),
        squeeze=False,
        sharey=True,
        width_ratios=[len(labels), *[len(names)] * len(kinds) * bool(names)],
    )[0]
    between = np.array([[_between(pairs, a, b, labels) for b in labels] for a in labels])
    _map(left, between, labels)
    left.set_title(" \\ ".join(f"{kind} jets" for kind in kinds) if len(kinds) > 1 else kinds[0])
    left.set_yticks(range(len(labels)), list(map(literal, labels)))
    for axes, kind in zip(right, kinds, strict=False):
        values = [[measured.get((kind, label, name)) for name in names] for label in labels]
        _map(axes, np.array(values, dtype=np.float64), [OBSERVABLES[name].label for name in names])
        axes.set_title(f"{kind} jets")
    return figure


def _between(
    pairs: Pairs,
    row: str,
    column: str,
    labels: Sequence[str],
) -> float:
    """Look up a correlation of two labels, or of the seeds of one among both classes."""
    if row == column:
        of_seeds = [pairs.get((kind, row, row)) for kind in ("quark", "gluon")]
        known = [value for value in of_seeds if value is not None]
        return float(np.mean(known)) if known else np.nan
    below = labels.index(row) > labels.index(column)
    kind = "quark" if below else "gluon"
    value = pairs.get((kind, row, column), pairs.get((kind, column, row)))
    return np.nan if value is None else value


def _map(axes: Axes, values: np.ndarray, columns: Sequence[str]) -> None:
    axes.imshow(values, cmap=_MAP, vmin=-1, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "white" if abs(value) > 0.6 else "black"
            text = f"{value:z.2f}".replace("0.", ".", 1).replace("-", "−")
            axes.text(column, row, text, ha="center", va="center", fontsize=7.5, color=colour)
    axes.set_xticks(
        range(len(columns)), list(map(literal, columns)), rotation=45, ha="right", fontsize=8.5
    )
    axes.tick_params(which="both", length=0)
    axes.minorticks_off()
