"""Reading picture files: an ``.npz`` of images and labels, validated, in the memory of a block.

``images`` is (n, n_y, n_x) or (n, n_y, n_x, channels), uint8 from 0 to 255 or floating-point
numbers from 0 to 1; ``labels`` (n,) are the numbers of the classes. Nothing is unpickled.
"""

from __future__ import annotations

import contextlib
import math
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.limits import limit_of
from jetline.jets.archive import DAMAGE, array_member
from jetline.jets.foreign import foreign, refused
from jetline.pictures.validity import require_labels, require_levels, require_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jetline.jets.archive import Member

IMAGES, LABELS = "images", "labels"

_EXPECTED = "an .npz archive with images (n, n_y, n_x) and labels (n,)"

#: Of an archive; images and labels are two.
_MOST_MEMBERS = 1000

#: Of the label of one picture: one number of eight bytes for each of 255 classes.
_LABEL_BYTES = 8 * 255

#: Of a block of pictures in single precision [bytes].
_BLOCK_BYTES = 2**26

#: Of uint8.
_BRIGHTEST = 255


@dataclass(frozen=True)
class PictureFile:
    """A picture file whose pictures are read a block at a time.

    Parameters
    ----------
    path : Path
        The file.
    labels : (n,) uint8 array
        Number of each picture's class.
    shape : (n, n_y, n_x, channels)
        Of the images; one channel where the file has no axis for them.
    unread : tuple of str
        Names of the file's other arrays, which nobody reads.
    """

    path: Path
    labels: np.ndarray
    shape: tuple[int, ...]
    unread: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.labels)

    def blocks(self, pictures: int) -> Iterator[np.ndarray]:
        """Give consecutive pictures, validated.

        Parameters
        ----------
        pictures : int
            In a block; fewer where they are large.

        Yields
        ------
        (n, n_y, n_x, channels) float32 array
            Levels from 0 to 1: those of uint8 are divided by 255.

        Raises
        ------
        JetlineError
            If the file is damaged or a level is none.
        """
        most = max(1, _BLOCK_BYTES // (4 * math.prod(self.shape[1:])))
        with _opened(self.path) as archive:
            first = 0
            for block in _member(archive, self.path, IMAGES).blocks(min(pictures, most)):
                images = block.reshape(len(block), *self.shape[1:])
                require_levels(str(self.path), images, first)
                if images.dtype == np.uint8:
                    yield images.astype(np.float32) / np.float32(_BRIGHTEST)
                else:
                    yield images.astype(np.float32)
                first += len(block)


def open_pictures(path: Path, classes: Sequence[str] | None = None) -> PictureFile:
    """Open a picture file to read it block by block; shapes and labels are validated at once.

    Parameters
    ----------
    path : Path
        The file.
    classes : sequence of str, optional
        Names of the classes by number, where they are known: labels have to be among them.

    Raises
    ------
    JetlineError
        If the file is unreadable, lacks an array, or shapes, dtypes or labels break the format.
    """
    path = Path(path)
    with _opened(path) as archive:
        names = archive.namelist()
        _require_arrays(path, names)
        images = _member(archive, path, IMAGES)
        require_shape(str(path), images.shape, images.dtype)
        member = _member(archive, path, LABELS)
        if member.nbytes > _LABEL_BYTES * images.shape[0]:
            raise _error(
                f"{path}, array {LABELS}",
                f"shape {member.shape} of {member.dtype}, for {images.shape[0]} pictures",
                f"({images.shape[0]},), one label a picture",
                "save the labels of these very pictures, one each, beside them",
            )
        labels = member.read()
    require_labels(str(path), labels, images.shape[0], classes)
    shape = images.shape if len(images.shape) == 4 else (*images.shape, 1)
    others = sorted({name.removesuffix(".npy") for name in names} - {IMAGES, LABELS})
    return PictureFile(path, labels.astype(np.uint8), shape, tuple(others))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive for the time of a block, in which damage is told as what it is."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        told = refused(path, error)
        remedy = told.remedy.replace("name a jet file", "name a picture file")
        raise _error(str(path), told.found, _EXPECTED, remedy) from None
    except DAMAGE as error:
        if limit := limit_of(error, path):
            raise limit from None
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> JetlineError:
    """Tell what a file is that is no whole archive."""
    known = None if zipfile.is_zipfile(path) else foreign(path, _EXPECTED)
    if known is None:
        found = f"{path.stat().st_size} bytes that are no whole .npz archive ({error})"
        remedy = "the file is empty or cut off, or something else: fetch or make it again"
    else:
        found, remedy = known.found, known.remedy
        if "X=" in remedy:
            remedy = (
                "read its images and labels into arrays and save them by "
                "`np.savez_compressed('pictures.npz', images=images, labels=labels)`"
            )
    return _error(str(path), found, _EXPECTED, remedy)


def _require_arrays(path: Path, names: list[str]) -> None:
    """Refuse an archive that lacks an array, has one twice, or has thousands."""
    for name in (IMAGES, LABELS):
        if names.count(f"{name}.npy") > 1:
            raise _error(
                str(path), f"{names.count(f'{name}.npy')} arrays {name}", _EXPECTED, _saved()
            )
    if len(names) > _MOST_MEMBERS:
        found = f"{len(names):,} arrays"
        raise _error(str(path), found, f"at most {_MOST_MEMBERS:,} arrays", _saved())
    for name in (IMAGES, LABELS):
        if f"{name}.npy" not in names:
            there = [one.removesuffix(".npy") for one in sorted(names)]
            raise _error(
                f"{path}, array {name}",
                f"no array {name} (the file has {', '.join(there[:10]) or 'none'})",
                _EXPECTED,
                _renamed(path, there),
            )


def _renamed(path: Path, there: list[str]) -> str:
    """Give the line that saves arrays under our names: of the parts of a set, a file each."""
    pairs = [
        (part, *(form.format(part) for form in forms))
        for part in ("train", "val", "test")
        for forms in (("x_{}", "y_{}"), ("{}_images", "{}_labels"))
    ]
    found = [pair for pair in pairs if set(pair[1:]) <= set(there)]
    if {"x_train", "x_test"} <= set(there) and path.name.startswith("mnist"):
        return f"if it is Keras' MNIST: {{source: mnist, path: {path}}}, which splits it too"
    if found:
        lines = "; ".join(
            f"np.savez_compressed('{part}.npz', images=f['{images}'], labels=f['{labels}'])"
            for part, images, labels in found
        )
        return f"save each part as a file of its own: `f = np.load({path.name!r}); {lines}`"
    return _saved()


def _saved() -> str:
    return "save it again: `np.savez_compressed(name, images=images, labels=labels)`"


def _member(archive: zipfile.ZipFile, path: Path, name: str) -> Member:
    """Read the header of an array, with remedies in the words of pictures."""
    try:
        return array_member(archive, path, name)
    except JetlineError as error:
        remedy = error.remedy.replace("save X and y again", "save images and labels again")
        raise _error(error.where, error.found, error.expected, remedy) from None


def _error(where: str, found: str, expected: str, remedy: str) -> JetlineError:
    return JetlineError(where, found=found, expected=expected, remedy=remedy)
