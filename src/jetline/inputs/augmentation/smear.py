"""Smearing what a detector measures of each particle."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from jetline.inputs.augmentation.augmentation_step import AugmentationStep
from jetline.inputs.lit_pixels import pt_channels, without_pt
from jetline.jets.constituents import PHI, PT, RAPIDITY

if TYPE_CHECKING:
    from jetline.inputs.lit_pixels import Imaging, LitPixels


class Smear(AugmentationStep):
    """Smear pT, rapidity and azimuth of each particle by normal distributions.

    Of an image the pT of each pixel is smeared, and its counts stay; angles are smeared of
    particles alone, as pixels are wider.
    """

    kinds: ClassVar = ("particles", "images")

    step: Literal["smear"] = Field(
        description="`smear`: smear pT, and of particles angles, by normal distributions"
    )
    pt: float = Field(
        0.02,
        ge=0,
        le=0.5,
        description="standard deviation of ln pT, which is that of pT relative to it as long as it "
        "is small; pT stays above 0",
    )
    angle: float = Field(
        0.0, ge=0, le=0.2, description="standard deviation of rapidity and of azimuth [rad]"
    )

    def unsuited_images(self, recipe: Imaging) -> str | None:
        """Refuse to smear angles of pixels, and the pT of images that have none."""
        if self.angle:
            return "images with an `angle` above 0"
        return without_pt(recipe)

    def change_particles(
        self, particles: np.ndarray, counts: np.ndarray, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Smear particles."""
        widths = np.array([self.pt, self.angle, self.angle])
        pt, y, phi = widths[:, None] * random.standard_normal((3, len(particles)))
        smeared = particles.copy()
        smeared[:, PT] *= np.exp(pt)
        smeared[:, RAPIDITY] += y
        smeared[:, PHI] += phi
        return smeared, counts

    def change_pixels(
        self, pixels: LitPixels, recipe: Imaging, random: np.random.Generator
    ) -> LitPixels:
        """Smear the pT of pixels, of each channel by itself."""
        factors = np.exp(self.pt * random.standard_normal(pixels.values.shape))
        smeared = np.where(pt_channels(recipe), pixels.values * factors, pixels.values)
        return replace(pixels, values=smeared.astype(np.float32))
