"""The loop of a training: epochs with validation, early stopping and checkpoints."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from tqdm import tqdm

from jetline.core.errors import JetlineError
from jetline.core.randomness import generator, small_seed
from jetline.training.batches import Batches
from jetline.training.trained import Progress, Trained, describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.inputs.sample import JetSample
    from jetline.models.architecture import Network
    from jetline.training.checkpoint import Checkpoint
    from jetline.training.method import Method


def train(
    network: Network,
    method: Method,
    seed: int,
    training: JetSample,
    validation: JetSample,
    statistics: dict[str, Any],
    checkpoint: Checkpoint,
    on_epoch: Callable[[dict[str, float]], None] = lambda _row: None,
) -> Trained:
    """Train a network, going on from the checkpoint if there is one.

    Order of the jets, initial weights and dropout follow from the seed alone, so that an
    interrupted training ends where an uninterrupted one does.

    Parameters
    ----------
    network : Network
        What to build, and for how long to train it.
    method : Method
        How to train it.
    seed : int
        The training's seed.
    training, validation : JetSample
        The jets that train, and those that decide when to stop and which epoch is best.
    statistics : dict
        Content of ``statistics.json``.
    checkpoint : Checkpoint
        Where to save each epoch; held while training.
    on_epoch : callable
        Called with each new row of the history.

    Raises
    ------
    JetlineError
        If a measured value is not finite.
    """
    restored = checkpoint.restore()
    if restored:
        model, progress = restored
        print(f"going on after epoch {progress.epochs}", flush=True)
    else:
        keras.utils.set_random_seed(small_seed(seed, "weights"))
        model = method.step(
            lambda: network.build(statistics), method.optimiser(), method.task, network.view
        )
        progress = Progress()
    while progress.epochs < network.epochs:
        if progress.epochs_without_gain >= network.patience:
            reason = method.task.decisive.replace("_", " ")
            print(f"no lower {reason} in {network.patience} epochs: stopping")
            break
        row = _epoch(model, network, method, seed, progress.epochs + 1, training, validation)
        progress.add(row, method.task.decisive)
        checkpoint.save(model, progress)
        print(f"epoch {row['epoch']}/{network.epochs}: {describe(row)}", flush=True)
        on_epoch(row)
    checkpoint.load_best(model)
    return Trained(model, progress)


def _epoch(
    model: keras.Model,
    network: Network,
    method: Method,
    seed: int,
    epoch: int,
    training: JetSample,
    validation: JetSample,
) -> dict[str, float]:
    """Train for one epoch and validate; give a row of the history."""
    start = time.perf_counter()
    order = generator(seed, "order", epoch).permutation(len(training))
    batches = Batches(training, order, network.batch_size, network.view)
    _reseed_dropout(model, seed, epoch)
    with tqdm(
        total=len(training), desc=f"epoch {epoch}", unit="jet", leave=False, disable=None
    ) as bar:
        step = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda *_, **__: bar.update(network.batch_size)
        )
        # Keras would draw the batches in an order of its own, which no resumption could repeat.
        logs = model.fit(batches.stream(), shuffle=False, verbose=0, callbacks=[step]).history
    measured = {name: logs[name][0] for name in ("loss", *method.task.metrics)}
    measured |= method.task.validate(model, validation, network.batch_size, network.view)
    _require_finite(measured, epoch)
    return {
        "epoch": epoch,
        **measured,
        "learning_rate": float(model.optimizer.learning_rate),
        "seconds": time.perf_counter() - start,
    }


def _require_finite(measured: dict[str, float], epoch: int) -> None:
    if not all(map(math.isfinite, measured.values())):
        raise JetlineError(
            f"training, epoch {epoch}",
            found=", ".join(f"{name.replace('_', ' ')} {x}" for name, x in measured.items()),
            expected="finite values",
            remedy="lower learning_rate",
        )


def _reseed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Start each layer's random numbers anew in each epoch, from the seed and the epoch alone."""
    states = [variable for variable in model.variables if variable.name == "seed_generator_state"]
    for number, state in enumerate(states):
        state.assign(np.array([small_seed(seed, "dropout", epoch, number), 0], dtype=state.dtype))
