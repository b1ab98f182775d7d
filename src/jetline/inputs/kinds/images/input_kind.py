"""Jet images as inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from jetline.core.files import short_hash
from jetline.inputs.kinds.images.built_in import read_recipe
from jetline.inputs.kinds.images.imaging import image_blocks
from jetline.inputs.kinds.images.pixels import PixelStatistics
from jetline.inputs.kinds.images.steps import IMAGE_STEPS
from jetline.inputs.kinds.input_kind import InputKind
from jetline.inputs.shards import save_blocks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jetline.inputs.kinds.images.recipe import ImageRecipe
    from jetline.jets.reading import JetFile
    from jetline.records.manifest import SavedArray


@dataclass(frozen=True)
class Images(InputKind):
    """Images by one recipe: a shard holds ``images`` (n_jets, n_y, n_phi, channels).

    Parameters
    ----------
    recipe_name : str
        The recipe's name.
    settings : ImageRecipe
        The recipe.
    """

    name: ClassVar = "images"
    arrays: ClassVar = ("images",)
    memory_mb: ClassVar = 500

    recipe_name: str
    settings: ImageRecipe

    @classmethod
    def of(cls, inputs: str, recipe: dict[str, Any] | None = None) -> Self:
        """Give images by a recipe: without settings, a built-in one."""
        name = inputs.removeprefix("images").removeprefix("/")
        return cls(name, read_recipe(name, recipe))

    @classmethod
    def choices(cls, recipes: Mapping[str, Any]) -> dict[str, Self]:
        """Give the images by each of some recipes."""
        return {f"images/{name}": cls(name, recipe) for name, recipe in recipes.items()}

    @property
    def inputs(self) -> str:
        """What an architecture's `inputs` calls them."""
        return f"images/{self.recipe_name}"

    @property
    def folder(self) -> str:
        """Folder of the shards: other settings under the same name have another one."""
        return f"{self.inputs}-{short_hash(self.recipe)}"

    @property
    def recipe(self) -> dict[str, Any]:
        """The recipe's settings."""
        return self.settings.model_dump(mode="json")

    @property
    def imaging(self) -> ImageRecipe:
        """The recipe."""
        return self.settings

    @property
    def identity(self) -> str:
        """What the images tell of the species."""
        return self.settings.identity

    @property
    def modules(self) -> tuple[str, ...]:
        """Modules whose code decides what the shards hold: a step counts if it is asked for."""
        return (*super().modules, *(IMAGE_STEPS.module(name) for name in self.settings.steps))

    def save_arrays(self, jets: JetFile, folder: Path) -> dict[str, SavedArray]:
        """Save the images of one jet file, made in the memory of a block of jets."""
        shape, dtype = (len(jets), *self.settings.shape), np.dtype(self.settings.dtype)
        images = image_blocks(jets, self.settings)
        return {"images": save_blocks(folder, "images", shape, dtype, images)}

    def statistics(self) -> PixelStatistics:
        """Give what finds the statistics of the pixels."""
        return PixelStatistics(self.settings.shape, self.settings.set_normalisation)
