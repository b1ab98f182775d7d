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
        From the jets, the same for all trainings, and the spread over trainings, added in squares.
    """

    value: float
    error: float

    @classmethod
    def of(cls, means: Sequence[Mean]) -> Joined:
        """Join the mean of each training."""
        values = np.array([one.value for one in means])
        spread = values.std(ddof=1) if len(values) > 1 else 0.0
        of_jets = np.mean([one.error for one in means])
        return cls(float(values.mean()), float(np.hypot(of_jets, spread)))


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
        """Names of the classes that there are jets of, the signal first."""
        record = self.records[0]
        return [name for name in reversed(record.classes) if record.jets[name]]

    @property
    def ways(self) -> list[str]:
        """What particles, or pixels, are grouped by."""
        return list(dict.fromkeys(one.by for one in self.records[0].sums))

    def sums(self, of: str, by: str) -> list[GroupSums]:
        """Give what groups add on jets of a class, by training."""
        return [s for record in self.records for s in record.sums if (s.of, s.by) == (of, by)]

    def added(self, of: str, by: str) -> list[Joined]:
        """Join what each group adds."""
        columns = zip(*(one.added for one in self.sums(of, by)), strict=True)
        return [Joined.of(column) for column in columns]

    def left_out(self, of: str, by: str) -> list[Joined | None]:
        """Join what leaving each group out takes; None where nothing would be left of any jet."""
        columns = zip(*(one.left_out for one in self.sums(of, by)), strict=True)
        known = ([one for one in column if one] for column in columns)
        return [Joined.of(column) if column else None for column in known]

    def presence(self, of: str) -> Joined:
        """Join what particles add by being there or not, as a share of what all add."""
        shares = []
        for one in self.sums(of, self.ways[0]):
            total = sum(mean.value for mean in one.added)
            shares.append(sum(one.presence) / total if total else float("nan"))
        spread = float(np.std(shares, ddof=1)) if len(shares) > 1 else 0.0
        return Joined(float(np.mean(shares)), spread)

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
