"""What every kind of score file is told, and has to do."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import UNLABELLED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from jetline.records.training import ForeignTagger, TrainingRecord


@dataclass(frozen=True)
class ScoredBlock:
    """Consecutive jets of one file.

    Parameters
    ----------
    file : int
        Number of the file.
    jets : (n,) int64 array
        Index of each jet in it.
    labels : (n,) uint8 array
        Number of each jet's class; 255 without one.
    scores : (n,) or (n, n_classes) float32 array
        Of the signal; of more than two classes, that of each.
    carried : mapping of (n,) arrays
        Further columns.
    """

    file: int
    jets: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    carried: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.jets)

    @property
    def scores_of_columns(self) -> np.ndarray:
        """Scores by the names of `ScoredJets.score_columns`, (n_columns, n)."""
        return self.scores.reshape(len(self), -1).T


@dataclass(frozen=True)
class ScoredJets:
    """What is known of scores before the first is there.

    Parameters
    ----------
    tagger : TrainingRecord or ForeignTagger
        The tagger.
    files : tuple of str
        Names of the jet files by number.
    carried : mapping of dtype
        Columns that each block has beside the scores, and their types in the file.
    """

    tagger: TrainingRecord | ForeignTagger
    files: tuple[str, ...]
    carried: Mapping[str, np.dtype] = field(default_factory=dict)

    @property
    def score_columns(self) -> tuple[str, ...]:
        """Names of the columns of scores."""
        classes = self.tagger.classes
        return ("score",) if len(classes) == 2 else tuple(f"score_{name}" for name in classes)

    @property
    def told(self) -> dict[str, str]:
        """What a file says of the tagger: its name and key, and its classes as JSON."""
        tagger = self.tagger
        classes = json.dumps(tagger.classes)
        return {"tagger": tagger.label, "training": tagger.key, "classes": classes}

    @property
    def numbers(self) -> dict[str, np.dtype]:
        """Columns of a table that has numbers alone, and their types."""
        kinds = {"file": "i4", "jet": "i8", "label": "i4"} | dict.fromkeys(self.score_columns, "f4")
        return {name: np.dtype(kind) for name, kind in kinds.items()} | dict(self.carried)

    def in_numbers(self, block: ScoredBlock) -> dict[str, np.ndarray]:
        """Give these columns of a block: the number of the file, and -1 for no label."""
        labels = block.labels.astype(np.int32)
        labels[block.labels == UNLABELLED] = -1
        columns = {"file": np.full(len(block), block.file), "jet": block.jets, "label": labels}
        columns |= zip(self.score_columns, block.scores_of_columns, strict=True)
        columns |= block.carried
        return {name: columns[name].astype(kind) for name, kind in self.numbers.items()}


class ScoreTable(ABC):
    """One kind of score file; a class that is never made an instance of."""

    @classmethod
    def taken(cls, scored: ScoredJets) -> set[str]:
        """Give the names under which nothing can be carried."""
        return set(scored.numbers)

    @classmethod
    @abstractmethod
    def written(
        cls, output: Path, scored: ScoredJets
    ) -> AbstractContextManager[Callable[[ScoredBlock], None]]:
        """Give what writes the next block; the file is there, whole, after a ``with`` block.

        Parameters
        ----------
        output : Path
            The file.
        scored : ScoredJets
            What it is to tell beside the blocks.
        """
