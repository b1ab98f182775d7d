"""Gradient descent in epochs, which trains networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from jetline.training.holding import hold_where_it_pays
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_of
from jetline.training.parallel import over_devices
from jetline.training.trainers.trainer import Assignment, Trainer

if TYPE_CHECKING:
    from jetline.models.architecture import Network
    from jetline.training.trained import Trained


class GradientDescent(Trainer):
    """Train a network in epochs by its method."""

    def train(self, asked: Assignment) -> Trained:
        """Train, going on from the checkpoint if there is one."""
        network = cast("Network", asked.architecture)
        with over_devices(network.gpus):
            loop = Loop(
                network,
                method_of(network),
                asked.seed,
                Jets(*hold_where_it_pays(asked.training, asked.validation, network)),
                asked.statistics,
                asked.checkpoint,
                asked.checkpoint_minutes,
                asked.start,
            )
            return loop.run(asked.on_epoch)
