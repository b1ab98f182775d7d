"""The reliability diagram: share of quark jets against score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.report.style import Styles, panels, styled, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from jetline.records.calibration import MeanCalibration, Reliability


@styled
def reliability_diagrams(calibrations: Sequence[MeanCalibration], look: Styles) -> Figure:
    """Draw the share of quark jets against the mean score, a panel for each label.

    Full circles are the scores as they are, open ones after the temperature.
    """
    figure, axes_of = panels(len(calibrations), 3.0, sharex=True, sharey=True)
    for axes, shown in zip(axes_of, calibrations, strict=True):
        colour = look[shown.label]["color"]
        axes.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
        if shown.reliability_after:
            _points(axes, shown.reliability_after, color="0.45", markerfacecolor="white")
        _points(axes, shown.reliability_before, color=colour)
        title(axes, shown.label, colour)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        axes.grid(color="0.9", linewidth=0.6)
    told: list[tuple[str, dict[str, Any]]] = [("as it is", {"color": "0.1"})]
    if any(one.reliability_after for one in calibrations):
        told.append(("after the temperature", {"color": "0.45", "markerfacecolor": "white"}))
    handles = [
        axes_of[0].plot([], [], "o", markersize=4, label=name, **how)[0] for name, how in told
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=2, handletextpad=0.2)
    figure.supxlabel("mean score (quark probability)", fontsize="medium")
    figure.supylabel("share of quark jets", fontsize="medium")
    return figure


def _points(axes: Axes, shown: Reliability, **how: Any) -> None:
    columns = (shown.score, shown.share, shown.low, shown.high)
    score, share, low, high = (np.array(column, dtype=np.float64) for column in columns)
    axes.errorbar(
        score,
        share,
        yerr=[share - low, high - share],
        fmt="o",
        markersize=3.5,
        linewidth=1.0,
        capsize=0,
        **how,
    )
