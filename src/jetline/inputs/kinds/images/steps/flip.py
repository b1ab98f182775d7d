"""Mirroring a jet by its hardest quadrant."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from jetline.inputs.kinds.images.steps.image_step import ImageStep
from jetline.jets.constituents import PT

#: On an axis, up to rounding, a constituent lies in the quadrants on both sides of it: neither the
#: centre nor a principal axis decides by the last digit.
_ON_AXIS = 1e-9


class Flip(ImageStep):
    """Mirror a jet so that the quadrant with most pT is that of larger rapidity and azimuth."""

    order: ClassVar = 2
    description: ClassVar = (
        "mirror the jet so that the quadrant with most pT is that of larger rapidity and azimuth"
    )

    @staticmethod
    def move(
        constituents: np.ndarray, multiplicities: np.ndarray, y: np.ndarray, phi: np.ndarray
    ) -> None:
        """Mirror each jet."""
        quadrants = np.zeros((2, 2))
        for jet in range(len(multiplicities)):
            n = multiplicities[jet]
            quadrants[:] = 0
            for i in range(n):
                for below in range(int(y[jet, i] < -_ON_AXIS), 1 + int(y[jet, i] < _ON_AXIS)):
                    for left in range(
                        int(phi[jet, i] < -_ON_AXIS), 1 + int(phi[jet, i] < _ON_AXIS)
                    ):
                        quadrants[below, left] += constituents[jet, i, PT]
            most = quadrants.argmax()
            for i in range(n):
                if most >= 2:
                    y[jet, i] = -y[jet, i]
                if most % 2:
                    phi[jet, i] = -phi[jet, i]
