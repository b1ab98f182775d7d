"""The page on images: mean quark and gluon image, their difference, and single jets."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from jetline.core.classes import QUARK_GLUON, in_words
from jetline.core.files import atomic, write_text
from jetline.evaluation import display
from jetline.inputs.kinds.images.sets import ImageSet, read_image_sets
from jetline.report import page, style
from jetline.report.mean_images import (
    CENTRES,
    DATA,
    MeanImages,
    axis_labels,
    channel_title,
    channel_unit,
    colour_scale,
    colours,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.colors import Normalize

_JET_DECADES = 3
_EACH = 32


def write_gallery(
    shards: Sequence[Path],
    output: Path,
    *,
    seed: int,
    figures: Path | None = None,
    classes: Sequence[str] = QUARK_GLUON,
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
        Folder for the figure of the means too, `<recipe>.png` and `.pdf`, and its data, `.npz`.
    classes : sequence of str
        Names of the classes by number.

    Returns
    -------
    list of ImageSet
        What the page shows.

    Raises
    ------
    JetlineError
        If a folder is no whole image shard, or a recipe's shards hold no labelled jet.
    """
    sets = read_image_sets(shards, seed, max(1, 2 * _EACH // len(classes)), classes)
    sections = []
    for images in sets:
        means = MeanImages.of(images)
        figure = means.drawn()
        # Once alone: to draw a figure again moves its panels by a hair.
        picture = style.png(figure)
        if figures:
            with atomic(Path(figures) / f"{images.name}.png") as temporary:
                temporary.write_bytes(picture)
            style.save_pdf(figure, Path(figures) / f"{images.name}.pdf")
            means.write(Path(figures) / f"{images.name}{DATA}")
        sections.append(_section(images, page.embedded(picture) | {"alt": means.in_words()}))
    text = page.render(
        "images_page.html.j2",
        {"count": display.count},
        sections=sections,
        seed=seed,
        kinds=list(classes)[::-1],
    )
    write_text(output, text)
    return sets


def _section(images: ImageSet, means: dict[str, Any]) -> dict[str, Any]:
    """Collect what the template shows of one recipe, whose means are an embedded picture."""
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
        "told": in_words({kind: display.count(n) for kind, n in images.counts.items()}),
        "means": means,
        "recipe": recipe,
        "recipe_text": json.dumps(recipe.model_dump(mode="json"), indent=2),
        "centre": CENTRES.get(recipe.centring),
        "channels": channels,
        "jets": jets,
        "axes": [
            {"label": rapidity, "ticks": _ends(recipe.rapidity)},
            {"label": azimuth, "ticks": _ends(recipe.azimuth)},
        ],
    }


def _picture(image: np.ndarray, scale: Normalize) -> str:
    """Give one channel (n_y, n_phi) of a jet as a data URI, a PNG pixel for each of the image's."""
    from matplotlib.image import imsave

    shown = np.ma.masked_equal(image.T[::-1], 0)
    pixels = colours()(scale(shown), bytes=True)[..., :3]
    stream = io.BytesIO()
    imsave(stream, np.ascontiguousarray(pixels), format="png", metadata={"Software": None})  # type: ignore[dict-item]
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
        "colours": [to_hex(colours()(x)) for x in np.linspace(0, 1, 17)],
        "ticks": [{"place": 100 * float(scale(x)), "text": f"{x:.3g}"} for x in values],
    }


def _ends(window: tuple[float, float]) -> list[str]:
    """Print both ends of a window and its middle."""
    low, high = window
    return [f"{x:.3g}".replace("-", "\u2212") for x in (low, (low + high) / 2, high)]
