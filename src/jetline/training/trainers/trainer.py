"""What all trainers have in common: what they are asked for, and what they give."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.inputs.sample import JetSample
    from jetline.models.architecture import Architecture
    from jetline.training.checkpoint import Checkpoint
    from jetline.training.starting_point import StartingPoint
    from jetline.training.trained import Trained


@dataclass(frozen=True)
class Assignment:
    """One training that a trainer is asked for; each trainer takes of it what it needs.

    Parameters
    ----------
    architecture : Architecture
        What to train.
    seed : int
        The training's seed.
    training, validation : JetSample
        The jets that train, and those that decide when to stop and which epoch is best.
    statistics : dict
        Content of ``statistics.json``.
    start : StartingPoint or None
        Weights to start from, in place of random ones.
    checkpoint : Checkpoint
        Where to save what a resumed training needs; held while training.
    checkpoint_minutes : float
        Time after which to save within an epoch.
    on_epoch : callable
        To be called with each new row of the history.
    """

    architecture: Architecture
    seed: int
    training: JetSample
    validation: JetSample
    statistics: dict[str, Any]
    start: StartingPoint | None
    checkpoint: Checkpoint
    checkpoint_minutes: float
    on_epoch: Callable[[dict[str, float]], None]


class Trainer(ABC):
    """A way of training an architecture."""

    @abstractmethod
    def train(self, asked: Assignment) -> Trained:
        """Train, going on from the checkpoint if there is one."""
