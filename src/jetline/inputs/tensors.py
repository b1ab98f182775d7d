"""Tensors of a batch: what a model is given of some jets, by name.

Every batch has the same number of jets: a short last one is filled up with zeros. Particle batches
carry no padding within a jet; their total is rounded up to a few sizes, and the added rows belong
to a segment that models leave out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.inputs.dense import Steps, dense_places, pair_places
from jetline.inputs.features import FEATURES
from jetline.inputs.view import GROUPS, ParticleView
from jetline.jets.formats.npz import PT

if TYPE_CHECKING:
    from jetline.inputs.sample import JetSample

Tensors = dict[str, np.ndarray]


def batch_tensors(
    sample: JetSample,
    jets: np.ndarray,
    batch_size: int,
    view: ParticleView | None,
    *,
    compiled: bool,
) -> Tensors:
    """Make the tensors of a batch, of the kind that the shards hold.

    Parameters
    ----------
    sample, jets, batch_size, compiled
        As those of `particle_tensors`.
    view : ParticleView or None
        For particles: what the model is given of them.
    """
    if view is not None:
        return particle_tensors(sample, jets, batch_size, view, compiled=compiled)
    (name,) = sample.shards[0].arrays.keys() & {"images", "observables"}
    return {name: filled_rows(sample, jets, batch_size, name)}


def filled_rows(sample: JetSample, jets: np.ndarray, batch_size: int, name: str) -> np.ndarray:
    """Read one row of an array for each jet, then add rows of zeros.

    Parameters
    ----------
    sample : JetSample
        Where the jets are.
    jets : (n,) integer array
        Positions in the sample; n is at most `batch_size`.
    batch_size : int
        Jets in every batch.
    name : str
        Array of the shards: ``images`` (n_jets, n_y, n_phi, channels) or ``observables``
        (n_jets, n_observables).

    Returns
    -------
    (batch_size, ...) float32 array
    """
    rows = sample.gather(jets, lambda shard, rows: shard.arrays[name][rows])
    if len(jets) == batch_size:
        return rows.astype(np.float32, copy=False)
    return _filled(rows, batch_size, 0)


def particle_tensors(
    sample: JetSample, jets: np.ndarray, batch_size: int, view: ParticleView, *, compiled: bool
) -> Tensors:
    """Make the tensors of a batch of flat particles.

    Keras sorts the names and takes the number of jets from the first tensor, over which it
    averages losses: ``counts`` has one entry for each jet, and has to sort before the others.

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
    compiled : bool
        Whether each new shape of a tensor costs a compilation, as with JAX.

    Returns
    -------
    dict of str to array
        ``counts`` (batch_size,) float32: constituents of each jet that are kept, zero for the
        jets that fill up the batch.

        ``features`` (n_particles, n_features) float32; n_particles is a multiple of
        `Steps.particles`.

        ``segments`` (n_particles,) int32: the jet of each particle; `batch_size` for padding.

        If the view is dense, ``slots`` and ``rows_0``, ``rows_1``, ... int32: `dense_places`,
        each group along one axis.

        If the view has pairs, ``pt`` (n_particles,) float32: transverse momenta [GeV], 1 for
        padding; ``pairs`` and ``places_0``, ``places_1``, ... int32: `pair_places`, each group
        along one axis.
    """
    particles, counts = _flat_particles(sample, jets)
    features = FEATURES[view.features](particles, counts, view.identity)
    if view.most and (counts > view.most).any():
        # Constituents fall in pT: the first are the hardest.
        first = np.cumsum(counts) - counts
        kept = np.arange(len(particles)) - np.repeat(first, counts) < view.most
        features, particles = features[kept], particles[kept]
        counts = np.minimum(counts, view.most)

    steps = Steps.of(batch_size, compiled)
    total = _round_up(len(features), steps.particles)
    segments = np.full(total, batch_size, np.int32)
    segments[: len(features)] = np.repeat(np.arange(len(jets)), counts)
    tensors = {
        "counts": _filled(counts, batch_size, 0),
        "features": _filled(features, total, 0),
        "segments": segments,
    }
    if view.dense:
        tensors["slots"], rows = dense_places(counts, batch_size, GROUPS, total, steps.width)
        tensors |= _by_group("rows", rows)
    if view.pairs:
        n_pairs = _round_up(int((counts * (counts + 1) // 2).sum()), steps.pairs)
        tensors["pairs"], places = pair_places(counts, rows, total, n_pairs)
        tensors["pt"] = _filled(particles[:, PT], total, 1)
        tensors |= _by_group("places", places)
    return tensors


def _flat_particles(sample: JetSample, jets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Read the constituents of jets, one jet after the other, and their number in each jet."""
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
    return particles, counts


def _by_group(name: str, groups: list[np.ndarray]) -> Tensors:
    """Name the arrays of the groups, each along one axis."""
    return {f"{name}_{number}": group.ravel() for number, group in enumerate(groups)}


def _filled(values: np.ndarray, total: int, fill: float) -> np.ndarray:
    """Put `values` before rows of `fill`, in float32, `total` rows together."""
    filled = np.full((total, *values.shape[1:]), fill, np.float32)
    filled[: len(values)] = values
    return filled


def _round_up(number: int, step: int) -> int:
    return -(-number // step) * step
