"""The significance improvement curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.report.style import WIDTH, Styles, literal, new_figure, styled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from jetline.records.examination import ImprovementCurve

_BANDS = 6  # more would hide each other
_FROM = 0.1  # quark efficiency, below which hardly a gluon jet is left


@styled
def improvement_curves(curves: Sequence[ImprovementCurve], look: Styles) -> Figure:
    """Draw ε_q / sqrt(ε_g) against ε_q; the best at ε_q = 50 % have a band too."""
    figure = new_figure(WIDTH, 4.8)
    axes = figure.subplots()
    drawn = [_columns(curve) for curve in curves]
    middle = [float(np.interp(0.5, one[0], one[1])) for one in drawn]
    best = np.argsort([-value if np.isfinite(value) else 0 for value in middle])[:_BANDS]
    bottom = top = 1.0
    for place, (curve, (x, y, low, high)) in enumerate(zip(curves, drawn, strict=True)):
        known = np.isfinite(y)
        bottom = min(bottom, float(y[known].min(initial=1)))
        top = max(top, float(y[known].max(initial=0)))
        if place in best:
            # Without an upper end the band leaves the picture.
            end = np.where(np.isfinite(high), high, np.where(np.isfinite(low), 1e3, np.nan))
            axes.fill_between(
                x, low, end, alpha=0.18, linewidth=0, color=look[curve.label]["color"]
            )
        axes.plot(
            x[known],
            y[known],
            linewidth=1.6 if place in best else 0.9,
            label=literal(curve.label),
            **look[curve.label],
        )
    axes.axhline(1, color="0.5", linewidth=0.8, linestyle=(0, (1, 2)))
    axes.set_xlim(_FROM, 1)
    axes.set_ylim(0.8 * bottom, 1.15 * top)
    axes.set_xlabel(r"quark efficiency  $\varepsilon_q$")
    axes.set_ylabel(r"significance improvement  $\varepsilon_q / \sqrt{\varepsilon_g}$")
    axes.grid(color="0.9", linewidth=0.6)
    figure.legend(loc="outside right upper", handlelength=3)
    return figure


def _columns(curve: ImprovementCurve) -> tuple[np.ndarray, ...]:
    columns = (curve.quark_efficiency, curve.improvement, curve.low, curve.high)
    x, *others = (np.array(column, dtype=np.float64) for column in columns)
    return tuple(one[x >= _FROM] for one in (x, *others))
