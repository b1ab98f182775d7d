"""Steps: functions that build a network and say what one step of its training is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jetline.training.scores import jit_compile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras

    from jetline.inputs.view import ParticleView


def keras_step(
    build: Callable[[], keras.Model],
    optimiser: Callable[[keras.Model], keras.optimizers.Optimizer],
    loss: Callable[[Any, Any], Any],
    metrics: Sequence[keras.metrics.Metric],
    view: ParticleView | None,
) -> keras.Model:
    """Build a network whose step is Keras' own, in Keras' floating-point precision.

    The step is one of the optimiser along the gradient of the loss, averaged over the
    batch. Another precision, or another kind of step, is another function of
    this signature: it may build under another dtype policy, wrap the optimiser, or give a model
    with a ``train_step`` of its own.

    Parameters
    ----------
    build : callable
        Makes the network, with the weights that it starts from.
    optimiser : callable
        Given the network, makes its optimiser, with all its variables.
    loss : callable
        Loss of each jet, (n_jets,), given labels and what the network gives.
    metrics : sequence of Metric
        What is measured beside it.
    view : ParticleView or None
        For particles: what the network is given of them.
    """
    model = build()
    model.compile(
        optimizer=optimiser(model),
        loss=loss,
        metrics=list(metrics),
        jit_compile=jit_compile(view),
    )
    return model
