"""The part of every jet of a dataset, as a split leaves it and every later step reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, write_arrays
from jetline.core.weights import require_positive_sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from jetline.jets.index import JetIndex

TRAIN, VALIDATION, TEST, DROPPED = range(4)
PARTS = ("train", "validation", "test")

_WEIGHTS = ("weights", "training_weights")


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
    weights : list of (n_jets,) float32 arrays, optional
        Of the jets of each file; all count the same if not given.
    training_weights : list of (n_jets,) float32 arrays, optional
        Likewise in a training; the same if not given.
    """

    files: list[str]
    parts: list[np.ndarray]
    sha256: list[str]
    dropped: np.ndarray | None = None
    weights: list[np.ndarray] | None = None
    training_weights: list[np.ndarray] | None = None

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
        weights = {
            name: np.concatenate(given)
            for name in _WEIGHTS
            if (given := getattr(self, name)) is not None
        }
        write_arrays(
            path,
            **weights,
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
        names = ("files", "counts", "parts", "sha256", "dropped")
        arrays = read_arrays(path, *names, optional=_WEIGHTS)
        ends = np.cumsum(arrays["counts"])[:-1]
        parts = np.split(arrays["parts"], ends)
        weights = {name: np.split(arrays[name], ends) for name in _WEIGHTS if name in arrays}
        sha256 = arrays["sha256"].tolist()
        return cls(arrays["files"].tolist(), parts, sha256, arrays["dropped"], **weights)


def weights_of(
    indices: Sequence[JetIndex], parts: Sequence[np.ndarray], names: Sequence[str] = PARTS
) -> list[np.ndarray] | None:
    """Take the weights of a dataset's jets from the indices of its files.

    Parameters
    ----------
    indices : sequence of JetIndex
        Of each file.
    parts : sequence of (n_jets,) integer arrays
        The part of each jet of each file: a place in `names`, or a larger number.
    names : sequence of str
        Of the parts, in each of which the weights must have a positive sum.

    Returns
    -------
    list of (n_jets,) float32 arrays or None
        None where all jets count the same.

    Raises
    ------
    JetlineError
        If some of the files have weights and others have none, or the weights of a part have no
        positive sum.
    """
    weights = [index.weights for index in indices if index.weights is not None]
    if not weights:
        return None
    if len(weights) < len(indices):
        without = next(index.file for index in indices if index.weights is None)
        raise JetlineError(
            f"indices of {len(indices)} jet files",
            found=f"no weights of {without}, but of {len(weights)} others",
            expected="weights of all files, or of none",
            remedy="check the jet files again, each with --weights or each without",
        )
    everything, part_of = np.concatenate(weights), np.concatenate(parts)
    for part, name in enumerate(names):
        if (chosen := part_of == part).any():
            require_positive_sum("weights of the jets", everything[chosen], f"jets of {name}")
    return weights


def _counted(counts: Iterable[int]) -> str:
    return ", ".join(f"{count} {part}" for count, part in zip(counts, PARTS, strict=True))
