"""Batches of jets, drawn from memory-mapped shards, as Keras reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np

from jetline.inputs.making import inputs_of
from jetline.inputs.sample import Tensors

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tensorflow as tf

    from jetline.inputs.sample import JetSample
    from jetline.inputs.view import ParticleView

Batch = tuple[Tensors, np.ndarray]


class Batches(keras.utils.PyDataset):
    """Batches of an epoch, or of a prediction: (tensors by name, labels).

    The last batch is as short as what is left. Filled up, it would bring jets that are none into
    all that is averaged over a batch. TensorFlow's graph takes batches of any number of jets; JAX
    compiles one more.

    Parameters
    ----------
    sample : JetSample
        The jets.
    order : (n_jets,) integer array
        Their order.
    batch_size : int
        Jets in every batch but the last.
    view : ParticleView or None
        For particles: what the model is given of them.
    """

    def __init__(
        self, sample: JetSample, order: np.ndarray, batch_size: int, view: ParticleView | None
    ) -> None:
        super().__init__()
        self.sample, self.order = sample, order
        self.batch_size, self.view = batch_size, view
        self.labels = sample.labels
        self._inputs = inputs_of(sample.shards[0])

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> Batch:
        jets = self.order[number * self.batch_size :][: self.batch_size]
        compiled = keras.backend.backend() == "jax"
        tensors = self._inputs.tensors(self.sample, jets, self.view, compiled=compiled)
        return tensors, self.labels[jets].astype(np.int32)

    def stream(self) -> keras.utils.PyDataset | tf.data.Dataset:
        """Give what Keras' `fit` and `predict` take; it makes batches ahead.

        On TensorFlow Keras would make a dataset that a thread tunes while it runs. That thread
        sleeps for 10 ms, then for twice as long each time, and the end of an epoch waits for it:
        epochs took 1.3, 2.6, 5.1, 10 ... seconds, and nothing in between.
        """
        if keras.backend.backend() != "tensorflow":
            return self
        import tensorflow as tf

        signature = keras.tree.map_structure(
            lambda values: tf.TensorSpec((None, *values.shape[1:]), values.dtype), self[0]
        )
        untuned = tf.data.Options()
        untuned.autotune.enabled = False
        batches = tf.data.Dataset.from_generator(lambda: iter(self), output_signature=signature)
        counted = tf.data.experimental.assert_cardinality(len(self))
        return batches.apply(counted).prefetch(2).with_options(untuned)
