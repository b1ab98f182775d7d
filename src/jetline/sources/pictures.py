"""The user's own pictures as a source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from jetline.sources.own_files import OwnFiles

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Of a picture in a file: fewer than in any of MNIST's size.
_BYTES = 80


class PicturesSource(OwnFiles):
    """Your own pictures instead of jets, read where they lie: any small set of images.

    Each file is an `.npz` with `images` (n, n_y, n_x) or (n, n_y, n_x, channels), uint8 from 0 to
    255 or floating-point numbers from 0 to 1, and `labels` (n,), the numbers of the `classes`.
    """

    key_pattern: ClassVar[str] = "pictures"
    holds: ClassVar[str] = "pictures"
    called: ClassVar[str] = "a picture file"

    source: Literal["pictures"] = Field(
        description="`pictures`: your own files of images and labels, without any jets"
    )
    paths: tuple[str, ...] = Field(
        min_length=1,
        description="paths of picture files, or patterns such as `pictures/*.npz`, relative to the "
        "working directory; a path that exists is taken as it is",
        examples=[["pictures/*.npz"]],
    )

    def jets_in(self, files: Mapping[str, str | None], /) -> int:
        """Estimate how many pictures there are by the files' sizes."""
        return sum(Path(path).stat().st_size for path in files.values() if path) // _BYTES
