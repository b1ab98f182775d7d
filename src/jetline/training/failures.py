"""Trainings that cannot go on: what happened, where, and what to change."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from jetline.core.errors import JetlineError, TrainingFailedError
from jetline.training.batches import Batches
from jetline.training.parallel import devices_in_use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jetline.training.epoch import Epoch
    from jetline.training.trained import Progress

#: Epochs in a row in which all jets have the same score, after which a network is dead.
DEAD_EPOCHS = 3

_CALMER = (
    "lower learning_rate, or write `training: {clip: 1.0}`; `training: {schedule: warm-up}` "
    "begins with small steps"
)


def is_finite(measured: dict[str, Any]) -> bool:
    """Tell whether all that was measured is finite."""
    return all(math.isfinite(float(value)) for value in measured.values())


def not_finite(measured: dict[str, float], epoch: int, place: str) -> JetlineError:
    """Tell of values that are not finite.

    Parameters
    ----------
    measured : dict
        What was measured, by columns of the history.
    epoch : int
        Number of the epoch.
    place : str
        Where it began, as `first_not_finite` or `layer_not_finite` says.
    """
    found = ", ".join(f"{name.replace('_', ' ')} {x}" for name, x in measured.items())
    return TrainingFailedError(
        f"training, epoch {epoch}",
        found=f"{found}; first in {place}" if place else found,
        expected="finite values",
        remedy=_CALMER,
    )


def first_not_finite(
    model: keras.Model,
    epoch: Epoch,
    batches: Batches,
    progress: Progress,
    restore: Callable[[], None],
) -> str:
    """Take the steps again from where they began, to find which of them fails first, and where.

    Parameters
    ----------
    model : keras.Model
        The network.
    epoch : Epoch
        Whose loss is not finite.
    batches : Batches
        Those that the steps began with.
    progress : Progress
        As it was then.
    restore : callable
        Puts all variables back to what they were then.
    """
    restore()
    again = dataclasses.replace(progress)
    epoch.run(batches, again, lambda logs: not is_finite(logs))
    failed = again.batches - 1
    restore()
    if failed > batches.first:
        again = dataclasses.replace(progress)
        epoch.run(batches, again, lambda _logs: again.batches == failed)
    where = layer_not_finite(model, batches, failed)
    return f"batch {failed + 1} of {len(batches)}, {where or 'in the gradient of its loss'}"


def layer_not_finite(model: keras.Model, batches: Batches, number: int) -> str:
    """Name the first layer whose output for a batch is not finite, and the jets; else nothing."""
    tensors = batches[number][0]
    outputs = {}
    for layer in model.layers:
        with contextlib.suppress(AttributeError, ValueError):  # of a layer that is called twice
            outputs[layer.name] = layer.output
    computed = keras.Model(model.input, outputs)(tensors)
    for name, output in computed.items():
        for values in map(keras.ops.convert_to_numpy, keras.tree.flatten(output)):
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                return f"layer {name}, in {batches.named(number, tensors, ~np.isfinite(values))}"
    return ""


def dead(epoch: int) -> JetlineError:
    """Tell of a network that gives all jets the same score."""
    return TrainingFailedError(
        f"training, epoch {epoch}",
        found="the same score for every jet of the validation part: the network has died",
        expected="scores that tell jets apart",
        remedy=f"train with another seed, or {_CALMER}",
    )


@contextlib.contextmanager
def memory_told(
    model: keras.Model, batches: Batches, restore: Callable[[], None]
) -> Iterator[None]:
    """Tell, where the block takes more memory than there is, which batches would fit.

    Raises
    ------
    JetlineError
        Names the largest batch size, of the halves, of which one step was possible.
    """
    try:
        yield
    except Exception as error:
        if not _out_of_memory(error):
            raise
        size = _fitting(model, batches, restore)
        raise JetlineError(
            f"training, batches of {batches.batch_size} jets",
            found="more memory than there is",
            expected="steps that fit into memory",
            remedy=f"write `batch_size: {size}`: of so many jets a step was possible"
            if size
            else "take a machine or GPU with more memory: not even one jet fits",
        ) from None


@contextlib.contextmanager
def memory_of_seeds_told(seeds: int, batch_size: int) -> Iterator[None]:
    """Tell where the steps of several seeds together take more memory than there is.

    Raises
    ------
    JetlineError
        Names what takes less.
    """
    try:
        yield
    except Exception as error:
        if not _out_of_memory(error):
            raise
        raise JetlineError(
            f"training, {seeds} seeds together, each in batches of {batch_size} jets",
            found="more memory than there is",
            expected="steps that fit into memory",
            remedy="write `seeds_together: false`, which trains one seed after the other, or a "
            "smaller `batch_size`",
        ) from None


def _out_of_memory(error: Exception) -> bool:
    """Tell whether an error is that of NumPy, TensorFlow or XLA about memory."""
    return isinstance(error, MemoryError) or any(
        word in f"{type(error).__name__} {error}"
        for word in ("ResourceExhausted", "RESOURCE_EXHAUSTED", "OOM when allocating")
    )


def _fitting(model: keras.Model, batches: Batches, restore: Callable[[], None]) -> int | None:
    """Find the largest half, quarter ... of a batch of which one step is possible."""
    devices = devices_in_use()
    size = batches.batch_size // 2
    # Of each size every device has the same part, so that `batch_size` may be written so.
    while size := size - size % devices:
        restore()
        one = Batches(batches.sample, batches.order[:size], size, batches.view)
        try:
            model.fit(one.stream(), steps_per_epoch=one.steps, shuffle=False, verbose=0)
        except Exception as error:
            if not _out_of_memory(error):
                raise
            size //= 2
        else:
            return size
    return None
