"""Turning each jet about its axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from jetline.inputs.augmentation.augmentation_step import AugmentationStep
from jetline.inputs.flat import from_centroid
from jetline.jets.constituents import PHI, RAPIDITY

if TYPE_CHECKING:
    from jetline.inputs.lit_pixels import Imaging, LitPixels


class Rotate(AugmentationStep):
    """Turn each jet about its axis, in rapidity and azimuth.

    The axis of particles is their pT-weighted centroid, that of an image what the recipe centres
    on. pT, distances between particles and girth stay; masses do up to the fourth power of
    distances. The content of each pixel goes to the one in which its middle comes to lie:
    interpolation would spread it over four.
    """

    kinds: ClassVar = ("particles", "images")

    step: Literal["rotate"] = Field(
        description="`rotate`: turn each jet about its axis by a random angle"
    )
    angle: float = Field(
        round(math.pi, 6),
        ge=0,
        le=round(math.pi, 6),
        description="largest angle [rad]; a jet's is drawn evenly up to it, either way",
    )

    def unsuited_images(self, recipe: Imaging) -> str | None:
        """Refuse images without an axis in them, and those that the recipe has turned itself."""
        if recipe.centring == "none":
            return "images that are not centred on the jet"
        if recipe.steps:
            return f"images with {' and '.join(recipe.steps)}, which turn every jet alike"
        return None

    def change_particles(
        self, particles: np.ndarray, counts: np.ndarray, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Turn jets about their centroids."""
        sine, less = (np.repeat(part, counts) for part in self._turns(len(counts), random))
        y, phi = from_centroid(particles, counts)
        turned = particles.copy()
        turned[:, RAPIDITY] += less * y - sine * phi
        turned[:, PHI] += sine * y + less * phi
        return turned, counts

    def change_pixels(
        self, pixels: LitPixels, recipe: Imaging, random: np.random.Generator
    ) -> LitPixels:
        """Turn the contents of pixels about the origin of the window."""
        sine, less = (part[pixels.image] for part in self._turns(pixels.shape[0], random))
        lowest = np.array([recipe.rapidity[0], recipe.azimuth[0]])
        width = np.array([np.ptp(recipe.rapidity), np.ptp(recipe.azimuth)]) / recipe.pixels
        places = np.stack([pixels.row, pixels.column], axis=1) + 0.5
        y, phi = (lowest + width * places).T
        change = np.stack([less * y - sine * phi, sine * y + less * phi], axis=1)
        row, column = np.floor(places + change / width).astype(np.int64).T
        return pixels.at(row, column)

    def _turns(self, n_jets: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw angles; give their sines, and their cosines less 1, which keeps 0 exact."""
        angle = self.angle * random.uniform(-1, 1, n_jets)
        return np.sin(angle), -2 * np.sin(angle / 2) ** 2
