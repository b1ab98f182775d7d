"""Mean images by class and their difference, drawn from a file that holds all that is shown."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, write_arrays
from jetline.inputs.kinds.images.recipe import ImageChannel, ImageRecipe
from jetline.report import style

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize, SymLogNorm
    from matplotlib.figure import Figure, SubFigure

    from jetline.inputs.kinds.images.sets import ImageSet

#: How the name of the data of a figure ends, after the recipe's.
DATA = ".npz"

CENTRES = {
    "centroid": "the jet's axis",
    "hardest": "the hardest constituent",
    "pixel": "the pixel of the jet's axis",
}

# Both even in lightness for a colour-blind reader, and light where there is little, for print.
_MAP = "viridis_r"
# Blue where quark jets have more, red where gluon jets have: the classes' colours elsewhere.
_DIFFERENCE_MAP = "RdBu"
_DECADES = 4
# Classes beside each other, where there are more than two.
_IN_A_LINE = 5
# What a line beside a colour bar, and one beside a row of images, holds.
_BAR_LETTERS, _SIDE_LETTERS = 28, 36
# Of the arrays in a file of data.
_MEAN_OF, _JETS_OF = "mean_image_{}", "{}_jets"


@dataclass(frozen=True)
class MeanImages:
    """The mean images of a recipe by class.

    Attributes
    ----------
    name : str
        The recipe's.
    recipe : ImageRecipe
    counts : dict
        Jets of each class.
    means : dict
        Mean image (n_y, n_phi, channels), float64, of each class that has jets.
    """

    name: str
    recipe: ImageRecipe
    counts: dict[str, int]
    means: dict[str, np.ndarray]

    @classmethod
    def of(cls, images: ImageSet) -> MeanImages:
        """Take the means from all that shards of one recipe hold."""
        return cls(images.name, images.recipe, images.counts, images.means)

    def drawn(self) -> Figure:
        """Draw the mean image of each class, and of two their difference, for each channel."""
        return _draw(self)

    def in_words(self) -> str:
        """Tell the largest pixels of the mean images, and of their difference."""
        kinds = [
            f"{kind} at most {image.max():.3g} in a pixel" for kind, image in self.means.items()
        ]
        if len(self.counts) == len(self.means) == 2:
            difference = np.subtract(*self.means.values())
            kinds.append(f"{self.subtracted} from {difference.min():.2g} to {difference.max():.2g}")
        return f"Mean images by class of the recipe {self.name}: {'; '.join(kinds)}."

    @property
    def subtracted(self) -> str:
        """Name the difference of two classes."""
        return " − ".join(self.counts)

    def write(self, path: Path) -> None:
        """Write all that the figure shows, whole or not at all."""
        write_arrays(
            path,
            name=np.array(self.name),
            classes=np.array(list(self.counts)),
            recipe=np.array(json.dumps(self.recipe.model_dump(mode="json"))),
            **{_JETS_OF.format(kind): np.array(count) for kind, count in self.counts.items()},
            **{_MEAN_OF.format(kind): image for kind, image in self.means.items()},
        )

    @staticmethod
    def are_in(path: Path) -> bool:
        """Tell whether a file holds mean images, and not another figure's data.

        Raises
        ------
        JetlineError
            If it is no archive of arrays.
        """
        return "recipe" in read_arrays(path)

    @classmethod
    def read(cls, path: Path) -> MeanImages:
        """Read what `write` wrote.

        Raises
        ------
        JetlineError
            If the file is missing, broken, or holds something else.
        """
        arrays = read_arrays(path)
        try:
            recipe = ImageRecipe.model_validate_json(str(arrays["recipe"]))
            counts = {str(kind): int(arrays[_JETS_OF.format(kind)]) for kind in arrays["classes"]}
            means = {kind: arrays[_MEAN_OF.format(kind)] for kind in counts if counts[kind]}
            shapes = {image.shape for image in means.values()}
            if shapes != {recipe.shape}:
                raise ValueError(
                    f"images of {shapes or 'no'} pixels for a recipe of {recipe.shape}"
                )
            return cls(str(arrays["name"]), recipe, counts, means)
        # What pydantic raises is a ValueError too.
        except (KeyError, TypeError, ValueError) as error:
            raise JetlineError(
                str(path),
                found=f"no mean images of this version of jetline ({error})",
                expected=f"the data of a figure, images/<recipe>{DATA} in the folder of a run",
                remedy="show the images again: jetline show images",
            ) from None


def channel_title(channel: ImageChannel) -> str:
    """Tell whose constituents a channel shows, and by what."""
    species = str(channel.species).replace("_", " ")
    if species in ("all", "charged", "neutral", "positive", "negative"):
        species += " constituents"
    return f"{'pT' if channel.weight == 'pt' else 'number'} of {species}"


def channel_unit(channel: ImageChannel) -> str:
    """Tell what a pixel's value is, with its unit."""
    if channel.normalisation == "none":
        return "pT [GeV]" if channel.weight == "pt" else "constituents"
    share = "share of " + ("pT" if channel.weight == "pt" else "constituents")
    return share if channel.normalisation == "l1" else f"{share} per area [1/rad]"


def axis_labels(recipe: ImageRecipe) -> tuple[str, str]:
    """Label the two axes of an image, rapidity and azimuth."""
    if recipe.centring == "none":
        return "rapidity", "azimuth [rad]"
    centre = CENTRES[recipe.centring]
    rapidity, azimuth = "rapidity relative to {centre}", "azimuth relative to {centre} [rad]"
    for step in recipe.steps.values():
        rapidity, azimuth = step.axes or (rapidity, azimuth)
    return rapidity.format(centre=centre), azimuth.format(centre=centre)


def colour_scale(values: np.ndarray, decades: int) -> Normalize:
    """Make a scale of colours, logarithmic where values span more than a decade.

    It goes from the largest value down to the smallest above zero, but at most `decades` decades;
    other values have a linear scale from zero.
    """
    from matplotlib.colors import LogNorm, Normalize

    above = values[values > 0]
    if not above.size:
        return Normalize(0, 1, clip=True)
    high = float(above.max())
    low = max(float(above.min()), high / 10**decades)
    return LogNorm(low, high, clip=True) if high > 10 * low else Normalize(0, high, clip=True)


def colours() -> Colormap:
    """Give the colours of values above zero; a pixel that holds nothing is white."""
    import matplotlib as mpl

    return mpl.colormaps[_MAP].with_extremes(bad="white")


@style.styled
def _draw(images: MeanImages) -> Figure:
    """Draw a row for each channel."""
    recipe = images.recipe
    classes = list(images.counts)
    # Two classes leave room for their difference; more go on in a second line.
    columns = 3 if len(classes) == 2 else min(len(classes), _IN_A_LINE)
    lines = -(-len(classes) // columns)
    figure = style.new_figure(10.2, 9.6 / columns * lines * len(recipe.channels))
    rows = figure.subfigures(len(recipe.channels), 1, squeeze=False)[:, 0]
    for number, (row, channel) in enumerate(zip(rows, recipe.channels, strict=True)):
        means = {kind: mean[..., number] for kind, mean in images.means.items()}
        panels = row.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel()
        row.suptitle(channel_title(channel))
        scale = colour_scale(np.array(list(means.values())), _DECADES)
        for axes, kind in zip(panels, classes, strict=False):
            jets = f"{images.counts[kind]:,}".replace(",", "\u202f")
            axes.set_title(f"{kind}: mean of {jets} jets" if columns == 3 else f"{kind} ({jets})")
            if kind in means:
                # A pixel without anything is left white: no jet has a constituent there.
                shown = np.ma.masked_equal(means[kind], 0)
                drawn = _show(axes, shown, recipe, norm=scale, cmap=colours())
            else:
                _say(axes, f"no {kind} jets")
        unit = style.literal(channel_unit(channel), _BAR_LETTERS)
        row.colorbar(drawn, ax=panels[: len(classes)], label=unit, pad=0.02)
        if len(classes) == 2:
            panels[2].set_title(images.subtracted)
            _show_difference(row, panels[2], images, number, scale)
        else:
            for axes in panels[len(classes) :]:
                axes.set_axis_off()
        rapidity, azimuth = axis_labels(recipe)
        row.supxlabel(rapidity, fontsize="medium")
        row.supylabel(style.literal(azimuth, _SIDE_LETTERS), fontsize="medium")
    return figure


def _show_difference(
    row: SubFigure, axes: Axes, images: MeanImages, channel: int, means: Normalize
) -> None:
    """Draw the difference of two classes beside their means, whose scale is `means`."""
    from matplotlib.colors import SymLogNorm

    if len(images.means) < 2:
        _say(axes, "needs both classes")
        return
    difference = np.subtract(*(mean[..., channel] for mean in images.means.values()))
    scale = _centred_scale(difference, means)
    drawn = _show(axes, difference, images.recipe, norm=scale, cmap=_DIFFERENCE_MAP)
    told = f"difference in {channel_unit(images.recipe.channels[channel])}"
    bar = row.colorbar(drawn, ax=axes, label=style.literal(told, _BAR_LETTERS))
    if isinstance(scale, SymLogNorm):
        bar.set_ticks(powers_both_ways(scale), minor=False)
        bar.minorticks_off()


def _centred_scale(difference: np.ndarray, means: Normalize) -> Normalize:
    """Make the scale of a difference, the same on both sides of zero, as that of the means."""
    from matplotlib.colors import LogNorm, Normalize, SymLogNorm

    limit = float(np.abs(difference).max()) or 1.0
    if isinstance(means, LogNorm):
        return SymLogNorm(limit / 1000, vmin=-limit, vmax=limit)
    return Normalize(-limit, limit)


def powers_both_ways(scale: SymLogNorm) -> list[float]:
    """List zero, and the powers of ten on both sides of it that are clear of it."""
    first = math.ceil(math.log10(3 * scale.linthresh))
    powers = [
        10.0**power for power in range(first, math.floor(math.log10(cast("float", scale.vmax))) + 1)
    ]
    return [*(-power for power in reversed(powers)), 0.0, *powers]


def _show(axes: Axes, image: np.ndarray, recipe: ImageRecipe, **colours: Any) -> Any:
    """Draw (n_y, n_phi) pixels over the recipe's window, rapidity to the right."""
    axes.set_box_aspect(1)
    window = (*recipe.rapidity, *recipe.azimuth)
    return axes.imshow(image.T, origin="lower", extent=window, aspect="auto", **colours)


def _say(axes: Axes, words: str) -> None:
    axes.set_box_aspect(1)
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color="0.4")
