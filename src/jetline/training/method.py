"""Methods: what the loop of a training is handed beside network, jets and seed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetline.training.optimisers import adam
from jetline.training.steps import keras_step
from jetline.training.task import Classification, Task

if TYPE_CHECKING:
    import keras

    from jetline.inputs.view import ParticleView
    from jetline.models.architecture import Network

Step = Callable[
    [Callable[[], "keras.Model"], "keras.optimizers.Optimizer", Task, "ParticleView | None"],
    "keras.Model",
]


@dataclass(frozen=True)
class Method:
    """How a network is trained.

    Parameters
    ----------
    task : Task
        What it learns: the loss, what is measured, and which epoch is best.
    optimiser : callable
        Makes the optimiser with its schedule; see `jetline.training.optimisers`.
    step : callable
        Builds the network and says what one step is; see `jetline.training.steps`.
    """

    task: Task
    optimiser: Callable[[], keras.optimizers.Optimizer]
    step: Step


def method_of(network: Network) -> Method:
    """Give the method by which a network is trained: the only place that chooses."""
    return Method(
        task=Classification(),
        optimiser=functools.partial(adam, network.learning_rate),
        step=keras_step,
    )
