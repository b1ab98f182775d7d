"""Batches of jets, drawn from memory-mapped shards, in shapes that compilers like.

Every batch has the same number of jets: a short last one is filled up with jets of weight zero.
Particle batches carry no padding within a jet; their total is rounded up to a few sizes, and what
is added belongs to a segment that is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np

from jetline.inputs.dense import Steps, dense_places, pair_places
from jetline.inputs.features import FEATURES
from jetline.inputs.shards import Shard
from jetline.jets.constituents import PT
from jetline.models.architecture import GROUPS, ParticleView

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class JetSample:
    """Chosen jets of several shards.

    Parameters
    ----------
    shards : list of Shard
        Opened shards.
    shard : (n_jets,) integer array
        Which of the shards holds each jet.
    row : (n_jets,) integer array
        Its row there.
    """

    shards: list[Shard]
    shard: np.ndarray
    row: np.ndarray

    @classmethod
    def choose(cls, shards: list[Shard], rows: list[np.ndarray]) -> JetSample:
        """Take the given rows of each shard."""
        shard = np.repeat(np.arange(len(shards)), [len(r) for r in rows])
        return cls(shards, shard, np.concatenate(rows))

    def __len__(self) -> int:
        return len(self.row)

    @property
    def labels(self) -> np.ndarray:
        """(n_jets,) uint8: 1 quark, 0 gluon, 255 unlabelled."""
        return self.gather(np.arange(len(self)), lambda shard, rows: shard.labels[rows])

    @property
    def columns(self) -> list[str] | None:
        """Names of the columns, where the shards hold tables."""
        return self.shards[0].columns

    def gather(
        self, jets: np.ndarray, read: Callable[[Shard, np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """Read one row a jet, shard by shard, into the order of `jets`.

        Parameters
        ----------
        jets : (n,) integer array
            Positions in this sample.
        read : callable
            Gives the values of the rows asked for of one shard, first axis as long as the rows.
        """
        shard, row = self.shard[jets], self.row[jets]
        result = None
        for number in np.unique(shard):
            here = np.flatnonzero(shard == number)
            values = read(self.shards[number], row[here])
            if result is None:
                result = np.empty((len(jets), *values.shape[1:]), values.dtype)
            result[here] = values
        return result


def image_inputs(sample: JetSample, jets: np.ndarray, batch_size: int) -> np.ndarray:
    """(batch_size, n_y, n_phi, channels) float32: the jets' images, then images of zeros."""
    images = sample.gather(jets, lambda shard, rows: shard.arrays["images"][rows])
    if len(jets) == batch_size:
        return images.astype(np.float32, copy=False)
    filled = np.zeros((batch_size, *images.shape[1:]), np.float32)
    filled[: len(jets)] = images
    return filled


def table_inputs(sample: JetSample, jets: np.ndarray, batch_size: int) -> np.ndarray:
    """(batch_size, n_observables) float32: the jets' observables, then rows of zeros."""
    table = np.zeros((batch_size, len(sample.columns)), np.float32)
    table[: len(jets)] = sample.gather(jets, lambda shard, rows: shard.arrays["observables"][rows])
    return table


def particle_inputs(
    sample: JetSample, jets: np.ndarray, batch_size: int, view: ParticleView
) -> list[np.ndarray]:
    """Flat constituents of the jets.

    Parameters
    ----------
    sample : JetSample
        Where the jets are.
    jets : (n,) integer array
        Positions in the sample; n is at most `batch_size`.
    batch_size : int
        Jets in every batch.
    view : ParticleView
        What the model is given of them.

    Returns
    -------
    multiplicities : (batch_size,) float32 array
        Zero for the jets that fill up the batch.
    features : (n_particles, n_features) float32 array
        n_particles is a multiple of `Steps.particles`.
    segments : (n_particles,) int32 array
        The jet of each particle; `batch_size` for what is thrown away.
    slots, rows_1, ... : int32 arrays
        If the view is dense: `dense_places`, each along one axis.
    pt : (n_particles,) float32 array
        If the view has pairs: transverse momenta [GeV], one for what is thrown away.
    pairs, places_1, ... : int32 arrays
        If the view has pairs: `pair_places`, the places along one axis.
    """
    starts = sample.gather(jets, lambda shard, rows: shard.arrays["offsets"][rows])
    ends = sample.gather(jets, lambda shard, rows: shard.arrays["offsets"][rows + 1])
    counts = ends - starts
    first = np.concatenate([[0], np.cumsum(counts)])
    # Row of each particle in its shard: its jet's start plus its place in the jet.
    rows = np.repeat(starts - first[:-1], counts) + np.arange(first[-1])
    owner = np.repeat(sample.shard[jets], counts)
    particles = np.empty((len(rows), 4), np.float32)
    for number in np.unique(owner):
        here = owner == number
        particles[here] = sample.shards[number].arrays["particles"][rows[here]]
    features = FEATURES[view.features](particles, counts, view.identity)
    if view.most and (counts > view.most).any():
        # Constituents fall in pT: the first are the hardest.
        kept = np.arange(first[-1]) - np.repeat(first[:-1], counts) < view.most
        features, particles = features[kept], particles[kept]
        counts = np.minimum(counts, view.most)

    steps = Steps.of(batch_size, compiled=keras.backend.backend() == "jax")
    total = _round_up(len(features), steps.particles)
    segments = np.full(total, batch_size, np.int32)
    segments[: len(features)] = np.repeat(np.arange(len(jets)), counts)
    multiplicities = np.zeros(batch_size, np.float32)
    multiplicities[: len(jets)] = counts
    inputs = [multiplicities, _filled(features, total, 0), segments]
    if view.dense:
        slots, rows = dense_places(counts, batch_size, GROUPS, total, steps.width)
        inputs += [slots, *(group.ravel() for group in rows)]
    if view.pairs:
        n_pairs = _round_up(int((counts * (counts + 1) // 2).sum()), steps.pairs)
        pairs, places = pair_places(counts, rows, total, n_pairs)
        inputs += [_filled(particles[:, PT], total, 1), pairs, *(g.ravel() for g in places)]
    return inputs


def _filled(values: np.ndarray, total: int, fill: float) -> np.ndarray:
    """The rows of `values`, then of `fill` up to `total`."""
    filled = np.full((total, *values.shape[1:]), fill, np.float32)
    filled[: len(values)] = values
    return filled


def _round_up(number: int, step: int) -> int:
    return -(-number // step) * step


def model_inputs(
    sample: JetSample, jets: np.ndarray, batch_size: int, view: ParticleView | None
) -> np.ndarray | list[np.ndarray]:
    """Inputs of one batch, of the kind that the shards hold."""
    if "images" in sample.shards[0].arrays:
        return image_inputs(sample, jets, batch_size)
    if "observables" in sample.shards[0].arrays:
        return table_inputs(sample, jets, batch_size)
    return particle_inputs(sample, jets, batch_size, view)


class Batches(keras.utils.PyDataset):
    """Batches of an epoch, or of a prediction: (inputs, labels, weights).

    Parameters
    ----------
    sample : JetSample
        The jets.
    order : (n_jets,) integer array
        Their order.
    batch_size : int
        Jets in every batch.
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

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch_size)

    def __getitem__(self, number: int):
        jets = self.order[number * self.batch_size :][: self.batch_size]
        labels = np.zeros(self.batch_size, np.int32)
        weights = np.zeros(self.batch_size, np.float32)
        labels[: len(jets)] = self.labels[jets]
        weights[: len(jets)] = 1
        inputs = model_inputs(self.sample, jets, self.batch_size, self.view)
        return tuple(inputs) if isinstance(inputs, list) else inputs, labels, weights

    def stream(self) -> keras.utils.PyDataset | tf.data.Dataset:
        """What to hand to Keras' `fit` and `predict`; it makes batches ahead.

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
        batches = tf.data.Dataset.from_generator(
            lambda: (self[number] for number in range(len(self))), output_signature=signature
        )
        counted = tf.data.experimental.assert_cardinality(len(self))
        return batches.apply(counted).prefetch(2).with_options(untuned)
