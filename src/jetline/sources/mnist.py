"""MNIST, the handwritten digits of the course notebook's first half, as a source of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, sha256_of
from jetline.sources.made_pictures import PARTS, MadePictures

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np


@dataclass(frozen=True)
class _MnistFile:
    """The file as Keras' `keras.datasets.mnist` has it."""

    name: str = "mnist.npz"
    size: int | None = 11_490_434
    sha256: str = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
    address: str = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"


MNIST = _MnistFile()

#: Of the 60,000: what Keras' `validation_split=0.1` takes, as the notebook did.
_VALIDATION = 6000


class MnistSource(MadePictures):
    """MNIST: 60,000 and 10,000 handwritten digits, 28 x 28, as Keras' file `mnist.npz` has them.

    Three files: `test` has the 10,000 test pictures, `validation` the last 6,000 of the 60,000,
    which Keras' `validation_split=0.1` takes, `train` the 54,000 before them. Name them in the
    split: `{by: name, train: [train.npz], validation: [validation.npz], test: [test.npz]}`.
    """

    key_pattern: ClassVar[str] = "mnist"
    pictures: ClassVar[int] = 70_000

    source: Literal["mnist"] = Field(
        description="`mnist`: MNIST's handwritten digits; the file is verified by its sha256"
    )
    path: str | None = Field(
        None,
        description="your own copy of Keras' `mnist.npz`; it is downloaded (11 MB) if left out",
        examples=["mnist.npz"],
    )

    def jet_files(self, bundled: Path, /) -> dict[str, str | None]:
        """List the three files, which the workflow makes.

        Raises
        ------
        JetlineError
            If there is no such file as the user's copy.
        """
        self._copy()
        return super().jet_files(bundled)

    def made(self, folder: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Give the three files.

        Raises
        ------
        JetlineError
            If the file is missing, is another one, or cannot be downloaded.
        """
        yield from three_parts(self._whole(folder))

    def _copy(self) -> Path | None:
        """Give the path of the user's file, if one is named."""
        own = Path(self.path).expanduser() if self.path is not None else None
        if own and not own.is_file():
            raise JetlineError(
                f"configuration, datasets, path {self.path}",
                found=f"no such file from {Path.cwd()}",
                expected="Keras' mnist.npz",
                remedy="correct the path, leave it out to download the file, or fetch it by hand: "
                f"{MNIST.address}",
            )
        return own

    def _whole(self, folder: Path) -> Path:
        """Find the user's file, or download it into the folder."""
        own = self._copy()
        if own is None:
            from jetline.sources.zenodo.download import download

            target = folder / MNIST.name
            fetched = "and name it as `path` of the dataset (source: mnist)"
            download(MNIST, target, [MNIST.address], fetched=fetched)
            return target
        if (found := sha256_of(own)) != MNIST.sha256:
            raise JetlineError(
                str(own),
                found=f"another file than Keras' mnist.npz: its sha256 is {found}",
                expected=f"sha256 {MNIST.sha256}",
                remedy="leave `path` out to download it; another set of pictures is a dataset of "
                "`source: pictures`, whose files have `images` and `labels`",
            )
        return own


def three_parts(path: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Give the parts of a file with x_train, y_train, x_test and y_test.

    Parameters
    ----------
    path : Path
        The file; the last tenth of its training pictures validates, 6,000 at most.

    Yields
    ------
    name, images, labels
        In the order train, validation, test.
    """
    arrays = read_arrays(path, "x_train", "y_train", "x_test", "y_test")
    images, labels = arrays["x_train"], arrays["y_train"]
    first = len(images) - min(_VALIDATION, len(images) // 10)
    yield PARTS[0], images[:first], labels[:first]
    yield PARTS[1], images[first:], labels[first:]
    yield PARTS[2], arrays["x_test"], arrays["y_test"]
