"""The loop of a training: epochs with validation, early stopping and checkpoints."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from jetline.core.randomness import generator, small_seed
from jetline.inputs.augmenting import Augmentation
from jetline.training import failures
from jetline.training.batches import Batches
from jetline.training.checkpoint import put_values, values_of
from jetline.training.compilations import compilations
from jetline.training.epoch import Epoch
from jetline.training.initial_weights import load_initial
from jetline.training.interruption import Interruption
from jetline.training.method import batch_size_of, class_weights_of, steps_of
from jetline.training.optimisers import averaged
from jetline.training.trained import Progress, Trained, describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.inputs.sample import JetSample
    from jetline.models.architecture import Network
    from jetline.training.checkpoint import Checkpoint
    from jetline.training.method import Method
    from jetline.training.starting_point import StartingPoint
    from jetline.training.task import Validated

#: Steps between two looks at the loss.
STEPS_UNSEEN = 50


@dataclass(frozen=True)
class Jets:
    """The jets of a training.

    Parameters
    ----------
    training, validation : JetSample
        Those that train, and those that decide when to stop and which epoch is best.
    """

    training: JetSample
    validation: JetSample


class Loop:
    """A training in progress, which goes on from the checkpoint if there is one.

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
    jets : Jets
        The jets that train and validate.
    statistics : dict
        Content of ``statistics.json``.
    checkpoint : Checkpoint
        Where to save each epoch, and more often than that; held while training.
    checkpoint_minutes : float
        Time after which a checkpoint is made within an epoch.
    start : StartingPoint, optional
        Weights to start from, in place of random ones.
    interruption : Interruption, optional
        What holds signals back, where several loops share it; one of its own otherwise.
    name : str
        What the lines of the log begin with, where several loops write one.
    """

    def __init__(
        self,
        network: Network,
        method: Method,
        seed: int,
        jets: Jets,
        statistics: dict[str, Any],
        checkpoint: Checkpoint,
        checkpoint_minutes: float = 10,
        start: StartingPoint | None = None,
        interruption: Interruption | None = None,
        name: str = "",
    ) -> None:
        self._network, self._method, self._seed = network, method, seed
        self._jets, self._checkpoint = jets, checkpoint
        self._seconds_between = 60 * checkpoint_minutes
        self._interruption, self._name = interruption or Interruption(), name
        self._told_to_end = False
        self._class_weights = class_weights_of(network, jets.training, statistics)
        self._metrics = method.task.metrics()
        steps = steps_of(network, len(jets.training))
        keras.utils.set_random_seed(small_seed(seed, "weights"))
        self.model = method.step(
            lambda: network.build(statistics),
            lambda model: method.optimiser(model, steps, load_initial(model, start)),
            method.task.loss,
            self._metrics,
            network.view,
        )
        self.progress = checkpoint.restore(self._state()) or Progress()
        self._saved_at = time.monotonic()

    def run(self, on_epoch: Callable[[dict[str, float]], None] = lambda _row: None) -> Trained:
        """Train to the end.

        Parameters
        ----------
        on_epoch : callable
            Called with each new row of the history.

        Raises
        ------
        JetlineError
            If a measured value is not finite, the network tells no jet from another, or a batch
            takes more memory than there is.
        """
        self.tell_beginning()
        with self._interruption:
            while self.goes_on():
                self.one_epoch(on_epoch)
        return self.end()

    def tell_beginning(self) -> None:
        """Tell where the training goes on, if it does."""
        progress = self.progress
        if progress.epochs or progress.batches:
            after = f" and {progress.batches} batches" if progress.batches else ""
            print(f"{self._name}going on after epoch {progress.epochs}{after}", flush=True)

    def goes_on(self) -> bool:
        """Tell whether there is a further epoch; where it stops early, say so."""
        progress, network, task = self.progress, self._network, self._method.task
        if progress.epochs >= network.epochs or progress.epochs_without_gain < network.patience:
            return progress.epochs < network.epochs
        better, decisive = "higher" if task.highest else "lower", task.decisive.replace("_", " ")
        print(f"{self._name}no {better} {decisive} in {network.patience} epochs: stopping")
        return False

    def one_epoch(self, on_epoch: Callable[[dict[str, float]], None]) -> None:
        """Train to the end of the epoch, validate, save and tell; then obey a signal."""
        progress, compiled = self.progress, compilations().so_far
        try:
            row = self._epoch(progress.epochs + 1)
        except BaseException:
            validating = progress.batches and not self._told_to_end
            if self._interruption.asked is not None and validating:
                self.save()  # in the validation: the steps before it are not lost
                self._tell_end(f"the last batch of epoch {progress.epochs + 1}")
            raise
        told = f"{self._name}epoch {row['epoch']}/{self._network.epochs}: {describe(row)}"
        print(told, flush=True)
        if told := compilations().since(compiled):
            print(told, flush=True)
        on_epoch(row)
        self._tell_end(f"epoch {progress.epochs}")
        self._interruption.obey()

    def end(self) -> Trained:
        """Give the model of the best epoch, once the training is over.

        Raises
        ------
        JetlineError
            If the network tells no jet from another.
        """
        progress = self.progress
        if progress.dead and progress.best_epoch > progress.epochs - progress.dead:
            raise failures.dead(progress.best_epoch)
        waited = progress.waited / sum(row["seconds"] for row in progress.history)
        print(f"{self._name}steps waited for their batches {waited:.1%} of the time")
        put_values(self.model.variables, self._checkpoint.best())
        return Trained(self.model, progress)

    def _epoch(self, number: int) -> dict[str, float]:
        """Train for one epoch and validate; save, and give a row of the history."""
        progress, model, task = self.progress, self.model, self._method.task
        self.settle_rate()
        measured = self._train(number)
        began = time.perf_counter()
        with averaged(model):
            validated = self._validate()
            row = {
                "epoch": number,
                **measured,
                **validated.columns,
                "learning_rate": float(model.optimizer.learning_rate),
                "seconds": progress.seconds + time.perf_counter() - began,
            }
            if not failures.is_finite(row):
                everything = np.arange(len(self._jets.validation))
                size = self._network.batch_size
                batches = Batches(self._jets.validation, everything, size, self._network.view)
                numbers = range(len(batches))
                places = (failures.layer_not_finite(model, batches, n) for n in numbers)
                raise failures.not_finite(row, number, next(filter(None, places), ""))
            progress.add(row, task.decisive, highest=task.highest)
            progress.dead = progress.dead + 1 if validated.dead else 0
            if progress.dead == failures.DEAD_EPOCHS:
                raise failures.dead(number)
            is_best = progress.best_epoch == number
            best = values_of(model.variables) if is_best else None
        self.save(best)
        return row

    def settle_rate(self) -> None:
        """Set the learning rate of an epoch that begins, where the history decides it."""
        if self._method.rate and not self.progress.batches:
            self.model.optimizer.learning_rate = self._method.rate(self.progress.history)

    def epoch(self, number: int) -> Epoch:
        """Give the steps of an epoch."""
        return Epoch(self.model, self._metrics, number, self._seed)

    def batches(self, number: int) -> Batches:
        """Give the batches of an epoch, the first of which are done."""
        return Batches(
            self._jets.training,
            generator(self._seed, "order", number).permutation(len(self._jets.training)),
            batch_size_of(self._network, number),
            self._network.view,
            Augmentation(self._network.training.augmentation, self._seed, number),
            class_weights=self._class_weights,
            first=self.progress.batches,
        )

    def _train(self, number: int) -> dict[str, float]:
        """Train until the epoch is over, saving where time or a signal asks for it."""
        progress = self.progress
        epoch = self.epoch(number)
        while True:
            batches = self.batches(number)
            if progress.batches == len(batches):  # interrupted in the validation
                return epoch.measured()
            before, began = values_of(self._state()), replace(progress)
            restore = functools.partial(put_values, self._state(), before)
            with failures.memory_told(self.model, batches, restore):
                over = epoch.run(batches, progress, self._has_to_stop)
            if not failures.is_finite(measured := epoch.measured()):
                place = failures.first_not_finite(self.model, epoch, batches, began, restore)
                raise failures.not_finite(measured, number, place)
            if over:
                return measured
            self.pause(len(batches))
            self._interruption.obey()

    def pause(self, batches: int) -> None:
        """Save within an epoch of so many batches; say so where a signal has asked for it."""
        self.save()
        done, epoch = self.progress.batches, self.progress.epochs + 1
        self._tell_end(f"batch {done} of {batches} of epoch {epoch}")

    def _tell_end(self, place: str) -> None:
        """Tell of a signal that ends the training, if there is one; the display knows the words."""
        if self._interruption.asked is not None:
            self._told_to_end = True
            print(f"{self._name}told to end: the checkpoint goes on after {place}", flush=True)

    def _validate(self) -> Validated:
        """Measure on the validation part; a signal ends that at once."""
        network = self._network
        with self._interruption.at_once():
            return self._method.task.validate(
                self.model, self._jets.validation, network.batch_size, network.view
            )

    def _state(self) -> list[keras.Variable]:
        """List all that changes in the training."""
        tallies = self.epoch(0).tallies
        return [*self.model.variables, *self.model.optimizer.variables, *tallies]

    def _has_to_stop(self, logs: dict[str, Any]) -> bool:
        """Tell whether a checkpoint is due within an epoch, or the loss no longer finite."""
        if self.has_to_save():
            return True
        # To read a number is to wait for the step, where a device works on its own.
        return self.progress.batches % STEPS_UNSEEN == 0 and not failures.is_finite(logs)

    def has_to_save(self) -> bool:
        """Tell whether a checkpoint is due within an epoch."""
        late = time.monotonic() - self._saved_at > self._seconds_between
        return late or self._interruption.asked is not None

    def save(self, best: list[np.ndarray] | None = None) -> None:
        """Save a checkpoint, with the model of the best epoch where that is new."""
        self._checkpoint.save(self._state(), self.progress, best)
        self._saved_at = time.monotonic()
