"""What the sources of handwritten digits share: three files, which the workflow makes at once."""

from __future__ import annotations

import json
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import ValidationError

from jetline.core.errors import JetlineError
from jetline.pictures.writing import write_pictures
from jetline.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np

#: Names of the three files, and of the parts that their split gives them.
PARTS = ("train", "validation", "test")

#: The digits are their own names.
DIGITS = tuple("0123456789")

#: Pixels a side, and channels: those of MNIST.
SHAPE = (28, 28, 1)


class MadePictures(Source):
    """Pictures of digits in three files, ``train``, ``validation`` and ``test``.

    `jetline make-pictures` is told the source's settings and makes all three.
    """

    holds: ClassVar[str] = "pictures"

    #: Pictures in all three files.
    pictures: ClassVar[int]

    @property
    def classes_made(self) -> tuple[str, ...]:
        """The ten digits."""
        return DIGITS

    def jet_files(self, _bundled: Path, /) -> dict[str, str | None]:
        """List the three files, which the workflow makes."""
        return dict.fromkeys(PARTS)

    def jets_in(self, _files: Mapping[str, str | None], /) -> int:
        """Give the number of pictures."""
        return self.pictures

    @classmethod
    def arguments(cls, sources: Sequence[Self], /) -> list[str]:
        """Give the settings as JSON: those of the source that names most."""
        told = [source.model_dump_json(exclude_none=True) for source in sources]
        return ["--source", max(told, key=len)]

    @abstractmethod
    def made(self, folder: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Give name, images (n, 28, 28) uint8 and labels (n,) of each file.

        Parameters
        ----------
        folder : Path
            Where they are written to, and what they are made of may lie.
        """

    def write(self, folder: Path) -> list[Path]:
        """Write the three files; give their paths.

        Raises
        ------
        JetlineError
            If what they are made of is missing or not what it should be.
        """
        written = []
        for name, images, labels in self.made(folder):
            path = folder / f"{name}.npz"
            write_pictures(path, images, labels, DIGITS)
            written.append(path)
        return written


def read_made_pictures(settings: dict[str, Any]) -> MadePictures:
    """Read the settings of a source of pictures that are made.

    Raises
    ------
    JetlineError
        If there is no such source, or a setting is wrong.
    """
    from jetline.sources import SOURCES

    made = {name: source for name, source in SOURCES.items() if issubclass(source, MadePictures)}
    found = str(settings.get("source"))
    expected = "settings such as " + " or ".join(f'{{"source": "{name}"}}' for name in made)
    try:
        return made[found].model_validate(settings)
    except KeyError:
        wrong = f"no pictures that are made of {found}"
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
    raise JetlineError(
        f"settings {json.dumps(settings)}",
        found=wrong,
        expected=expected,
        remedy="config/README.md lists the keys of each source",
    )
