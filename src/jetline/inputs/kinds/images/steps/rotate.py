"""Rotating a jet by its principal axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from jetline.inputs.kinds.images.steps.image_step import ImageStep
from jetline.jets.constituents import PT

if TYPE_CHECKING:
    import numpy as np


class Rotate(ImageStep):
    """Turn the principal axis of the second moments of pT into the direction of rapidity."""

    order: ClassVar = 1
    description: ClassVar = (
        "turn the principal axis of the second moments of pT about the centre into the direction "
        "of rapidity"
    )
    axes: ClassVar = (
        "along the principal axis, from {centre}",
        "across the principal axis [rad]",
    )

    @staticmethod
    def move(
        constituents: np.ndarray, multiplicities: np.ndarray, y: np.ndarray, phi: np.ndarray
    ) -> None:
        """Rotate each jet by half the angle of its second moments."""
        for jet in range(len(multiplicities)):
            n = multiplicities[jet]
            yy, yphi, phiphi = 0.0, 0.0, 0.0
            for i in range(n):
                pt = constituents[jet, i, PT]
                yy += pt * y[jet, i] * y[jet, i]
                yphi += pt * y[jet, i] * phi[jet, i]
                phiphi += pt * phi[jet, i] * phi[jet, i]
            angle = 0.5 * math.atan2(2 * yphi, yy - phiphi)
            cosine, sine = math.cos(angle), math.sin(angle)
            for i in range(n):
                along, across = y[jet, i], phi[jet, i]
                y[jet, i] = cosine * along + sine * across
                phi[jet, i] = cosine * across - sine * along
