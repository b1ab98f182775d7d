"""Augmentation: the steps that change the jets of each training batch, and their random numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.core.randomness import generator
from jetline.inputs.flat import by_falling_pt
from jetline.inputs.lit_pixels import LitPixels, normalised_again

if TYPE_CHECKING:
    import numpy as np

    from jetline.inputs.augmentation.augmentation_step import AugmentationStep
    from jetline.inputs.kinds.input_kind import Change, InputKind
    from jetline.inputs.lit_pixels import Imaging


@dataclass(frozen=True)
class Augmentation:
    """What changes the training jets of one epoch, batch by batch.

    The random numbers of a batch follow from seed, epoch and the batch's number alone: a training
    that goes on inside an epoch draws what it would have drawn.

    Parameters
    ----------
    steps : tuple of AugmentationStep
        In the order in which they are taken.
    seed : int
        The training's.
    epoch : int
        Number of the epoch.
    """

    steps: tuple[AugmentationStep, ...]
    seed: int
    epoch: int

    def generator(self, number: int) -> np.random.Generator:
        """Give the random numbers of one batch."""
        return generator(self.seed, "augmentation", self.epoch, number)

    def change(self, inputs: InputKind, number: int) -> Change | None:
        """Give what changes the arrays of one batch, as `InputKind.tensors` takes it.

        Parameters
        ----------
        inputs : InputKind
            What the arrays are of.
        number : int
            The batch's number.

        Returns
        -------
        callable or None
            Takes images and gives images, or takes particles and counts and gives both; None if
            there is no step.

        Raises
        ------
        JetlineError
            If the inputs cannot take a step, which a configuration's check tells before.
        """
        if not self.steps:
            return None
        for step in self.steps:
            if reason := step.unsuited(inputs.name, inputs.imaging):
                raise JetlineError(
                    f"augmentation, step {step.step}",
                    found=f"{step.step} for {reason}",
                    expected=f"steps that {inputs.inputs} can take",
                    remedy="take it out of `augmentation`",
                )
        random = self.generator(number)
        if recipe := inputs.imaging:
            return lambda images: augmented_images(self.steps, images, recipe, random)
        return lambda particles, counts: augmented_particles(self.steps, particles, counts, random)


def augmented_particles(
    steps: tuple[AugmentationStep, ...],
    particles: np.ndarray,
    counts: np.ndarray,
    random: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Take flat particles through steps, and sort each jet's by falling pT after each.

    Parameters and result are those of `AugmentationStep.change_particles`.
    """
    for step in steps:
        particles, counts = step.change_particles(particles, counts, random)
        particles = by_falling_pt(particles, counts)
    return particles, counts


def augmented_images(
    steps: tuple[AugmentationStep, ...],
    images: np.ndarray,
    recipe: Imaging,
    random: np.random.Generator,
) -> np.ndarray:
    """Take images (n_jets, n_y, n_phi, channels) float32 through steps.

    After each, `normalised_again` sees to what images must keep.
    """
    pixels = LitPixels.of(images)
    for step in steps:
        pixels = normalised_again(step.change_pixels(pixels, recipe, random), pixels, recipe)
    return pixels.images
