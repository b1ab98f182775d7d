"""Batches of jets, drawn from memory-mapped shards, as Keras reads them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, cast

import keras
import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.making import inputs_of
from jetline.training.feed import Feed, feeding_threads
from jetline.training.held_jets import HeldSample
from jetline.training.parallel import devices_in_use

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tensorflow as tf

    from jetline.inputs.augmenting import Augmentation
    from jetline.inputs.sample import JetSample, Tensors
    from jetline.inputs.view import ParticleView

#: Jets that are named where something is wrong with several.
_NAMED = 3

#: Tensors by name, labels, and weights where jets have some.
Batch = tuple[Any, ...]


def weights_in_loss(
    sample: JetSample, labels: np.ndarray, class_weights: np.ndarray | None
) -> np.ndarray | None:
    """Give the weight of each jet in the loss, (n_jets,) float32; None where all weigh the same."""
    if class_weights is None:
        return sample.weights
    of_class: np.ndarray = class_weights[labels]
    of_jets = of_class if sample.weights is None else of_class * sample.weights
    return of_jets.astype(np.float32)


def with_weights(
    batch: tuple[Any, Any], weights: np.ndarray | None, jets: np.ndarray
) -> tuple[Any, ...]:
    """Put the weights of a batch's jets behind its tensors and labels, if there are any."""
    return batch if weights is None else (*batch, weights[jets])


class Batches:
    """Batches of an epoch, or of a prediction: (tensors by name, labels), or with weights.

    The last batch is as short as what is left. Filled up, it would bring jets that are none into
    all that is averaged over a batch. TensorFlow's graph takes batches of any number of jets; JAX
    compiles one more.

    Parameters
    ----------
    sample : JetSample
        The jets; of a `HeldSample` batches are gathered on the device.
    order : (n_jets,) integer array
        Their order.
    batch_size : int
        Jets in every batch but the last.
    view : ParticleView or None
        For particles: what the model is given of them.
    augmentation : Augmentation, optional
        What changes the jets; in training only.
    class_weights : (n_classes,) array, optional
        Weight in the loss of the jets of each class. Jets that have weights have the product.
    first : int
        The first batch that is made: those before it are done.
    end : int, optional
        The batch before which it stops; all are made if left out.
    """

    def __init__(
        self,
        sample: JetSample,
        order: np.ndarray,
        batch_size: int,
        view: ParticleView | None,
        augmentation: Augmentation | None = None,
        *,
        class_weights: np.ndarray | None = None,
        first: int = 0,
        end: int | None = None,
    ) -> None:
        self.sample, self.order = sample, order
        self.batch_size, self.view = batch_size, view
        self.first = first
        self.end = len(self) if end is None else end
        self.augmentation = augmentation
        self.labels = sample.labels
        self.weights = weights_in_loss(sample, self.labels, class_weights)
        self._inputs = inputs_of(sample.shards[0])
        same = isinstance(sample, HeldSample) and sample.view == view
        self._held = cast("HeldSample", sample) if same else None

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        return (self[number] for number in range(self.first, self.end))

    def __getitem__(self, number: int) -> Batch:
        jets = self.jets(number)
        compiled = keras.backend.backend() == "jax"
        change = self.augmentation.change(self._inputs, number) if self.augmentation else None
        if self._held and not change:
            return with_weights(self._held.batch(jets), self.weights, jets)
        tensors = self._inputs.tensors(
            self.sample, jets, self.view, compiled=compiled, change=change
        )
        self.require_finite(number, tensors)
        return with_weights((tensors, self.labels[jets].astype(np.int32)), self.weights, jets)

    def require_finite(self, number: int, tensors: Tensors) -> None:
        """Refuse tensors of a batch that are no finite numbers.

        A ReLU makes 0 of them on some processors, and the network would learn it.

        Raises
        ------
        JetlineError
            Names the jets.
        """
        for name, values in tensors.items():
            if not np.isfinite(values).all():
                raise JetlineError(
                    self.named(number, tensors, ~np.isfinite(values)),
                    found=f"{name} that are no finite numbers",
                    expected="finite values",
                    remedy="make the shard of this file again; if that gives the same, leave the "
                    "jet out",
                )

    def jets(self, number: int) -> np.ndarray:
        """Give the positions in the sample of a batch's jets, (batch_size,) or fewer."""
        return self.order[number * self.batch_size :][: self.batch_size]

    def named(self, number: int, tensors: Tensors, chosen: np.ndarray) -> str:
        """Name the jets of a batch by file and index.

        Parameters
        ----------
        number : int
            Of the batch.
        tensors : dict
            Its tensors.
        chosen : (n, ...) bool array
            With a row for each jet or for each particle: the jet is named if anything is true.
        """
        jets = self.jets(number)
        rows = np.flatnonzero(chosen.reshape(len(chosen), -1).any(axis=1))
        segments = tensors.get("segments", ())
        if len(chosen) != len(jets):
            # Neither of jets nor of particles, such as pairs: any of the jets.
            rows = segments[rows] if len(chosen) == len(segments) else np.arange(len(jets))
        found = np.unique(rows)
        found = found[found < len(jets)]
        if len(found) == len(jets) > _NAMED:
            return f"all {len(jets)} jets"
        named = [
            f"jet {self.sample.row[jet]} of {self.sample.shards[self.sample.shard[jet]].folder}"
            for jet in jets[found][:_NAMED]
        ]
        more = len(found) - _NAMED
        return ", ".join(named) + (f" and {more} more" if more > 0 else "")

    @property
    def steps(self) -> int | None:
        """How many batches are left, for Keras; None where the stream says it itself.

        Keras takes the end of a stream of unknown length for a mistake, and warns of it.
        """
        return None if keras.backend.backend() == "tensorflow" else self.end - self.first

    def feed(self) -> Feed[Batch]:
        """Make the batches ahead, where that takes longer than to ask the device for them."""
        threads = 0 if self._held else feeding_threads()
        return Feed(self.__getitem__, range(self.first, self.end), threads)

    def runs(self) -> list[Batches]:
        """Give the batches that are left in runs, each of batches that are spread alike.

        Keras looks at the first batch of a stream alone to spread them all over several devices. A
        last one whose jets do not divide by the number of devices is spread otherwise.
        """
        last = len(self) - 1
        if len(self.order) % self.batch_size % devices_in_use() == 0 or self.first == last:
            return [self]
        runs = copy.copy(self), copy.copy(self)
        runs[0].end = runs[1].first = last
        return list(runs)

    def stream(self, feed: Feed[Batch] | None = None) -> tf.data.Dataset | Iterator[Batch]:
        """Give what Keras' `fit` and `predict` take.

        On TensorFlow Keras would make a dataset that a thread tunes while it runs. That thread
        sleeps for 10 ms, then for twice as long each time, and the end of an epoch waits for it:
        epochs took 1.3, 2.6, 5.1, 10 ... seconds, and nothing in between.

        Parameters
        ----------
        feed : Feed, optional
            Of these batches, to be asked afterwards how long the steps waited.
        """
        feed = feed or self.feed()
        if keras.backend.backend() != "tensorflow":
            return iter(feed)
        import tensorflow as tf

        signature = keras.tree.map_structure(
            lambda values: tf.TensorSpec((None, *values.shape[1:]), values.dtype), self[self.first]
        )
        untuned = tf.data.Options()
        untuned.autotune.enabled = False
        batches = tf.data.Dataset.from_generator(lambda: iter(feed), output_signature=signature)
        counted = tf.data.experimental.assert_cardinality(self.end - self.first)
        return batches.apply(counted).prefetch(1).with_options(untuned)
