"""Published rejections as points in a figure, where they may be compared with those of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jetline.report import style
from jetline.report.published import benchmark, published

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from matplotlib.figure import Figure

_MARKERS = {"none": "o", "experimental": "s", "full": "D"}
_COLUMNS = {"rejection_50": 0.5, "rejection_30": 0.3}


@dataclass(frozen=True)
class PublishedPoint:
    """A published rejection.

    Attributes
    ----------
    method : str
        What was used.
    identity : str
        What it was told of the particles' species.
    quark_efficiency, rejection : float
        Where it is read, and its value.
    """

    method: str
    identity: str
    quark_efficiency: float
    rejection: float


def comparable(settings: dict[str, Any]) -> list[str]:
    """Name the test datasets of a run beside which published figures may stand.

    That is the benchmark's Pythia sample, split as it is there, where the taggers train on it.

    Parameters
    ----------
    settings : dict
        The run's configuration.
    """
    of_it = benchmark(settings | {"test_on": [*settings["test_on"], settings["train_on"]]})
    alike = of_it["split"] and settings["train_on"] in of_it["names"]
    return [name for name in settings["test_on"] if alike and name in of_it["names"]]


def published_points(identities: Collection[str]) -> list[PublishedPoint]:
    """Give the published rejections of taggers that were told as much of the particles."""
    return [
        PublishedPoint(row["method"], row["pid"], efficiency, float(row[column]))
        for row in published()
        for column, efficiency in _COLUMNS.items()
        if row["pid"] in identities and row[column]
    ]


def add_points(figure: Figure, points: Sequence[PublishedPoint]) -> None:
    """Draw points into the upper axes of a figure of rejection against quark efficiency.

    Nothing is done where there are none.
    """
    if not points:
        return
    axes = figure.axes[0]
    handles = []
    for identity, marker in _MARKERS.items():
        own = [point for point in points if point.identity == identity]
        if own:
            x, y = [one.quark_efficiency for one in own], [one.rejection for one in own]
            how: dict[str, Any] = {"color": "0.25", "markerfacecolor": "none", "markersize": 4}
            told = f"published, {identity} identity" if identity != "none" else "published"
            handles += axes.plot(
                x, y, marker, linewidth=0, zorder=3, label=style.literal(told), **how
            )
    before = axes.get_legend()
    axes.legend(handles=handles, loc="lower left", fontsize=8)
    if before:
        axes.add_artist(before)
    top = 1.3 * max(point.rejection for point in points)
    axes.set_ylim(top=max(top, axes.get_ylim()[1]))
