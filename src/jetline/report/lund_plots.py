"""Figures in the primary Lund plane: where jets emit, and what networks attend to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.files import read_arrays
from jetline.records.lund import LundRecord
from jetline.report.explained_taggers import Joined
from jetline.report.mean_images import colour_scale, colours
from jetline.report.style import WIDTH, literal, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from jetline.report.explained_taggers import ExplainedLabel

_LN_ANGLE, _LN_KT = r"$\ln(1/\Delta R)$", r"$\ln(k_t\,/\,\mathrm{GeV})$"

_IN_A_LINE = 5

#: Decades of densities that have colours of their own.
_DECADES = 2

#: Particles, or emissions, that a cell has at least: of fewer a mean or a ratio is noise.
FEWEST = 20

#: Both are for ratios; that of attention is not that of decisions.
_RATIO_MAP, _ATTENTION_MAP = "RdBu", "PuOr_r"


@dataclass(frozen=True)
class LundPlanes:
    """The Lund planes of the classes of a dataset.

    Attributes
    ----------
    record : LundRecord
    arrays : dict of str to array
        As `jetline.explanation.lund_planes.write_lund_planes` writes them.
    """

    record: LundRecord
    arrays: dict[str, np.ndarray]

    @classmethod
    def read(cls, path: Path) -> LundPlanes:
        """Read both files.

        Raises
        ------
        JetlineError
            If one is missing, damaged or of another version.
        """
        path = Path(path)
        return cls(LundRecord.read(path), read_arrays(path.with_suffix(".npz")))

    @property
    def numbers(self) -> list[int]:
        """Number of each class that there are jets of, of two the signal first."""
        numbers = [self.record.classes.index(one.of) for one in self.record.planes]
        return numbers[::-1] if len(self.record.classes) == 2 else numbers

    def in_words(self) -> str:
        """Tell what the figure shows."""
        told = [f"{one.of} {one.hard.value:.2f}" for one in self.record.planes]
        return f"Lund planes by class; emissions of a jet with kt above 1 GeV: {', '.join(told)}."

    def drawn(self) -> Figure:
        """Draw a plane for each class, and of two their ratio."""
        return _planes(self)


@styled
def _planes(planes: LundPlanes) -> Figure:
    numbers = planes.numbers
    densities = [planes.arrays[f"density_{number}"] for number in numbers]
    figure, panels = _panels(len(numbers) + (len(numbers) == 2))
    scale = colour_scale(np.array(densities), _DECADES)
    for axes, number, density in zip(panels, numbers, densities, strict=False):
        shown = np.ma.masked_equal(density, 0)
        drawn = _show(axes, shown, planes.arrays, norm=scale, cmap=colours())
        axes.set_title(literal(planes.record.classes[number]))
    told = "emissions of a jet, per unit of area"
    figure.colorbar(drawn, ax=panels[: len(numbers)], label=told)
    if len(numbers) == 2:
        _draw_ratio(figure, panels[2], planes, numbers)
    return figure


def _draw_ratio(figure: Figure, axes: Any, planes: LundPlanes, numbers: list[int]) -> None:
    """Draw by how much denser the plane of the first class is, where both have emissions enough."""
    first, second = (planes.arrays[f"density_{number}"] for number in numbers)
    errors = [planes.arrays[f"error_{number}"] for number in numbers]
    # The error of a cell of n emissions is its density over the root of n.
    enough = [
        density >= np.sqrt(FEWEST) * error
        for density, error in zip((first, second), errors, strict=True)
    ]
    there = enough[0] & enough[1] & (first > 0) & (second > 0)
    ratio = np.ma.masked_array(np.ones(first.shape), ~there)
    ratio[there] = first[there] / second[there]
    drawn = _show(axes, ratio, planes.arrays, norm=_around_one(ratio.compressed()), cmap=_RATIO_MAP)
    names = [planes.record.classes[number] for number in numbers]
    axes.set_title(literal(" / ".join(names)))
    bar = figure.colorbar(drawn, ax=axes, label="ratio of densities")
    _plain_ticks(bar)


@styled
def attention_planes(found: ExplainedLabel) -> Figure:
    """Draw for each class what a particle has of the attention, in units of the even share."""
    record = found.records[0]
    numbers = [record.classes.index(kind) for kind in found.classes]
    shown = [
        np.ma.masked_array(
            np.nan_to_num(found.arrays[f"attention_{number}"], nan=1.0),
            found.arrays[f"attended_{number}"] < FEWEST,
        )
        for number in numbers
    ]
    figure, panels = _panels(len(numbers))
    scale = _around_one(np.concatenate([one.compressed() for one in shown]))
    for axes, number, one in zip(panels, numbers, shown, strict=True):
        drawn = _show(axes, one, found.arrays, norm=scale, cmap=_ATTENTION_MAP)
        axes.set_title(literal(record.classes[number]))
    bar = figure.colorbar(drawn, ax=panels, label="share of a particle\n[even share]")
    _plain_ticks(bar)
    return figure


def attention_told(found: ExplainedLabel) -> dict[str, Any] | None:
    """Join what trainings have of attention; None where a network has no class token."""
    known = [record.attention for record in found.records if record.attention]
    if not known:
        return None
    by_class = {
        kind: [one for each in known for one in each.of_classes if one.of == kind]
        for kind in found.classes
    }
    shuffled = [one.shuffled for one in known]
    return {
        "core": {k: Joined.of([one.core for one in of], found.seeds) for k, of in by_class.items()},
        "token": {
            k: Joined.of([one.token for one in of], found.seeds) for k, of in by_class.items()
        },
        "shuffled": None
        if None in shuffled
        else Joined.spread([one or 0.0 for one in shuffled], found.seeds),
        "fewest": FEWEST,
    }


def _panels(count: int) -> tuple[Figure, list[Any]]:
    """Make panels that share their axes."""
    columns = min(count, 3 if count <= 3 else _IN_A_LINE)
    lines = -(-count // columns)
    width = min(WIDTH, 4.2 * columns)
    figure = new_figure(width, 0.7 + 0.78 * width / columns * lines)
    grid = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True)
    for axes in grid.flat[count:]:
        axes.remove()
    figure.supxlabel(_LN_ANGLE, fontsize="medium")
    figure.supylabel(_LN_KT, fontsize="medium")
    return figure, list(grid.flat[:count])


def _show(axes: Any, values: Any, arrays: dict[str, np.ndarray], **look: Any) -> Any:
    axes.set_box_aspect(1)
    return axes.pcolormesh(arrays["ln_angle"], arrays["ln_kt"], values.T, **look)


def _around_one(values: np.ndarray) -> Any:
    """Make a logarithmic scale with one in its middle."""
    from matplotlib.colors import LogNorm

    sizes = np.abs(np.log(values[values > 0])) if len(values) else np.zeros(0)
    limit = max(1.2, float(np.exp(np.quantile(sizes, 0.98)))) if len(sizes) else 2.0
    return LogNorm(1 / limit, limit, clip=True)


def _plain_ticks(bar: Any) -> None:
    """Write numbers that are near one as they are."""
    from matplotlib.ticker import FixedLocator, NullLocator

    limit = bar.norm.vmax
    all_ticks = [0.05, 0.1, 0.2, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.5, 2, 5, 10, 20]
    crowded = limit > 2
    ticks = [
        one
        for one in all_ticks
        if 1 / limit <= one <= limit and not (crowded and one in (0.7, 0.8, 0.9, 1.1, 1.2, 1.5))
    ]
    bar.ax.yaxis.set_major_locator(FixedLocator(ticks))
    bar.ax.yaxis.set_minor_locator(NullLocator())
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
