"""Shifting images by whole pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from jetline.inputs.augmentation.augmentation_step import AugmentationStep

if TYPE_CHECKING:
    import numpy as np

    from jetline.inputs.lit_pixels import Imaging, LitPixels


class Translate(AugmentationStep):
    """Shift images by whole pixels; what leaves the window is lost, and zeros enter.

    Taggers of particles are given them relative to the jet's axis, so that a shift would change
    nothing. With `padding_as_particles` the pixel of the padding is shifted too.
    """

    kinds: ClassVar = ("images", "pictures")

    step: Literal["translate"] = Field(
        description="`translate`: shift images by whole pixels at random"
    )
    pixels: int = Field(
        1,
        ge=0,
        le=64,
        description="largest shift [pixels]; a whole number up to it is drawn, either way, along "
        "rapidity and along azimuth",
    )

    def change_pixels(
        self,
        pixels: LitPixels,
        recipe: Imaging,  # noqa: ARG002
        random: np.random.Generator,
    ) -> LitPixels:
        """Shift images."""
        down, right = random.integers(-self.pixels, self.pixels + 1, (2, pixels.shape[0]))
        return pixels.at(pixels.row + down[pixels.image], pixels.column + right[pixels.image])
