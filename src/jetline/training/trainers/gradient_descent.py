"""Gradient descent in epochs, which trains networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from jetline.training.loop import train
from jetline.training.method import method_of
from jetline.training.trainers.trainer import Assignment, Trainer

if TYPE_CHECKING:
    from jetline.models.architecture import Network
    from jetline.training.trained import Trained


class GradientDescent(Trainer):
    """Train a network in epochs by its method."""

    def train(self, asked: Assignment) -> Trained:
        """Train, going on from the checkpoint if there is one."""
        network = cast("Network", asked.architecture)
        return train(
            network,
            method_of(network),
            asked.seed,
            asked.training,
            asked.validation,
            asked.statistics,
            asked.checkpoint,
            asked.on_epoch,
        )
