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
    """

    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0

    def add(self, row: dict[str, float], decisive: str) -> None:
        """Append an epoch; it is the best one if its `decisive` column is lower than all before."""
        self.history.append(row)
        if not self.best_epoch or row[decisive] < self.history[self.best_epoch - 1][decisive]:
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
