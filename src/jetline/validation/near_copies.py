"""Jets of a sample that are the same but for rotation, reflection, shift or smearing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.validation.measurement import Measurement

MOST = 1_000_000
"""Jets that are searched, the first ones: a few seconds, and 0.3 GB."""


@dataclass(frozen=True)
class NearCopies:
    """How many jets are like an earlier one.

    Parameters
    ----------
    number : int
        Jets like an earlier one and not identical to any.
    searched : int
        Jets that were compared, copies of identical ones included.
    jets : int
        Jets of the sample.
    most : int
        Pairs that may be chance among so many independent jets.
    """

    number: int
    searched: int
    jets: int
    most: int

    @property
    def among(self) -> str:
        """Which jets were searched; empty where all were."""
        return "" if self.searched == self.jets else f" among the first {self.searched:,}"

    @property
    def warning(self) -> str:
        """A sentence where chance does not give so many; empty where it does."""
        if self.number <= self.most:
            return ""
        return (
            f"{self.number} jets{self.among} are like earlier ones but for rotation, reflection, "
            f"shift or smearing; chance gives {self.most} at most. If jets were augmented, "
            "augment the training part alone, after the split, or leave the copies out by "
            "`duplicates: drop` under `split`"
        )


def near_copies(measurements: Sequence[Measurement]) -> NearCopies:
    """Search measured jets, the first `MOST` of them, as the split searches them.

    Identical jets count once: they are no near copies.
    """
    from jetline.inputs.likeness import earliest_alike, expected_among, most_by_chance

    jets = sum(len(one.labels) for one in measurements)

    def first(arrays: list[np.ndarray]) -> np.ndarray:
        return np.concatenate(arrays)[:MOST]

    prints = first([one.fingerprints for one in measurements])
    distinct = np.sort(np.unique(prints, return_index=True)[1])
    multiplicities = first([one.values["multiplicity"] for one in measurements]).astype(np.int64)
    multiplicities = multiplicities[distinct]
    rank = np.arange(len(distinct))
    earliest = earliest_alike(
        first([one.invariants for one in measurements])[distinct],
        multiplicities,
        first([one.species_sums for one in measurements])[distinct],
        rank,
    )
    return NearCopies(
        number=int(np.count_nonzero(earliest != rank)),
        searched=len(prints),
        jets=jets,
        most=most_by_chance(expected_among(np.bincount(multiplicities))),
    )
