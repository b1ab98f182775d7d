"""Writing picture files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.core.files import write_arrays
from jetline.pictures.validity import require_labels, require_shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np


def write_pictures(
    path: Path, images: np.ndarray, labels: np.ndarray, classes: Sequence[str]
) -> None:
    """Write a picture file atomically, compressed, after validating its content.

    Parameters
    ----------
    path : Path
        The ``.npz`` file.
    images : (n, n_y, n_x) uint8 array
        Pictures.
    labels : (n,) integer array
        Numbers of their classes.
    classes : sequence of str
        Names of the classes by number.

    Raises
    ------
    JetlineError
        If the pictures break the format.
    """
    require_shape(str(path), images.shape, images.dtype)
    require_labels(str(path), labels, len(images), classes)
    write_arrays(path, images=images, labels=labels)
