"""Explanations of the trainings of each label together: means over seeds, with both errors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.files import read_arrays
from jetline.records.explanation import ExplanationRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.records.explanation import GroupSums, Mean


@dataclass(frozen=True)
class Joined:
    """A mean over trainings of means over jets.

    Attributes
    ----------
    value : float
    error : float
        From the jets, and the spread over seeds, added in squares. Seeds are asked about the same
        jets, so that these errors are averaged; folds about jets of their own, so that these errors
        are independent.
    """

    value: float
    error: float

    @classmethod
    def of(cls, means: Sequence[Mean], seeds: Sequence[int]) -> Joined:
        """Join the mean of each training, whose seed is given; several of a seed are its folds."""
        numbers = np.array(seeds)
        values = np.array([one.value for one in means])
        squares = np.array([one.error**2 for one in means])
        of_seed = [numbers == seed for seed in dict.fromkeys(seeds)]
        spread = _spread([values[own].mean() for own in of_seed])
        of_jets = np.mean([np.sqrt(squares[own].sum()) / own.sum() for own in of_seed])
        return cls(_mean_of_means(values, of_seed), float(np.hypot(of_jets, spread)))

    @classmethod
    def spread(cls, values: Sequence[float], seeds: Sequence[int]) -> Joined:
        """Average numbers that have no errors of their own; the error is the spread over seeds."""
        numbers, told = np.array(seeds), np.array(values)
        of_seed = [numbers == seed for seed in dict.fromkeys(seeds)]
        spread = _spread([told[own].mean() for own in of_seed])
        return cls(_mean_of_means(told, of_seed), spread)


def _mean_of_means(values: np.ndarray, of_seed: Sequence[np.ndarray]) -> float:
    return float(np.mean([values[own].mean() for own in of_seed]))


def _spread(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


@dataclass(frozen=True)
class ExplainedLabel:
    """The explanations of a label's trainings.

    Attributes
    ----------
    records : list of ExplanationRecord
        Of each seed, or of each fold of each.
    arrays : dict of str to array
        What is drawn of the first.
    """

    records: list[ExplanationRecord]
    arrays: dict[str, np.ndarray]

    @property
    def label(self) -> str:
        """Name of the entry."""
        return self.records[0].label

    @property
    def classes(self) -> list[str]:
        """Names of the classes that there are jets of, of two the signal first."""
        record = self.records[0]
        named = record.classes[::-1] if len(record.classes) == 2 else record.classes
        return [name for name in named if record.jets[name]]

    @property
    def ways(self) -> list[str]:
        """What particles, or pixels, are grouped by."""
        return list(dict.fromkeys(one.by for one in self.records[0].sums))

    @property
    def seeds(self) -> list[int]:
        """Seed of each training: with folds several have the same."""
        return [record.seed for record in self.records]

    @property
    def folds(self) -> int:
        """How many trainings each seed has."""
        return len(self.records) // len(set(self.seeds))

    def sums(self, of: str, by: str) -> list[GroupSums]:
        """Give what groups add on jets of a class, by training."""
        return [s for record in self.records for s in record.sums if (s.of, s.by) == (of, by)]

    def groups(self, by: str) -> list[tuple[int, str]]:
        """Give place and name of the groups that any jet of any class has particles of."""
        known = [one for of in self.classes for one in self.sums(of, by)]
        names = known[0].groups
        return [
            (place, name)
            for place, name in enumerate(names)
            if any(one.particles[place] for one in known)
        ]

    def added(self, of: str, by: str) -> list[Joined]:
        """Join what each group adds."""
        columns = zip(*(one.added for one in self.sums(of, by)), strict=True)
        return [Joined.of(column, self.seeds) for column in columns]

    def left_out(self, of: str, by: str) -> list[Joined | None]:
        """Join what leaving each group out takes; None where nothing would be left of any jet."""
        columns = zip(*(one.left_out for one in self.sums(of, by)), strict=True)
        return [self._joined(column) for column in columns]

    def _joined(self, means: Sequence[Mean | None]) -> Joined | None:
        known = [(mean, seed) for mean, seed in zip(means, self.seeds, strict=True) if mean]
        return Joined.of(*zip(*known, strict=True)) if known else None

    def presence(self, of: str) -> Joined:
        """Join what particles add by being there or not, as a share of what all add."""
        shares = []
        for one in self.sums(of, self.ways[0]):
            total = sum(mean.value for mean in one.added)
            shares.append(sum(one.presence) / total if total else float("nan"))
        return Joined.spread(shares, self.seeds)

    @property
    def survives(self) -> bool:
        """Whether the explanation of any training is much the same with shuffled weights."""
        return any(record.check.survives for record in self.records if record.check)


def read_explained(files: Sequence[Path]) -> list[ExplainedLabel]:
    """Read explanations, and put those of a label together, in the order in which they are given.

    Raises
    ------
    JetlineError
        If one is missing, damaged or of another version.
    """
    by_label: dict[str, list[tuple[Path, ExplanationRecord]]] = {}
    for file in files:
        record = ExplanationRecord.read(file)
        by_label.setdefault(record.label, []).append((Path(file), record))
    return [
        ExplainedLabel(
            [record for _, record in found], read_arrays(found[0][0].with_suffix(".npz"))
        )
        for found in by_label.values()
    ]
