"""Steps: functions that build a network and say what one step of its training is."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Literal

import keras

from jetline.training.numerics import settle_products
from jetline.training.scores import jit_compile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jetline.inputs.view import ParticleView


def keras_step(
    build: Callable[[], keras.Model],
    optimiser: Callable[[keras.Model], keras.optimizers.Optimizer],
    loss: Callable[[Any, Any], Any],
    metrics: Sequence[keras.metrics.Metric],
    view: ParticleView | None,
    precision: Literal["float32", "tf32", "bfloat16", "float16"] = "float32",
) -> keras.Model:
    """Build a network whose step is Keras' own.

    The step is one of the optimiser along the gradient of the loss, averaged over the
    batch. Another kind of step is another function of this signature: it may give a model
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
    precision : "float32", "tf32", "bfloat16" or "float16"
        Of matrix products and of what lies between layers (P. Micikevicius et al.,
        arXiv:1710.03740). Weights are float32, and the layers see to what has to be so too. The
        gradients of float16 would vanish below 6e-8: the loss is multiplied by a scale, which
        is halved, and the step left out, where a gradient is not finite.
    """
    settle_products(precision)
    with _precision(precision):
        model = build()
    stepping = optimiser(model)
    if precision == "float16":
        stepping = keras.optimizers.LossScaleOptimizer(stepping, name="loss_scale")
        stepping.build(model.trainable_variables)
    model.compile(
        optimizer=stepping,
        loss=loss,
        metrics=list(metrics),
        jit_compile=jit_compile(view),
        auto_scale_loss=False,
    )
    return model


@contextlib.contextmanager
def _precision(precision: str) -> Iterator[None]:
    """Let layers be made that compute in a precision and keep their weights in Keras' own."""
    before = keras.config.dtype_policy()
    if precision not in ("float32", "tf32"):
        keras.config.set_dtype_policy(f"mixed_{precision}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
