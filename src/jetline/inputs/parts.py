"""The part of every jet of a dataset, as a split leaves it and every later step reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.files import read_arrays, write_arrays

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TRAIN, VALIDATION, TEST, DROPPED = range(4)
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Parts:
    """The part of every jet of a dataset.

    Parameters
    ----------
    files : list of str
        Names of the dataset's jet files, in its order.
    parts : list of (n_jets,) uint8 arrays
        One array a file: 0 train, 1 validation, 2 test, 3 left out, by the shares or as a copy of
        another jet (`TRAIN`, `VALIDATION`, `TEST`, `DROPPED`).
    sha256 : list of str
        Of each jet file, by which shards of another one are known.
    dropped : (n_files, 3) int64 array, optional
        How many jets of each file were left out of each part as copies; none if not given.
    """

    files: list[str]
    parts: list[np.ndarray]
    sha256: list[str]
    dropped: np.ndarray | None = None

    @property
    def copies(self) -> int:
        """Number of jets that were left out as copies of others."""
        return 0 if self.dropped is None else int(self.dropped.sum())

    @property
    def by_content(self) -> list[int]:
        """Positions of the files in an order that their content decides, not how they are listed.

        What sums over jets, or draws them, goes through the files in this order.
        """
        return sorted(range(len(self.files)), key=lambda n: (self.sha256[n], self.files[n]))

    def write(self, path: Path) -> None:
        """Write to an `.npz`."""
        counts = np.array([len(part) for part in self.parts])
        none = np.zeros((len(self.files), len(PARTS)), np.int64)
        write_arrays(
            path,
            files=np.array(self.files),
            counts=counts,
            parts=np.concatenate(self.parts),
            sha256=np.array(self.sha256),
            dropped=none if self.dropped is None else self.dropped,
        )

    def summary(self) -> list[str]:
        """Say how many jets are in each part, and which were left out."""
        everything = np.concatenate(self.parts)
        counts = [int(np.sum(everything == part)) for part in range(len(PARTS))]
        lines = [f"{_counted(counts)} jets"]
        if left := len(everything) - sum(counts) - self.copies:
            lines.append(f"{left} jets left out, because the shares add up to less than 1")
        if self.dropped is not None and self.dropped.any():
            lines.append(f"{_counted(self.dropped.sum(axis=0))} jets left out as copies:")
            lines += [
                f"  {file}: {_counted(dropped)}"
                for file, dropped in zip(self.files, self.dropped, strict=True)
                if dropped.any()
            ]
        return lines

    @classmethod
    def read(cls, path: Path) -> Parts:
        """Read what `write` wrote.

        Raises
        ------
        JetlineError
            If the file is missing, broken, or of another version.
        """
        arrays = read_arrays(path, "files", "counts", "parts", "sha256", "dropped")
        ends = np.cumsum(arrays["counts"])[:-1]
        parts = np.split(arrays["parts"], ends)
        sha256 = arrays["sha256"].tolist()
        return cls(arrays["files"].tolist(), parts, sha256, arrays["dropped"])


def _counted(counts: Iterable[int]) -> str:
    return ", ".join(f"{count} {part}" for count, part in zip(counts, PARTS, strict=True))
