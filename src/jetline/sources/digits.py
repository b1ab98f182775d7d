"""The handwritten digits that come with scikit-learn, as a source of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from jetline.core.randomness import generator
from jetline.sources.made_pictures import PARTS, MadePictures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Of the 1,797, drawn once for all: a large test part, because there are few.
_PICTURES = (1257, 180, 360)

#: Pixels a side of scikit-learn's pictures, and of the middle of MNIST's, which a digit fills; what
#: frames that.
_FEW, _MIDDLE, _FRAME = 8, 20, 4

#: scikit-learn's levels go from 0 to 16, those of uint8 to 255.
_LEVELS, _BRIGHTEST = 16, 255


class DigitsSource(MadePictures):
    """1,797 handwritten digits that come with scikit-learn, brought to MNIST's 28 x 28.

    No network is needed. Their 8 x 8 pixels are interpolated linearly to 20 x 20, which a frame of
    4 empty pixels surrounds, as MNIST's digits are set. Three files, drawn at random once for all:
    `train` has 1,257, `validation` 180, `test` 360.
    """

    key_pattern: ClassVar[str] = "digits"
    pictures: ClassVar[int] = sum(_PICTURES)

    source: Literal["digits"] = Field(
        description="`digits`: scikit-learn's 1,797 handwritten digits, without a network"
    )

    def made(self, _folder: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Give the three files."""
        from sklearn.datasets import load_digits

        pixels, labels = load_digits(return_X_y=True)
        images = enlarged(pixels.reshape(-1, _FEW, _FEW).astype(np.int64))
        order = generator(0, "digits").permutation(len(images))
        ends = np.cumsum(_PICTURES)[:-1]
        for name, rows in zip(PARTS, np.split(order, ends), strict=True):
            yield name, images[rows], labels[rows].astype(np.uint8)


def enlarged(images: np.ndarray) -> np.ndarray:
    """Bring pictures of 8 x 8 to MNIST's 28 x 28.

    The middle of pixel i of 20 lies at 0.4 i - 0.3 of the 8, so that weights are whole tenths and
    the result is exact: nothing is rounded but the level, once.

    Parameters
    ----------
    images : (n, 8, 8) integer array
        Levels from 0 to 16.

    Returns
    -------
    (n, 28, 28) uint8 array
    """
    tenths = np.clip(4 * np.arange(_MIDDLE) - 3, 0, 10 * (_FEW - 1))
    below = np.minimum(tenths // 10, _FEW - 2)
    weights = np.zeros((_MIDDLE, _FEW), np.int64)
    weights[np.arange(_MIDDLE), below + 1] = tenths - 10 * below
    weights[np.arange(_MIDDLE), below] = 10 - (tenths - 10 * below)
    levels = weights @ images @ weights.T  # a hundredfold
    most = 100 * _LEVELS
    middle = ((levels * _BRIGHTEST + most // 2) // most).astype(np.uint8)
    return np.pad(middle, ((0, 0), (_FRAME, _FRAME), (_FRAME, _FRAME)))
