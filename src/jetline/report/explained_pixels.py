"""Maps of what pixels add to decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.inputs.kinds.images.recipe import ImageRecipe
from jetline.report.explained_groups import MAP
from jetline.report.mean_images import axis_labels, powers_both_ways
from jetline.report.style import WIDTH, literal, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from jetline.report.explained_taggers import ExplainedLabel

_IN_A_LINE = 5

#: The parts of the figure, and the names of their arrays.
_PARTS = {
    "mean over jets": ("mean_added_{}", "mean_image_{}"),
    "one jet": ("added_{}_0", "image_{}_0"),
}
#: Smallest share of the largest value that has a colour of its own on the logarithmic scale.
_LINEAR = 0.01


@styled
def pixel_maps(found: ExplainedLabel) -> Figure:
    """Draw what pixels add in the mean over each class, and for a single image of each.

    Of jets colours are logarithmic on both sides of zero; of pictures the outline is drawn too.
    """
    record = found.records[0]
    recipe = ImageRecipe.model_validate(record.recipe) if record.recipe else None
    numbers = [record.classes.index(kind) for kind in found.classes]
    columns = min(len(numbers), _IN_A_LINE)
    lines = -(-len(numbers) // columns)
    width = min(WIDTH, 3.9 * columns)
    figure = new_figure(width, 2 * lines * (width - 1.4) / columns + 1.6)
    parts: Any = figure.subfigures(2, 1)
    for part, (told, patterns) in zip(parts, _PARTS.items(), strict=True):
        of_pictures = told.replace("jet", "picture")
        part.suptitle(told if recipe else of_pictures, fontsize="medium")
        _draw(part, found, numbers, patterns, recipe, (lines, columns))
    return figure


def _draw(
    part: Any,
    found: ExplainedLabel,
    numbers: list[int],
    patterns: tuple[str, str],
    recipe: ImageRecipe | None,
    shape: tuple[int, int],
) -> None:
    from matplotlib.colors import Normalize, SymLogNorm

    maps, images = (
        [found.arrays[pattern.format(number)].sum(axis=-1) for number in numbers]
        for pattern in patterns
    )
    largest = max(float(np.abs(one).max()) for one in maps) or 1.0
    scale: Any = Normalize(-largest, largest)
    if recipe:  # a pixel or two of a jet may add more than all others
        scale = SymLogNorm(_LINEAR * largest, vmin=-largest, vmax=largest)
    panels = part.subplots(*shape, squeeze=False, sharex=True, sharey=True).ravel()
    for axes, number, one, image in zip(panels, numbers, maps, images, strict=False):
        if recipe:
            window = (*recipe.rapidity, *recipe.azimuth)
            drawn = axes.imshow(
                one.T, origin="lower", extent=window, cmap=MAP, norm=scale, aspect="auto"
            )
        else:
            drawn = axes.imshow(one, cmap=MAP, norm=scale, aspect="auto")
            if image.max() > image.min():
                axes.contour(image, levels=[image.max() / 2], colors="0.25", linewidths=0.7)
        axes.set_box_aspect(1)
        axes.set_title(literal(found.records[0].classes[number]))
    for axes in panels[len(numbers) :]:
        axes.remove()
    told = axis_labels(recipe) if recipe else ("column [pixels]", "row [pixels]")
    part.supxlabel(told[0], fontsize="medium")
    part.supylabel(literal(told[1], 36), fontsize="medium")
    bar = part.colorbar(drawn, ax=panels[: len(numbers)], label="added [logits]")
    if recipe:
        bar.set_ticks(powers_both_ways(scale), minor=False)
        bar.minorticks_off()
