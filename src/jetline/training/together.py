"""Several seeds of one network, trained at once: each ends as a training of its own does."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from jetline.core.errors import JetlineError
from jetline.training import failures
from jetline.training.compilations import compilations
from jetline.training.feed import Feed, feeding_threads
from jetline.training.held_jets import HeldSample
from jetline.training.holding import hold_for_seeds
from jetline.training.interruption import Interruption
from jetline.training.loop import STEPS_UNSEEN, Jets, Loop
from jetline.training.method import method_of
from jetline.training.seed_steps import SeedSteps, batch_for_seeds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tqdm import tqdm

    from jetline.models.architecture import Network
    from jetline.training.batches import Batches
    from jetline.training.trained import Trained
    from jetline.training.trainers.trainer import Assignment


def train_together(asked: Sequence[Assignment]) -> list[Trained]:
    """Train a network with several seeds, each going on from its checkpoint if there is one.

    Parameters
    ----------
    asked : sequence of Assignment
        Trainings of the same network on the same jets, that differ in the seed and in where they
        are saved and told.

    Returns
    -------
    list of Trained
        One for each, in this order.

    Raises
    ------
    JetlineError
        If one of them cannot go on; what the others have done lies in their checkpoints.
    """
    first = asked[0]
    network = cast("Network", first.architecture)
    jets = Jets(*hold_for_seeds(first.training, first.validation, network))
    return _Together(asked, network, jets).run()


class _Together:
    """Trainings in progress, of which each epoch's steps are taken together.

    All else, and the steps of those that are behind the others, is up to the `Loop` of each.
    """

    def __init__(self, asked: Sequence[Assignment], network: Network, jets: Jets) -> None:
        self._asked, self._network = asked, network
        self._interruption = Interruption()
        self._loops = [
            Loop(
                network,
                method_of(network),
                one.seed,
                jets,
                one.statistics,
                one.checkpoint,
                one.checkpoint_minutes,
                interruption=self._interruption,
                name=f"seed {one.seed}, ",
            )
            for one in asked
        ]
        self._steps = SeedSteps([loop.model for loop in self._loops])

    def run(self) -> list[Trained]:
        """Train all to their ends."""
        running = list(range(len(self._loops)))
        for loop in self._loops:
            loop.tell_beginning()
        with self._interruption:
            while running := [n for n in running if self._loops[n].goes_on()]:
                done = {n: self._loops[n].progress for n in running}
                level = len({(one.epochs, one.batches) for one in done.values()}) == 1
                if level and len(running) > 1 and not self._step(running):
                    continue
                # After steps together that is all; else those that are behind catch up alone.
                last = min(one.epochs for one in done.values())
                behind = [n for n in running if done[n].epochs == last]
                self._end_epoch(sorted(behind, key=lambda n: done[n].batches))
        ended = []
        for number, loop in enumerate(self._loops):
            with self._named(number):
                ended.append(loop.end())
        return ended

    def _end_epoch(self, numbers: list[int]) -> None:
        """Let each take the steps that are left of its epoch, validate and save."""
        try:
            for number in numbers:
                with self._named(number):
                    self._loops[number].one_epoch(self._asked[number].on_epoch)
        except BaseException:
            if self._interruption.asked is not None:
                self._save(self._loops[number] for number in numbers)
            raise

    def _step(self, running: list[int]) -> bool:
        """Take steps together until the epoch is over, or until a checkpoint is due.

        A seed whose loss is no finite number is left where it was before: alone it finds out why.

        Returns
        -------
        bool
            Whether each is to end its epoch by itself.
        """
        loops = [self._loops[number] for number in running]
        done, epoch = loops[0].progress.batches, loops[0].progress.epochs + 1
        for loop in loops:
            loop.settle_rate()
            if not done:
                loop.epoch(epoch).begin()
        # A seed that has stopped has its place taken by another one, whose twin is not used:
        # fewer places would be other shapes, to be compiled anew.
        places = [*loops, *[loops[0]] * (len(self._loops) - len(loops))]
        batches = [loop.batches(epoch) for loop in places]
        total = len(batches[0])
        if done == total:  # interrupted in the validation
            return True
        began, compiled = time.perf_counter(), compilations().so_far
        done, waited, finite = self._run(places, batches, loops[0].epoch(epoch).bar(batches[0]))
        seconds = time.perf_counter() - began
        if told := compilations().since(compiled):
            print(told, flush=True)
        right = [place for place in range(len(loops)) if finite[place]]
        for place in right:
            self._steps.put(place, loops[place].model)
            progress = loops[place].progress
            progress.batches = done
            # Each its share, so that the times of all add up to that which has passed.
            progress.seconds += seconds / len(loops)
            progress.waited += waited / len(loops)
        if len(right) < len(loops):
            self._save(loops[place] for place in right)
            return True
        if done == total:
            return True
        for loop in loops:
            loop.pause(total)
        self._interruption.obey()
        return False

    def _run(
        self, places: list[Loop], batches: list[Batches], bar: tqdm[Any]
    ) -> tuple[int, float, np.ndarray]:
        """Take the steps that `_step` says, leaving the loops as they are.

        Returns
        -------
        done : int
            Batches of the epoch that are done.
        waited : float
            Time that was spent waiting for them [s].
        finite : (n_places,) bool array
            Whether the loss of each place is a number.
        """
        done, total, size = batches[0].first, len(batches[0]), batches[0].batch_size
        threads = 0 if isinstance(batches[0].sample, HeldSample) else feeding_threads()
        feed = Feed(lambda number: batch_for_seeds(batches, number), range(done, total), threads)
        with (
            bar,
            failures.memory_of_seeds_told(len(places), size),
            contextlib.closing(iter(feed)) as made,
        ):
            for data in made:
                if done == batches[0].first:
                    self._steps.build(data)
                    self._steps.begin([loop.model for loop in places])
                losses = self._steps.step(data)
                done += 1
                bar.update(min(size, bar.total - bar.n))
                if places[0].has_to_save():
                    break
                # To read a number is to wait for the step, where a device works on its own.
                if done % STEPS_UNSEEN == 0 and not np.isfinite(np.asarray(losses)).all():
                    break
            finite = np.isfinite(np.asarray(losses))
        return done, feed.waited, finite

    @staticmethod
    def _save(loops: Iterator[Loop]) -> None:
        """Save those that are within an epoch."""
        for loop in loops:
            if loop.progress.batches:
                loop.save()

    @contextlib.contextmanager
    def _named(self, number: int) -> Iterator[None]:
        """Let an error tell the seed."""
        try:
            yield
        except JetlineError as error:
            error.where = f"seed {self._asked[number].seed}, {error.where}"
            raise
