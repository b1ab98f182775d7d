"""Pictures as inputs: those of a picture file, as they are there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.kinds.images.pixels import PixelStatistics
from jetline.inputs.kinds.input_kind import InputKind, InputStatistics
from jetline.inputs.shards import save_blocks
from jetline.pictures.reading import open_pictures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jetline.inputs.shards import Shard
    from jetline.records.manifest import SavedArray

_BLOCK = 1000


@dataclass(frozen=True)
class _Frame:
    """What steps of augmentation are told: a window with its origin in the middle, and no sums."""

    pixels: int = 0
    rapidity: tuple[float, float] = (-0.5, 0.5)
    azimuth: tuple[float, float] = (-0.5, 0.5)
    centring: str = "none"
    channels: Sequence[Any] = ()
    steps: dict[str, Any] = field(default_factory=dict)


class _Statistics(InputStatistics):
    """The largest level of each channel; the shape is that of the first shard's pictures."""

    def __init__(self) -> None:
        self._found: PixelStatistics | None = None
        self._shape: tuple[int, ...] = ()
        self._first = ""

    def add(self, shard: Shard, rows: np.ndarray) -> None:
        """Take the training pictures of the next shard.

        Raises
        ------
        JetlineError
            If they have another shape than those before them.
        """
        shape = shard.arrays["images"].shape[1:]
        if self._found is None:
            self._found, self._shape = PixelStatistics(shape, "largest"), shape
            self._first = shard.manifest.source.file
        if shape != self._shape:
            raise JetlineError(
                shard.manifest.source.file,
                found=f"pictures of shape {shape}",
                expected=f"{self._shape}, as those of {self._first}",
                remedy="bring all pictures of the datasets to one size and number of channels",
            )
        self._found.add(shard, rows)

    def result(self) -> dict[str, Any]:
        """Give ``shape`` (n_y, n_x, channels) and ``largest``, the brightest of each channel."""
        return self._found.result() if self._found else {}


class Pictures(InputKind):
    """Pictures: a shard holds ``images`` (n, n_y, n_x, channels), float32 from 0 to 1."""

    name: ClassVar = "pictures"
    arrays: ClassVar = ("images",)
    memory_mb: ClassVar = 500
    made_of: ClassVar = "pictures"

    @property
    def imaging(self) -> _Frame:
        """The window that steps of augmentation move pixels in."""
        return _Frame()

    @property
    def identity(self) -> str:
        """Nothing is told of any species."""
        return "none"

    @staticmethod
    def open_file(path: Path, classes: Sequence[str] | None = None) -> Any:
        """Open a picture file."""
        return open_pictures(path, classes)

    def save_arrays(self, jets: Any, folder: Path) -> dict[str, SavedArray]:
        """Save the pictures of one file, read in the memory of a block."""
        dtype = np.dtype(np.float32)
        return {"images": save_blocks(folder, "images", jets.shape, dtype, jets.blocks(_BLOCK))}

    def statistics(self) -> _Statistics:
        """Give what finds the brightest level."""
        return _Statistics()
