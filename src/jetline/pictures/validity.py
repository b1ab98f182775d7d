"""What every picture file has to keep to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import UNLABELLED, numbered, without_class
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Most pixels a side, and most channels: a picture with more has its axes in another order.
MOST_PIXELS, MOST_CHANNELS = 1024, 16

_AGAIN = "then save both again by `np.savez_compressed(name, images=images, labels=labels)`"


def require_shape(name: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    """Refuse images that are no (n, n_y, n_x) or (n, n_y, n_x, channels) of levels.

    Parameters
    ----------
    name : str
        The file's, for the error.
    shape, dtype
        Of the images.

    Raises
    ------
    JetlineError
        Names the file.
    """
    where = f"{name}, array images"
    expected = (
        f"(n, n_y, n_x) or (n, n_y, n_x, channels), at least one picture, of at most {MOST_PIXELS} "
        f"pixels a side and {MOST_CHANNELS} channels"
    )
    if len(shape) not in (3, 4) or 0 in shape:
        remedy = f"`images = images.reshape(len(images), n_y, n_x)` with your sides, {_AGAIN}"
        if 0 in shape:
            remedy = "save the file with one picture or more"
        raise _broken(where, f"shape {shape}", expected, remedy)
    sides, channels = shape[1:3], shape[3] if len(shape) == 4 else 1
    if channels > MOST_CHANNELS:
        remedy = f"`images = np.moveaxis(images, 1, -1)`, which puts the channels last, {_AGAIN}"
        raise _broken(where, f"shape {shape}, {channels} channels", expected, remedy)
    if max(sides) > MOST_PIXELS:
        raise _broken(where, f"shape {shape}", expected, f"make the pictures smaller, {_AGAIN}")
    if dtype != np.uint8 and dtype not in (np.float16, np.float32, np.float64):
        remedy = (
            f"`images = images.astype(np.uint8)` where they go from 0 to 255, or divide them by "
            f"the brightest possible level, {_AGAIN}"
        )
        if dtype.kind not in "fiub":
            remedy = f"convert them to numbers, {_AGAIN}"
        raise _broken(
            where,
            f"dtype {dtype}",
            "uint8, from 0 to 255, or floating-point numbers from 0 to 1",
            remedy,
        )


def require_levels(name: str, images: np.ndarray, first: int) -> None:
    """Refuse levels that are not finite or not from 0 to 1; uint8 has no others than its own.

    Parameters
    ----------
    name : str
        The file's, for the error.
    images : (n, n_y, n_x, channels) array
        Consecutive pictures.
    first : int
        Number in the file of the first of them.

    Raises
    ------
    JetlineError
        Names the file and the first bad picture.
    """
    if images.dtype == np.uint8:
        return
    bad = ~((images >= 0) & (images <= 1))
    if not bad.any():
        return
    picture = int(bad.any(axis=(1, 2, 3)).argmax())
    level = images[picture][bad[picture]][0]
    if not np.isfinite(level):
        remedy = (
            f"correct the program that made the file, or `images = np.nan_to_num(images)`, {_AGAIN}"
        )
    elif 1 < level <= 255:
        remedy = f"`images = images / 255`, if they go from 0 to 255, {_AGAIN}"
    else:
        remedy = (
            "`images = (images - images.min()) / (images.max() - images.min())`, with the same two "
            f"numbers for every file of the set, {_AGAIN}"
        )
    raise _broken(
        f"{name}, array images, picture {first + picture} (counted from 0)",
        f"level {level:g}",
        "finite levels from 0 to 1, or uint8 from 0 to 255",
        remedy,
    )


def require_labels(
    name: str, labels: np.ndarray, pictures: int, classes: Sequence[str] | None
) -> None:
    """Refuse labels that are not the number of a class, or not one a picture.

    Parameters
    ----------
    name : str
        The file's, for the error.
    labels : array
        What ought to be (n,) numbers.
    pictures : int
        Pictures that they belong to.
    classes : sequence of str or None
        Names of the classes by number; None where they are not known, so that any number will do.

    Raises
    ------
    JetlineError
        Names the file and the first bad picture.
    """
    where = f"{name}, array labels"
    if labels.shape != (pictures,):
        remedy = "save the labels of these very pictures, one each, beside them"
        if labels.shape == (pictures, 1):
            remedy = f"`labels = labels.ravel()`, {_AGAIN}"
        elif labels.ndim == 2 and len(labels) == pictures:
            remedy = f"`labels = labels.argmax(axis=1)`, {_AGAIN}"
        raise _broken(where, f"shape {labels.shape}", f"({pictures},), one label a picture", remedy)
    expected = numbered(classes) if classes else f"whole numbers from 0 to {UNLABELLED - 1}"
    renumbered = f"`labels = np.unique(labels, return_inverse=True)[1]`, {_AGAIN}"
    if labels.dtype.kind not in "fiub":
        raise _broken(
            where,
            f"dtype {labels.dtype}, such as {labels[0]!s}",
            f"numbers: {expected}",
            renumbered,
        )
    bad = without_class(labels, classes)
    if bad.any():
        picture = int(bad.argmax())
        raise _broken(
            f"{where}, picture {picture} (counted from 0)",
            f"label {labels[picture]:g} ({np.count_nonzero(bad)} of {pictures} have such)",
            expected,
            f"name every class under `classes` of the configuration, by number from 0; or "
            f"{renumbered}",
        )


def _broken(where: str, found: str, expected: str, remedy: str) -> JetlineError:
    return JetlineError(where, found=found, expected=expected, remedy=remedy)
