"""Mirroring jets at random."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from jetline.inputs.augmentation.augmentation_step import AugmentationStep
from jetline.inputs.flat import from_centroid
from jetline.jets.constituents import PHI, RAPIDITY

if TYPE_CHECKING:
    from jetline.inputs.lit_pixels import Imaging, LitPixels

#: Columns of the particles that each choice mirrors.
_COLUMNS = {"rapidity": (RAPIDITY,), "azimuth": (PHI,), "both": (RAPIDITY, PHI)}


class Reflect(AugmentationStep):
    """Mirror jets at random, in rapidity, azimuth, or each of them by itself.

    Particles are mirrored at their pT-weighted centroid, images at the middle of their window. pT,
    masses, distances between particles and girth stay.
    """

    kinds: ClassVar = ("particles", "images", "pictures")

    step: Literal["reflect"] = Field(description="`reflect`: mirror jets at random")
    direction: Literal["rapidity", "azimuth", "both"] = Field(
        "both", description="what is mirrored; with `both`, each by itself"
    )
    probability: float = Field(0.5, ge=0, le=1, description="share of the jets that are mirrored")

    def unsuited_images(self, recipe: Imaging) -> str | None:
        """Refuse images that the recipe has mirrored, and windows that mirroring changes."""
        # The principal axis, which `rotate` turns, has no direction.
        if fixed := [name for name in recipe.steps if name != "rotate"]:
            return f"images with {' and '.join(fixed)}, which mirror every jet alike"
        windows = {"rapidity": recipe.rapidity, "azimuth": recipe.azimuth}
        for name, (low, high) in windows.items():
            free = name == "azimuth" and recipe.centring == "none"
            if self.direction in (name, "both") and low != -high and not free:
                return f"images whose window in {name} does not have 0 in its middle"
        return None

    def change_particles(
        self, particles: np.ndarray, counts: np.ndarray, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mirror jets at their centroids."""
        relative = dict(zip((RAPIDITY, PHI), from_centroid(particles, counts), strict=True))
        mirrored = particles.copy()
        for column in _COLUMNS[self.direction]:
            chosen = np.repeat(random.random(len(counts)) < self.probability, counts)
            mirrored[:, column] -= np.where(chosen, 2 * relative[column], 0)
        return mirrored, counts

    def change_pixels(
        self,
        pixels: LitPixels,
        recipe: Imaging,  # noqa: ARG002
        random: np.random.Generator,
    ) -> LitPixels:
        """Mirror images."""
        # The axes of images are jet, rapidity and azimuth, as the columns of particles are pT and
        # these two.
        places = {RAPIDITY: pixels.row, PHI: pixels.column}
        for column in _COLUMNS[self.direction]:
            chosen = random.random(pixels.shape[0]) < self.probability
            mirrored = pixels.shape[column] - 1 - places[column]
            places[column] = np.where(chosen[pixels.image], mirrored, places[column])
        return replace(pixels, row=places[RAPIDITY], column=places[PHI])
