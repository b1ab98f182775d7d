"""Splitting soft particles in two."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from jetline.inputs.augmentation.augmentation_step import AugmentationStep, SoftPt, SoftShare
from jetline.inputs.flat import first_rows, soft
from jetline.jets.constituents import PDG_ID, PT

#: Photons, neutral hadrons and gluons: two of a species carry what one does. A charged particle has
#: one track, and two of its species would have twice its charge.
_SPLIT = (22, 130, 2112, -2112, 21)

#: Smallest share of pT that the softer of the two takes.
_LEAST = 0.05


class SplitSoft(AugmentationStep):
    """Split soft neutral particles in two of their species, in the same direction.

    A calorimeter may find two clusters of one. Photons, K_L, neutrons and, among partons, gluons
    split, so that the charge of a jet stays; charged particles never do. The softer of the two
    takes between 5 % and half of pT, drawn evenly. Momenta stay to the last bit.
    """

    kinds: ClassVar = ("particles",)

    step: Literal["split"] = Field(
        description="`split`: split soft neutral particles in two at random"
    )
    probability: float = Field(
        0.1, ge=0, le=1, description="share of the soft neutral particles that are split"
    )
    z: SoftShare = 0.01
    pt: SoftPt = 0.0

    def change_particles(
        self, particles: np.ndarray, counts: np.ndarray, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Split soft neutral particles."""
        draws = random.random((2, len(particles)))
        chosen = soft(particles, counts, self.z, self.pt) & (draws[0] < self.probability)
        chosen &= np.isin(particles[:, PDG_ID], _SPLIT)
        softer = np.where(chosen, _LEAST + (0.5 - _LEAST) * draws[1], 0)
        times = 1 + chosen
        pieces = np.repeat(particles, times, axis=0)
        second = np.cumsum(times)[chosen] - 1
        # Of pT between half and all of a number, float32 holds the difference exactly.
        pieces[second - 1, PT] *= 1 - softer[chosen]
        pieces[second, PT] -= pieces[second - 1, PT]
        return pieces, np.add.reduceat(times, first_rows(counts), dtype=counts.dtype)
