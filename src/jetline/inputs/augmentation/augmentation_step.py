"""What every step of an augmentation says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from jetline.core.settings import Settings

if TYPE_CHECKING:
    import numpy as np

    from jetline.inputs.lit_pixels import Imaging, LitPixels


#: What makes a particle soft, for the steps that change soft ones alone.
SoftShare = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="share of the jet's scalar sum of pT below which a particle or pixel is soft",
    ),
]
SoftPt = Annotated[
    float,
    Field(ge=0, le=100, description="pT [GeV] below which a particle is soft whatever its share"),
]


class AugmentationStep(Settings):
    """One step with its strengths; at strengths of 0 it changes nothing, to the last bit.

    `step` is the name of its module with `-` for `_`. A step has a method for each kind of inputs
    that it names in `kinds`, which leaves the arrays that it is given as they are. After each step
    `jetline.inputs.augmenting` sorts particles by falling pT, gives the images that a recipe
    normalises one by one the sum that they had, and takes back an image that has become empty.
    """

    kinds: ClassVar[tuple[str, ...]]

    step: str = Field(description="name of the step")

    def unsuited(self, kind: str, recipe: Imaging | None) -> str | None:
        """Say, in a few words, why inputs cannot take the step; None if they can.

        Parameters
        ----------
        kind : str
            Name of the kind of inputs.
        recipe : Imaging or None
            For images, how they are made.
        """
        if kind not in self.kinds:
            return kind
        return self.unsuited_images(recipe) if recipe else None

    def unsuited_images(self, recipe: Imaging) -> str | None:  # noqa: ARG002
        """Say likewise why images of a recipe cannot take the step, if it takes images at all."""
        return None

    def change_particles(
        self, particles: np.ndarray, counts: np.ndarray, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Change flat particles.

        Parameters
        ----------
        particles : (n_particles, 4) float32 array
            pT [GeV], rapidity, azimuth [rad] and PDG id, one jet after the other, each jet's by
            falling pT.
        counts : (n_jets,) integer array
            Particles of each jet, at least one.
        random : numpy.random.Generator
            Where all chance comes from.

        Returns
        -------
        particles, counts
            Of as many jets, each of at least one particle, in any order within the jet. An azimuth
            may be beyond the window in which it was.
        """
        raise NotImplementedError

    def change_pixels(
        self, pixels: LitPixels, recipe: Imaging, random: np.random.Generator
    ) -> LitPixels:
        """Change the pixels of images that a recipe has made, likewise."""
        raise NotImplementedError
