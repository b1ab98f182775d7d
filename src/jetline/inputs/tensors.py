"""Tensors of a batch of particles, by name.

There is no padding within a jet, and no jet that fills up a batch. The total of particles is
rounded up to a few sizes, and the added rows belong to a segment that models leave out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.inputs.dense import Sizes, Steps, dense_places, pair_places
from jetline.inputs.features import FEATURES
from jetline.inputs.further import features_of
from jetline.inputs.pair_mass import log_mass_squared, momenta
from jetline.inputs.sample import Tensors, filled
from jetline.inputs.view import GROUPS, ParticleView
from jetline.jets.constituents import PT

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.inputs.sample import JetSample

#: Of a particle in a shard.
_COLUMNS = 4


def particle_tensors(
    sample: JetSample,
    jets: np.ndarray,
    view: ParticleView,
    *,
    compiled: bool,
    change: Callable[..., tuple[np.ndarray, np.ndarray]] | None = None,
) -> Tensors:
    """Make the tensors of a batch of flat particles.

    Keras sorts the names and takes the number of jets from the first tensor, over which it
    averages losses: ``counts`` has one entry for each jet, and has to sort before the others.

    Parameters
    ----------
    sample : JetSample
        Where the jets are.
    jets : (n_jets,) integer array
        Positions in the sample.
    view : ParticleView
        What the model is given of them.
    compiled : bool
        Whether each new shape of a tensor costs a compilation, as with JAX.
    change : callable, optional
        Takes the particles and the number of each jet's, and gives those that the tensors are made
        of, likewise by falling pT.

    Returns
    -------
    dict of str to array
        ``counts`` (n_jets,) float32: constituents of each jet that are kept.

        ``features`` (n_particles, n_features) float32, further ones first as the file has them;
        n_particles is a multiple of `Steps.particles`.

        ``segments`` (n_particles,) int32: the jet of each particle; n_jets for padding.

        If the view is dense, ``slots`` and ``rows_0``, ``rows_1``, ... int32: `dense_places`,
        each group along one axis.

        If the view has pairs, ``pt`` (n_particles,) float32: transverse momenta [GeV], 1 for
        padding; ``pairs`` and ``places_0``, ``places_1``, ... int32: `pair_places`, each group
        along one axis. If its `pair_mass` is "weaver", ``pair_mass`` (n_pairs,) float32:
        `log_mass_squared`, 0 for padding.

        If the view is labelled, ``classes`` (n_jets,) int32, which sorts before all others.
    """
    tensors = tensors_of_kept(*kept_particles(sample, jets, view, change), view, compiled=compiled)
    if view.labelled:
        tensors["classes"] = sample.gather(jets, lambda shard, rows: shard.labels[rows]).astype(
            np.int32
        )
    return tensors


def tensors_of_kept(
    features: np.ndarray,
    particles: np.ndarray,
    counts: np.ndarray,
    view: ParticleView,
    *,
    compiled: bool,
) -> Tensors:
    """Make the tensors of a batch of the particles that `kept_particles` gives.

    Parameters
    ----------
    features, particles, counts : array
        As `kept_particles` gives them.
    view : ParticleView
        What the model is given of them.
    compiled : bool
        Whether each new shape of a tensor costs a compilation, as with JAX.

    Returns
    -------
    dict of str to array
        Those of `particle_tensors`.
    """
    n_jets = len(counts)
    steps = Steps.of(n_jets, compiled)
    total, _, n_pairs = Sizes.of(counts, view, compiled)
    segments = np.full(total, n_jets, np.int32)
    segments[: len(features)] = np.repeat(np.arange(n_jets), counts)
    tensors = {
        "counts": counts.astype(np.float32),
        "features": filled(features, total, 0),
        "segments": segments,
    }
    if view.dense:
        tensors["slots"], rows = dense_places(counts, GROUPS, total, steps.width)
        tensors |= by_group("rows", rows)
    if view.pairs:
        tensors["pairs"], places = pair_places(counts, rows, total, n_pairs)
        tensors["pt"] = filled(particles[:, PT], total, 1)
        tensors |= by_group("places", places)
        if view.pair_mass == "weaver":
            real = tensors["pairs"][tensors["pairs"][:, 0] < len(particles)]
            tensors["pair_mass"] = filled(log_mass_squared(momenta(particles), real), n_pairs, 0)
    return tensors


def kept_particles(
    sample: JetSample,
    jets: np.ndarray,
    view: ParticleView,
    change: Callable[..., tuple[np.ndarray, np.ndarray]] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give features, particles and the number of each jet's, of the particles that are kept.

    Parameters are those of `particle_tensors`. What the features say of a jet depends on all of
    its particles, and not on the other jets.

    Returns
    -------
    features : (n_particles, n_features) float32 array
    particles : (n_particles, 4) float32 array
    counts : (n_jets,) integer array

    Raises
    ------
    JetlineError
        If a shard has not the further features of the view.
    """
    particles, counts = _flat_particles(sample, jets, view.further)
    if change:
        # Further features follow their particles as columns behind theirs.
        particles, counts = change(particles, counts)
    particles, further = particles[:, :_COLUMNS], particles[:, _COLUMNS:]
    features = FEATURES[view.features](particles, counts, view.identity)
    if view.further:
        features = np.concatenate([further, features], axis=1)
    if view.most and (counts > view.most).any():
        # Constituents fall in pT: the first are the hardest.
        first = np.cumsum(counts) - counts
        kept = np.arange(len(particles)) - np.repeat(first, counts) < view.most
        features, particles = features[kept], particles[kept]
        counts = np.minimum(counts, view.most)
    return features, particles, counts


def multiplicities(sample: JetSample, jets: np.ndarray) -> np.ndarray:
    """Give the number of constituents of each jet, (n_jets,) int64."""
    offsets = sample.gather(jets, lambda shard, rows: shard.arrays["offsets"][rows + 1])
    return offsets - sample.gather(jets, lambda shard, rows: shard.arrays["offsets"][rows])


def _flat_particles(
    sample: JetSample, jets: np.ndarray, further: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Read the constituents of jets, one jet after the other, and their number in each jet.

    Further features are columns behind those of a particle.
    """
    starts = sample.gather(jets, lambda shard, rows: shard.arrays["offsets"][rows])
    counts = multiplicities(sample, jets)
    first = np.concatenate([[0], np.cumsum(counts)])
    # Row of each particle in its shard: its jet's start plus its place in the jet.
    rows = np.repeat(starts - first[:-1], counts) + np.arange(first[-1])
    owner = np.repeat(sample.shard[jets], counts)
    particles = np.empty((len(rows), _COLUMNS + len(further)), np.float32)
    for number in np.unique(owner):
        here, shard = owner == number, sample.shards[number]
        particles[here, :_COLUMNS] = shard.arrays["particles"][rows[here]]
        if further:
            particles[here, _COLUMNS:] = features_of(shard, rows[here], further)
    return particles, counts


def by_group(name: str, groups: list[Any]) -> dict[str, Any]:
    """Name the arrays of the groups, each along one axis."""
    return {f"{name}_{number}": group.ravel() for number, group in enumerate(groups)}
