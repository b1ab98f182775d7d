"""One epoch of a training, in as many pieces as checkpoints and interruptions make of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from tqdm import tqdm

from jetline.core.randomness import small_seed
from jetline.training.checkpoint import put_values, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jetline.training.batches import Batches
    from jetline.training.trained import Progress


class Epoch:
    """The steps of one epoch.

    Parameters
    ----------
    model : keras.Model
        Compiled, with an optimiser.
    metrics : sequence of Metric
        What Keras measures in training beside the loss, as the model was compiled with.
    number : int
        Of the epoch, from 1.
    seed : int
        The training's.
    """

    def __init__(
        self, model: keras.Model, metrics: Sequence[keras.metrics.Metric], number: int, seed: int
    ) -> None:
        self._model, self._metrics = model, metrics
        self._number, self._seed = number, seed

    def run(
        self, batches: Batches, progress: Progress, end: Callable[[dict[str, Any]], bool]
    ) -> bool:
        """Go on with the epoch until it is over, or `end` says so after a step.

        Parameters
        ----------
        batches : Batches
            Those of the epoch that are left.
        progress : Progress
            Told the batches that are done, the time that they took, and the time that they waited.
        end : callable
            Asked after each step; given what Keras has measured so far, by name.

        Returns
        -------
        bool
            Whether the epoch is over.
        """
        began, jets = time.perf_counter(), len(batches.order)
        if progress.batches == 0:
            self.begin()
        bar = self.bar(batches)
        tallies: list[np.ndarray] = []
        stopped = False

        def resume(*_: object, **__: object) -> None:
            # Keras begins each call of `fit` with nothing measured.
            put_values(self.tallies, tallies)

        def after_step(_batch: int, logs: dict[str, Any]) -> None:
            nonlocal stopped
            progress.batches += 1
            bar.update(min(batches.batch_size, jets - bar.n))
            if end(logs):
                stopped = self._model.stop_training = True

        steps = keras.callbacks.LambdaCallback(on_epoch_begin=resume, on_train_batch_end=after_step)
        with bar:
            for run in batches.runs():
                if stopped:
                    break
                feed, tallies[:] = run.feed(), values_of(self.tallies)
                with feed.errors():
                    # Keras would draw the batches in an order that nobody could repeat.
                    self._model.fit(
                        run.stream(feed),
                        steps_per_epoch=run.steps,
                        shuffle=False,
                        verbose=0,
                        callbacks=[steps],
                    )
                progress.waited += feed.waited
        progress.seconds += time.perf_counter() - began
        return progress.batches == len(batches)

    def begin(self) -> None:
        """Let nothing be measured yet, and the random numbers be those of the epoch."""
        _reseed(self._model, self._seed, self._number)
        for metric in self._tallied:
            metric.reset_state()

    def bar(self, batches: Batches) -> tqdm[Any]:
        """Make the bar that shows, on a terminal, how many jets of the epoch are done."""
        return tqdm(
            total=len(batches.order),
            initial=batches.first * batches.batch_size,
            desc=f"epoch {self._number}",
            unit="jet",
            leave=False,
            disable=None,
        )

    def measured(self) -> dict[str, float]:
        """Give what Keras has measured in the steps done: the loss, then the metrics."""
        names = ("loss", *(metric.name for metric in self._metrics))
        return {
            name: float(metric.result()) for name, metric in zip(names, self._tallied, strict=True)
        }

    @property
    def tallies(self) -> list[keras.Variable]:
        """Variables in which Keras sums up what it measures."""
        return [variable for metric in self._tallied for variable in metric.variables]

    @property
    def _tallied(self) -> list[keras.metrics.Metric]:
        return [self._model.metrics[0], *self._metrics]  # the first is the loss


def _reseed(model: keras.Model, seed: int, epoch: int) -> None:
    """Start each layer's random numbers anew in each epoch, from the seed and the epoch alone."""
    for number, state in enumerate(seed_states(model)):
        state.assign(np.array([small_seed(seed, "dropout", epoch, number), 0], dtype=state.dtype))


def seed_states(model: keras.Model) -> list[keras.Variable]:
    """List the variables from which the layers of a model draw their random numbers."""
    return [variable for variable in model.variables if variable.name == "seed_generator_state"]
