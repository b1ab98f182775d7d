"""What jets are in memory: the columns of their constituents, and the numbers of their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import UNLABELLED

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Columns of constituents (n_jets, M, 4): pT [GeV], rapidity, azimuth [rad] and PDG id.
PT, RAPIDITY, PHI, PDG_ID = range(4)

#: The label of each class of the benchmark.
CLASSES = {"quark": 1, "gluon": 0}


@dataclass(frozen=True)
class Jets:
    """The jets of one file.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float32 or float64 array
        pT [GeV], rapidity, azimuth [rad] and PDG id; rows of zeros pad each jet at its end.
    labels : (n_jets,) uint8 array
        Number of each jet's class: of the benchmark 1 quark, 0 gluon; 255 (`UNLABELLED`)
        throughout where the file has no labels.
    """

    constituents: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def multiplicities(self) -> np.ndarray:
        """(n_jets,) int64: constituents of each jet, padding left out."""
        return np.count_nonzero(self.constituents[..., PT] > 0, axis=1)


def label_numbers(labels: np.ndarray | None, n_jets: int) -> NDArray[np.uint8]:
    """Give valid labels as (n_jets,) uint8, 255 where there are none."""
    return (np.full(n_jets, UNLABELLED) if labels is None else labels).astype(np.uint8)
