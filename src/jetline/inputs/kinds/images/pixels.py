"""Statistics of the pixels of images, by which a model normalises them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.kinds.input_kind import InputStatistics

if TYPE_CHECKING:
    from jetline.inputs.shards import Shard

_BLOCK = 2048


class PixelStatistics(InputStatistics):
    """Statistics of images that are met block by block.

    Parameters
    ----------
    shape : (n_y, n_phi, channels)
        Of one image.
    normalisation : "none", "largest" or "standardise"
        Of the set, as in the recipe.
    """

    def __init__(self, shape: tuple[int, int, int], normalisation: str) -> None:
        self._shape, self._normalisation = shape, normalisation
        self._largest = np.zeros(shape[2])
        self._images = 0
        self._sum, self._squares = np.zeros(shape), np.zeros(shape)
        self._first = ""

    def add(self, shard: Shard, rows: np.ndarray) -> None:
        """Take the training jets of the next shard."""
        self._first = self._first or str(shard.folder)
        images = shard.arrays["images"]
        for start in range(0, len(rows), _BLOCK):
            block = images[rows[start : start + _BLOCK]]
            self._largest = np.maximum(self._largest, block.max(axis=(0, 1, 2)))
            if self._normalisation == "standardise":
                self._images += len(block)
                self._sum += block.sum(axis=0, dtype=np.float64)
                self._squares += np.square(block, dtype=np.float64).sum(axis=0)

    def result(self) -> dict[str, Any]:
        """Give the images' ``shape``, and what the normalisation of the set needs.

        That is the ``largest`` pixel of each channel, or ``mean`` and ``deviation`` of each pixel,
        (n_y, n_phi, channels).

        Raises
        ------
        JetlineError
            If no pixel is above zero.
        """
        if not self._largest.any():
            raise JetlineError(
                f"training images, made from {self._first} and others",
                found="no pixel above zero",
                expected="jets inside the recipe's grid",
                remedy="check rapidity and azimuth of the jets, or choose a recipe that centres "
                "them",
            )
        shape = {"shape": list(self._shape)}
        if self._normalisation == "largest":
            return shape | {"largest": self._largest.tolist()}
        if self._normalisation == "none":
            return shape
        mean = self._sum / self._images
        variance = self._squares / self._images - mean**2
        return shape | {
            "mean": mean.tolist(),
            "deviation": np.sqrt(np.maximum(variance, 0)).tolist(),
        }
