"""The index of a picture file: that of a jet file, whose columns that no picture has are empty."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.files import sha256_of, xxh3_of
from jetline.jets.index import JetIndex
from jetline.pictures.reading import PictureFile, open_pictures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_AT_ONCE = 2000


def index_pictures(path: Path, name: str, classes: Sequence[str]) -> tuple[JetIndex, PictureFile]:
    """Validate a picture file and index its pictures.

    Fingerprints tell the same pixels. Multiplicities and species are 0, and there are no
    invariants, so that no picture is taken for a rotated or smeared one: that comparison is of
    jets.

    Parameters
    ----------
    path : Path
        The picture file.
    name : str
        Its name within its source.
    classes : sequence of str
        Names of the classes by number.

    Raises
    ------
    JetlineError
        If the file breaks the format.
    """
    pictures = open_pictures(path, classes)
    prints = np.concatenate([fingerprint(block) for block in pictures.blocks(_AT_ONCE)])
    index = JetIndex(
        name,
        sha256_of(path),
        pictures.labels,
        multiplicities=np.zeros(len(pictures), np.uint16),
        fingerprints=prints,
        invariants=np.zeros((len(pictures), 0), np.float32),
        species=np.zeros(len(pictures), np.uint64),
        size=path.stat().st_size,
        xxh3_128=xxh3_of(path),
    )
    return index, pictures


def fingerprint(images: np.ndarray) -> np.ndarray:
    """64-bit fingerprint of each picture's pixels.

    Parameters
    ----------
    images : (n, n_y, n_x, channels) float32 array
        Pictures.

    Returns
    -------
    (n,) uint64 array
    """
    size = str(images.shape[1:]).encode()
    digests = (hashlib.blake2b(size + image.tobytes(), digest_size=8) for image in images)
    return np.array([int.from_bytes(one.digest(), "little") for one in digests], np.uint64)
