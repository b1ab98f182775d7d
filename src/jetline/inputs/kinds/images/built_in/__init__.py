"""The recipes that are always there, and recipes by name and settings."""

from __future__ import annotations

import difflib
import math
from typing import Any

from pydantic import ValidationError

from jetline.core.errors import JetlineError
from jetline.inputs.kinds.images.recipe import ImageChannel, ImageRecipe

_COLOR = (
    ImageChannel(species="charged"),
    ImageChannel(species="neutral"),
    ImageChannel(species="charged", weight="count", normalisation="none"),
)

RECIPES = {
    "notebook": ImageRecipe(
        pixels=28,
        rapidity=(-1.7, 1.7),
        azimuth=(0.0, 2 * math.pi),
        centring="none",
        channels=(ImageChannel(weight="count", normalisation="density"),),
        wrap_azimuth=False,
        padding_as_particles=True,
    ),
    "pt": ImageRecipe(),
    "color": ImageRecipe(channels=_COLOR, set_normalisation="standardise"),
    "color-scaled": ImageRecipe(channels=_COLOR),
}

DESCRIPTIONS = {
    "notebook": "the course notebook's: 28 x 28 over the whole detector, not centred, "
    "constituents counted, padding counted as particles at the origin and jets cut where the "
    "azimuth begins (its flaws)",
    "pt": "33 x 33 over 0.8 x 0.8 about the jet's centroid, pT-weighted, sum 1",
    "color": "the three channels of arXiv:1612.01551 on the grid of `pt`: pT of charged and pT of "
    "neutral constituents, sum 1 together, and the number of charged ones; each pixel standardised "
    "by the training part",
    "color-scaled": "those of `color`, each divided by its largest pixel in the training part",
}


def read_recipe(name: str, settings: dict[str, Any] | None = None) -> ImageRecipe:
    """Give the built-in recipe of a name, or one of settings of its own.

    Parameters
    ----------
    name : str
        The recipe's.
    settings : dict, optional
        Its settings, such as ``{"pixels": 16}``; without them it is a built-in one.

    Raises
    ------
    JetlineError
        If the name is no built-in recipe's and no settings are given, or if they are wrong.
    """
    if settings is not None:
        try:
            return ImageRecipe.model_validate(settings)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise JetlineError(
                f"recipe {name}" + (f", {place}" if place else ""),
                found=str(first["input"]),
                expected=first["msg"],
                remedy="correct it; all settings of a recipe are in config/README.md",
            ) from None
    if name not in RECIPES:
        near = difflib.get_close_matches(name, RECIPES, n=1)
        example = f"--inputs images/{name} --recipe '{{\"pixels\": 16}}'"
        raise JetlineError(
            f"recipe {name}",
            found="no recipe of this name",
            expected="one of " + ", ".join(RECIPES),
            remedy=f"did you mean {near[0]}?"
            if near
            else f"choose one, or give settings: {example}",
        )
    return RECIPES[name]
