"""The part of every jet of a dataset, as a split leaves it and every later step reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.files import read_arrays, write_arrays

if TYPE_CHECKING:
    from pathlib import Path

TRAIN, VALIDATION, TEST = range(3)
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Parts:
    """The part of every jet of a dataset.

    Parameters
    ----------
    files : list of str
        Names of the dataset's jet files, in its order.
    parts : list of (n_jets,) uint8 arrays
        One array a file: 0 train, 1 validation, 2 test (`TRAIN`, `VALIDATION`, `TEST`).
    sha256 : list of str
        Of each jet file, by which shards of another one are known.
    """

    files: list[str]
    parts: list[np.ndarray]
    sha256: list[str]

    def write(self, path: Path) -> None:
        """Write to an `.npz`."""
        counts = np.array([len(part) for part in self.parts])
        write_arrays(
            path,
            files=np.array(self.files),
            counts=counts,
            parts=np.concatenate(self.parts),
            sha256=np.array(self.sha256),
        )

    @classmethod
    def read(cls, path: Path) -> Parts:
        """Read what `write` wrote.

        Raises
        ------
        JetlineError
            If the file is missing, broken, or of another version.
        """
        arrays = read_arrays(path, "files", "counts", "parts", "sha256")
        ends = np.cumsum(arrays["counts"])[:-1]
        parts = np.split(arrays["parts"], ends)
        return cls(arrays["files"].tolist(), parts, arrays["sha256"].tolist())
