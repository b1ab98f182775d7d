"""Steps: functions that build a network and say what one step of its training is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.training.scores import jit_compile

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from jetline.inputs.view import ParticleView
    from jetline.training.task import Task


def keras_step(
    build: Callable[[], keras.Model],
    optimiser: keras.optimizers.Optimizer,
    task: Task,
    view: ParticleView | None,
) -> keras.Model:
    """Build a network whose step is Keras' own, in Keras' floating-point precision.

    The step is one of the optimiser along the gradient of the task's loss, averaged over the
    batch. Another precision, or another kind of step, is another function of
    this signature: it may build under another dtype policy, wrap the optimiser, or give a model
    with a ``train_step`` of its own.

    Parameters
    ----------
    build : callable
        Makes the network.
    optimiser : keras.optimizers.Optimizer
        New, without state.
    task : Task
        What the network learns.
    view : ParticleView or None
        For particles: what the network is given of them.
    """
    model = build()
    model.compile(
        optimizer=optimiser,
        loss=task.loss,
        metrics=list(task.metrics),
        jit_compile=jit_compile(view),
    )
    return model
