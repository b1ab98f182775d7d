"""The page on images: mean quark and gluon image, their difference, and single jets."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from jetline.core.files import atomic, write_text
from jetline.evaluation import display
from jetline.inputs.kinds.images.sets import ImageSet, read_image_sets
from jetline.jets.constituents import CLASSES
from jetline.report import page, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize, SymLogNorm
    from matplotlib.figure import Figure

    from jetline.inputs.kinds.images.recipe import ImageChannel, ImageRecipe


# Both even in lightness for a colour-blind reader, and light where there is little, for print.
_MAP = "viridis_r"
# Blue where quark jets have more, red where gluon jets have: the classes' colours elsewhere.
_DIFFERENCE_MAP = "RdBu"
_MEAN_DECADES, _JET_DECADES = 4, 3
_EACH = 32
# What a line beside a colour bar, and one beside a row of images, holds.
_BAR_LETTERS, _SIDE_LETTERS = 28, 36

_CENTRES = {
    "centroid": "the jet's axis",
    "hardest": "the hardest constituent",
    "pixel": "the pixel of the jet's axis",
}


def write_gallery(
    shards: Sequence[Path], output: Path, *, seed: int, figures: Path | None = None
) -> list[ImageSet]:
    """Write the page on the images of shards, by recipe.

    Parameters
    ----------
    shards : sequence of Path
        Image shards, of one recipe or several.
    output : Path
        The HTML file to write.
    seed : int
        Decides which single jets are shown.
    figures : Path, optional
        Folder for the figure of the means too, `<recipe>.png` and `.pdf`.

    Returns
    -------
    list of ImageSet
        What the page shows.

    Raises
    ------
    JetlineError
        If a folder is no whole image shard, or a recipe's shards hold no labelled jet.
    """
    sets = read_image_sets(shards, seed, _EACH)
    sections = []
    for images in sets:
        figure = draw_means(images)
        means = _png(figure)
        if figures:
            style.save_pdf(figure, Path(figures) / f"{images.name}.pdf")
            with atomic(Path(figures) / f"{images.name}.png") as temporary:
                temporary.write_bytes(means)
        sections.append(_section(images, page.embedded(means)))
    text = page.render(
        "images_page.html.j2",
        {"count": display.count},
        sections=sections,
        seed=seed,
    )
    write_text(output, text)
    return sets


def _section(images: ImageSet, means: dict[str, Any]) -> dict[str, Any]:
    """Collect what the template shows of one recipe."""
    recipe = images.recipe
    channels, pictures = [], []
    for number, channel in enumerate(recipe.channels):
        pixels = np.array([jet.image[..., number] for jet in images.jets], np.float64)
        scale = colour_scale(pixels, _JET_DECADES)
        pictures.append([_picture(image, scale) for image in pixels])
        channels.append(
            {"title": channel_title(channel), "unit": channel_unit(channel)} | _colour_bar(scale)
        )
    jets = [
        {"kind": jet.kind, "file": jet.file, "number": jet.number, "pictures": list(shown)}
        for jet, shown in zip(images.jets, zip(*pictures, strict=True), strict=True)
    ]
    rapidity, azimuth = axis_labels(recipe)
    return {
        "images": images,
        "means": means | {"alt": means_in_words(images)},
        "recipe": recipe,
        "recipe_text": json.dumps(recipe.model_dump(mode="json"), indent=2),
        "centre": _CENTRES.get(recipe.centring),
        "channels": channels,
        "jets": jets,
        "axes": [
            {"label": rapidity, "ticks": _ends(recipe.rapidity)},
            {"label": azimuth, "ticks": _ends(recipe.azimuth)},
        ],
    }


def means_in_words(images: ImageSet) -> str:
    """Tell the largest pixels of a recipe's mean images, and of their difference."""
    kinds = [f"{kind} at most {image.max():.3g} in a pixel" for kind, image in images.means.items()]
    if len(images.means) > 1:
        difference = images.means["quark"] - images.means["gluon"]
        kinds.append(f"quark − gluon from {difference.min():.2g} to {difference.max():.2g}")
    return f"Mean images by class of the recipe {images.name}: {'; '.join(kinds)}."


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
    centre = _CENTRES[recipe.centring]
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


def _colours() -> Colormap:
    """Give the colours of values above zero; a pixel that holds nothing is white."""
    import matplotlib as mpl

    return mpl.colormaps[_MAP].with_extremes(bad="white")


@style.styled
def draw_means(images: ImageSet) -> Figure:
    """Draw mean quark image, mean gluon image and difference, a row for each channel."""
    from matplotlib.colors import SymLogNorm

    recipe = images.recipe
    figure = style.new_figure(10.2, 3.2 * len(recipe.channels))
    rows = figure.subfigures(len(recipe.channels), 1, squeeze=False)[:, 0]
    for number, (row, channel) in enumerate(zip(rows, recipe.channels, strict=True)):
        means = {kind: mean[..., number] for kind, mean in images.means.items()}
        panels = row.subplots(1, 3, sharex=True, sharey=True)
        row.suptitle(channel_title(channel))
        scale = colour_scale(np.array(list(means.values())), _MEAN_DECADES)
        for axes, kind in zip(panels, CLASSES, strict=False):
            axes.set_title(f"{kind}: mean of {images.counts[kind]:,} jets".replace(",", "\u202f"))
            if kind in means:
                # A pixel without anything is left white: no jet has a constituent there.
                shown = np.ma.masked_equal(means[kind], 0)
                drawn = _show(axes, shown, recipe, norm=scale, cmap=_colours())
            else:
                _say(axes, f"no {kind} jets")
        unit = style.literal(channel_unit(channel), _BAR_LETTERS)
        row.colorbar(drawn, ax=panels[:2], label=unit, pad=0.02)
        panels[2].set_title("quark − gluon")
        if len(means) == len(CLASSES):
            difference = means["quark"] - means["gluon"]
            scale = _centred_scale(difference, scale)
            drawn = _show(panels[2], difference, recipe, norm=scale, cmap=_DIFFERENCE_MAP)
            unit = style.literal(f"difference in {channel_unit(channel)}", _BAR_LETTERS)
            bar = row.colorbar(drawn, ax=panels[2], label=unit)
            if isinstance(scale, SymLogNorm):
                bar.set_ticks(_powers_both_ways(scale), minor=False)
                bar.minorticks_off()
        else:
            _say(panels[2], "needs both classes")
        rapidity, azimuth = axis_labels(recipe)
        row.supxlabel(rapidity, fontsize="medium")
        row.supylabel(style.literal(azimuth, _SIDE_LETTERS), fontsize="medium")
    return figure


def _centred_scale(difference: np.ndarray, means: Normalize) -> Normalize:
    """Make the scale of a difference, the same on both sides of zero, as that of the means."""
    from matplotlib.colors import LogNorm, Normalize, SymLogNorm

    limit = float(np.abs(difference).max()) or 1.0
    if isinstance(means, LogNorm):
        return SymLogNorm(limit / 1000, vmin=-limit, vmax=limit)
    return Normalize(-limit, limit)


def _powers_both_ways(scale: SymLogNorm) -> list[float]:
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


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=style.DPI)
    return stream.getvalue()


def _picture(image: np.ndarray, scale: Normalize) -> str:
    """Give one channel (n_y, n_phi) of a jet as a data URI, a PNG pixel for each of the image's."""
    from matplotlib.image import imsave

    shown = np.ma.masked_equal(image.T[::-1], 0)
    colours = _colours()(scale(shown), bytes=True)[..., :3]
    stream = io.BytesIO()
    imsave(stream, np.ascontiguousarray(colours), format="png", metadata={"Software": None})  # type: ignore[dict-item]
    return page.embedded(stream.getvalue())["source"]


def _colour_bar(scale: Normalize) -> dict[str, Any]:
    """Give the colours along the bar of a channel, and its ticks: place [%] and text."""
    from matplotlib.colors import LogNorm, to_hex

    low, high = cast("float", scale.vmin), cast("float", scale.vmax)
    values = [low, high]
    if isinstance(scale, LogNorm):
        first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
        values = [10.0**power for power in range(first, last + 1)]
    return {
        "colours": [to_hex(_colours()(x)) for x in np.linspace(0, 1, 17)],
        "ticks": [{"place": 100 * float(scale(x)), "text": f"{x:.3g}"} for x in values],
    }


def _ends(window: tuple[float, float]) -> list[str]:
    """Print both ends of a window and its middle."""
    low, high = window
    return [f"{x:.3g}".replace("-", "\u2212") for x in (low, (low + high) / 2, high)]
