"""Losing soft particles."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from jetline.inputs.augmentation.augmentation_step import AugmentationStep, SoftPt, SoftShare
from jetline.inputs.flat import first_rows, soft
from jetline.inputs.lit_pixels import pt_channels, without_pt

if TYPE_CHECKING:
    from jetline.inputs.lit_pixels import Imaging, LitPixels


class DropSoft(AugmentationStep):
    """Lose soft particles at random, as a detector does; a jet keeps its hardest.

    Of an image soft pixels become empty, in all channels at once.
    """

    kinds: ClassVar = ("particles", "images")

    step: Literal["drop"] = Field(description="`drop`: lose soft particles or pixels at random")
    probability: float = Field(
        0.1, ge=0, le=1, description="share of the soft particles or pixels that are lost"
    )
    z: SoftShare = 0.01
    pt: SoftPt = 0.0

    def unsuited_images(self, recipe: Imaging) -> str | None:
        """Refuse images that do not tell which pixels are soft."""
        if self.pt:
            return "images with a `pt` above 0"
        return without_pt(recipe)

    def change_particles(
        self, particles: np.ndarray, counts: np.ndarray, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Lose soft particles."""
        lost = random.random(len(particles)) < self.probability
        kept = ~(lost & soft(particles, counts, self.z, self.pt))
        return particles[kept], np.add.reduceat(kept, first_rows(counts), dtype=counts.dtype)

    def change_pixels(
        self, pixels: LitPixels, recipe: Imaging, random: np.random.Generator
    ) -> LitPixels:
        """Empty soft pixels."""
        channels = pt_channels(recipe)
        pt = pixels.values[:, channels].sum(axis=1, dtype=np.float64)
        hardest = np.zeros(pixels.shape[0])
        np.maximum.at(hardest, pixels.image, pt)
        most = np.minimum(self.z * pixels.sums(channels), hardest)[pixels.image]
        return pixels.chosen(~((pt < most) & (random.random(len(pt)) < self.probability)))
