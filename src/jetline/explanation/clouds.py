"""Explanations of networks of particles, on the tensors that batches are made of.

A straight line leads from a jet to another of as many particles. Of a jet and its baseline the
hardest are paired by rank, as far as both go; those that one of them has more come or go one by
one. So a network that only counts is explained by particles that come, not by what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.explanation.integrated import Decides, integrated_gradients
from jetline.inputs.flat import first_rows
from jetline.inputs.tensors import kept_particles, tensors_of_kept

if TYPE_CHECKING:
    from jetline.inputs.sample import JetSample, Tensors
    from jetline.inputs.view import ParticleView


@dataclass(frozen=True)
class Cloud:
    """The particles of several jets, one jet after the other, each jet's by falling pT.

    Attributes
    ----------
    features : (n_particles, n_features) float32 array
    particles : (n_particles, 4) float32 array
    counts : (n_jets,) integer array
    """

    features: np.ndarray
    particles: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, sample: JetSample, jets: np.ndarray, view: ParticleView) -> Cloud:
        """Take jets of a sample, as a network with this view is given them."""
        return cls(*kept_particles(sample, jets, view))

    @property
    def ranks(self) -> np.ndarray:
        """Place of each particle in its jet, from 0, (n_particles,) integer."""
        return np.arange(len(self.particles)) - np.repeat(first_rows(self.counts), self.counts)

    def first(self, most: np.ndarray) -> np.ndarray:
        """Tell the hardest particles, `most` (n_jets,) of each jet: (n_particles,) bool."""
        kept: np.ndarray = self.ranks < np.repeat(most, self.counts)
        return kept

    def cut(self, most: np.ndarray) -> Cloud:
        """Keep the hardest particles; what their features say of the jet stays as it is."""
        kept = self.first(most)
        counts = np.minimum(self.counts, most)
        return Cloud(self.features[kept], self.particles[kept], counts)

    def tensors(self, view: ParticleView, *, compiled: bool) -> Tensors:
        """Make the tensors of a batch of all jets."""
        return tensors_of_kept(self.features, self.particles, self.counts, view, compiled=compiled)


@dataclass(frozen=True)
class CloudAttributions:
    """What each particle adds to the decisions on some jets, against those on their baselines.

    Attributes
    ----------
    features : (n_particles, n_features) float64 array
        Of what the jets' particles are: by feature, zero for those beyond the baseline's number.
    presence : (n_particles,) float64 array
        Of jets' particles that the baseline has no partner for: that they are there.
    absence : (n_baseline_particles,) float64 array
        Of the baselines' particles that the jet has no partner for: that they are not there.
    differences : (n_jets,) float64 array
        Decision on the jet less that on its baseline, to which the above add up.
    """

    features: np.ndarray
    presence: np.ndarray
    absence: np.ndarray
    differences: np.ndarray

    def totals(self, jets: Cloud, baselines: Cloud) -> np.ndarray:
        """Sum over each jet, (n_jets,) float64."""
        own = self.features.sum(axis=1) + self.presence
        return sums_by_jet(own, jets.counts) + sums_by_jet(self.absence, baselines.counts)


def sums_by_jet(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Sum what each particle has over its jet, (n_jets,)."""
    total: np.ndarray = np.add.reduceat(values, first_rows(counts))
    return total


def explain_clouds(
    decisions: Decides,
    view: ParticleView,
    jets: Cloud,
    baselines: Cloud,
    weights: np.ndarray,
    steps: int,
) -> CloudAttributions:
    """Share the difference of decisions between jets and their baselines out among particles.

    Parameters
    ----------
    decisions : Decides
        What the network decides.
    view : ParticleView
        What it is given of particles.
    jets, baselines : Cloud
        The jets of a batch, and for each a jet of another class.
    weights : (n_jets, n_classes) float32 array
        What is decided, as `Decisions.values` takes it.
    steps : int
        Points on the line between particles' features, and most pieces in which the particles that
        one jet has more come or go.
    """
    shared = np.minimum(jets.counts, baselines.counts)
    end = jets.cut(shared).tensors(view, compiled=decisions.compiled)
    start = baselines.cut(shared).tensors(view, compiled=decisions.compiled)
    found = integrated_gradients(
        decisions, decisions.with_pairs(start), decisions.with_pairs(end), weights, steps
    )
    features = np.zeros(jets.features.shape)
    features[jets.first(shared)] = _by_particle(found, end, int(shared.sum()))
    told = decisions, view, shared, weights, steps
    presence, with_all = _beyond(jets, *told)
    of_baselines, without = _beyond(baselines, *told)
    return CloudAttributions(features, presence, -of_baselines, with_all - without)


def _by_particle(found: Tensors, tensors: Tensors, n_particles: int) -> np.ndarray:
    """Give what each particle's tensors add: (n_particles, n_features), the last for pairs too."""
    features = found["features"][:n_particles].copy()
    # What pairs have in common is shared by both. It counts with the first feature.
    if "pair_features" in found:
        pairs = tensors["pairs"]
        real = pairs[:, 0] < n_particles
        for side in (0, 1):
            shares = found["pair_features"][real].sum(axis=1) / 2
            features[:, 0] += np.bincount(pairs[real, side], shares, minlength=n_particles)
    return features


def _beyond(
    cloud: Cloud,
    decisions: Decides,
    view: ParticleView,
    shared: np.ndarray,
    weights: np.ndarray,
    steps: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Find what the particles beyond the first `shared` add, the harder ones first.

    Returns
    -------
    added : (n_particles,) float64 array
    decided : (n_jets,) float64 array
        On the whole jets.
    """
    beyond = cloud.counts - shared
    added = np.zeros(len(cloud.particles))
    owner = np.repeat(np.arange(len(cloud.counts)), cloud.counts)

    def decided(most: np.ndarray) -> np.ndarray:
        tensors = cloud.cut(most).tensors(view, compiled=decisions.compiled)
        return decisions.values(tensors, weights)

    most, before = shared, decided(shared)
    for piece in range(1, min(steps, int(beyond.max(initial=0))) + 1):
        pieces = np.minimum(np.maximum(beyond, 1), steps)
        reached = shared + np.ceil(beyond * np.minimum(piece, pieces) / pieces).astype(int)
        after = decided(reached)
        new = cloud.first(reached) & ~cloud.first(most)
        shares = (after - before) / np.maximum(reached - most, 1)
        added[new] = shares[owner[new]]
        most, before = reached, after
    return added, before
