"""What every trainer gives: a model, and the progress of its training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


@dataclass
class Progress:
    """How far a training is.

    Parameters
    ----------
    history : list of dict
        One row for each epoch: the columns of ``history.csv``.
    best_epoch : int
        The epoch (from 1) that is best so far; 0 before the first.
    batches : int
        Batches done of the epoch that follows those of the history.
    seconds : float
        Time spent on these [s].
    waited : float
        Time in the whole training in which a step waited for its batch [s].
    dead : int
        Epochs in a row, up to the last, in which all validation jets have the same score.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    batches: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    dead: int = 0

    def add(self, row: dict[str, float], decisive: str, *, highest: bool = False) -> None:
        """Append an epoch.

        It is the best one if its `decisive` column is lower than all before, or higher where
        `highest` is best.
        """
        self.history.append(row)
        self.batches, self.seconds = 0, 0.0
        sign = -1 if highest else 1
        best = self.history[self.best_epoch - 1][decisive] if self.best_epoch else None
        if best is None or sign * row[decisive] < sign * best:
            self.best_epoch = self.epochs

    @property
    def epochs(self) -> int:
        """Number of epochs done."""
        return len(self.history)

    @property
    def epochs_without_gain(self) -> int:
        """Number of epochs since the best one."""
        return self.epochs - self.best_epoch


@dataclass(frozen=True)
class Trained:
    """A finished training.

    Parameters
    ----------
    model : keras.Model
        With the weights of the best epoch.
    progress : Progress
        Its history and best epoch.
    """

    model: keras.Model
    progress: Progress


def describe(row: dict[str, float]) -> str:
    """Write a row of the history as text, epoch and learning rate left out."""
    measured = [
        f"{name.replace('_', ' ')} {value:.4f}"
        for name, value in row.items()
        if name not in ("epoch", "learning_rate", "seconds")
    ]
    return ", ".join([*measured, f"{row['seconds']:.1f} s"])
