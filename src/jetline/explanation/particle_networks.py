"""Explain a network of particles: what they add to decisions, and what leaving them out does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.randomness import generator
from jetline.explanation.clouds import Cloud, explain_clouds, sums_by_jet
from jetline.explanation.explained import CHECKED, SHUFFLES, Explained, Pairs, completeness_of
from jetline.explanation.randomised import compare_jets, verdict
from jetline.explanation.sums import groups_of, records_of, sums_of_groups
from jetline.inputs.flat import first_rows, from_centroid
from jetline.inputs.tensors import kept_particles, tensors_of_kept
from jetline.jets.constituents import PDG_ID, PT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.explanation.integrated import Decides
    from jetline.explanation.settings import Explain
    from jetline.inputs.sample import JetSample
    from jetline.inputs.view import ParticleView
    from jetline.records.explanation import WeightsCheck
    from jetline.training.gradients import Decisions

#: Ways in which `groups_of` groups particles, and jets of each class that are drawn one by one.
_WAYS, _DRAWN = 3, 2

_LEFT_OUT_BATCH = 100


@dataclass(frozen=True)
class _Found:
    """What particles add, of all pairs or of all jets.

    `groups` has (n_pairs, n_groups) of each way to group; `jets` has of each jet what each of its
    particles adds, in the mean over its baselines.
    """

    totals: np.ndarray
    differences: np.ndarray
    added: list[np.ndarray]
    presence: list[np.ndarray]
    jets: list[np.ndarray]


def explain_particle_network(
    decisions: Decisions,
    view: ParticleView,
    sample: JetSample,
    classes: Sequence[str],
    settings: Explain,
    seed: int,
) -> Explained:
    """Explain a network on jets of a sample.

    Parameters
    ----------
    decisions : Decisions
        What the network decides.
    view : ParticleView
        What it is given of particles.
    sample : JetSample
        The jets, of several classes in any order.
    classes : sequence of str
        Names by number.
    settings : Explain
    seed : int
        Draws the baselines, and shuffles weights.
    """
    labels = sample.labels.astype(int)
    pairs = Pairs.drawn(labels, len(classes), settings, seed)
    found = _found(decisions, view, sample, pairs, settings.steps)
    cloud = Cloud.of(sample, np.arange(len(sample)), view)
    sums = []
    for way, groups in enumerate(groups_of(cloud.particles, cloud.counts)):
        sums += records_of(
            groups,
            labels,
            classes,
            pairs.mean(found.added[way]),
            pairs.mean(found.presence[way]),
            left_out(decisions, view, sample, way, len(classes)),
            sums_of_groups(groups, np.ones(len(cloud.particles)), cloud.counts),
        )
    return Explained(
        completeness=completeness_of(found.totals, found.differences),
        check=_check(decisions, view, sample, pairs.of_first(CHECKED), settings.steps, seed),
        sums=sums,
        arrays=_drawn(cloud, found.jets, labels),
    )


def _found(
    decisions: Decides, view: ParticleView, sample: JetSample, pairs: Pairs, steps: int
) -> _Found:
    totals, differences, jets_found = [], [], []
    added: list[list[np.ndarray]] = [[] for _ in range(_WAYS)]
    presence: list[list[np.ndarray]] = [[] for _ in range(_WAYS)]
    for batch in pairs.batches():
        jets, others = (Cloud.of(sample, of, view) for of in (batch.jets, batch.baselines))
        found = explain_clouds(decisions, view, jets, others, batch.weights, steps)
        totals.append(found.totals(jets, others))
        differences.append(found.differences)
        own = found.features.sum(axis=1) + found.presence
        grouped = zip(
            groups_of(jets.particles, jets.counts),
            groups_of(others.particles, others.counts),
            strict=True,
        )
        for way, (of_jets, of_others) in enumerate(grouped):
            absent = sums_of_groups(of_others, found.absence, others.counts)
            added[way].append(sums_of_groups(of_jets, own, jets.counts) + absent)
            there = sums_of_groups(of_jets, found.presence, jets.counts)
            presence[way].append(there + absent)
        # The particles of a jet stand there again for each of its baselines.
        ends = np.cumsum(jets.counts)
        of_pairs = np.split(own, ends[:-1])
        jets_found += [
            np.mean(of_pairs[first : first + batch.each], axis=0)
            for first in range(0, len(batch), batch.each)
        ]
    return _Found(
        np.concatenate(totals),
        np.concatenate(differences),
        [np.concatenate(one) for one in added],
        [np.concatenate(one) for one in presence],
        jets_found,
    )


def left_out(
    decisions: Decides, view: ParticleView, sample: JetSample, way: int, n_classes: int
) -> np.ndarray:
    """Find by how much decisions for jets' own classes fall where groups of particles are left out.

    What features say of the jet is computed anew of what is left.

    Parameters
    ----------
    decisions, view, sample
        As `explain_particle_network` takes them.
    way : int
        Which of the ways that `groups_of` groups.
    n_classes : int

    Returns
    -------
    (n_jets, n_groups) float64 array
        Logit of the jet's class less the mean of the others'; 0 where a jet has none of a group,
        NaN where nothing would be left of it.
    """
    one = np.eye(n_classes, dtype=np.float32)
    weights = (n_classes * one - 1) / (n_classes - 1)
    falls = []
    for first in range(0, len(sample), _LEFT_OUT_BATCH):
        jets = np.arange(first, min(first + _LEFT_OUT_BATCH, len(sample)))
        towards = weights[sample.labels[jets].astype(int)]
        whole = kept_particles(sample, jets, view)
        before = decisions.values(
            tensors_of_kept(*whole, view, compiled=decisions.compiled), towards
        )
        n_groups = len(groups_of(whole[1], whole[2])[way].names)
        falls.append(np.zeros((len(jets), n_groups)))
        for group in range(n_groups):
            without = _Without(way, group)
            kept = kept_particles(sample, jets, view, without)
            after = decisions.values(
                tensors_of_kept(*kept, view, compiled=decisions.compiled), towards
            )
            falls[-1][:, group] = np.where(without.emptied, np.nan, before - after)
    return np.concatenate(falls)


class _Without:
    """Leave a group of particles out of jets; a jet that has no others stays whole."""

    def __init__(self, way: int, group: int) -> None:
        self.way, self.group = way, group
        self.emptied = np.zeros(0, bool)

    def __call__(self, particles: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        kept = groups_of(particles, counts)[self.way].number != self.group
        self.emptied = sums_by_jet(kept, counts) == 0
        kept |= np.repeat(self.emptied, counts)
        return particles[kept], sums_by_jet(kept.astype(int), counts)


def _check(
    decisions: Decisions,
    view: ParticleView,
    sample: JetSample,
    pairs: Pairs,
    steps: int,
    seed: int,
) -> WeightsCheck | None:
    trained = _found(decisions, view, sample, pairs, steps).jets
    compared = []
    for shuffle in range(SHUFFLES):
        with decisions.shuffled(generator(seed, "explain", "weights", shuffle)):
            compared.append(
                compare_jets(trained, _found(decisions, view, sample, pairs, steps).jets)
            )
    magnitudes, signed = map(np.array, zip(*compared, strict=True))
    return verdict(magnitudes, signed)


def _drawn(cloud: Cloud, found: list[np.ndarray], labels: np.ndarray) -> dict[str, np.ndarray]:
    """Give single jets of each class: where their particles are, and what they add."""
    rapidity, phi = from_centroid(cloud.particles, cloud.counts)
    starts = first_rows(cloud.counts)
    arrays = {}
    for kind in np.unique(labels):
        for number, jet in enumerate(np.flatnonzero(labels == kind)[:_DRAWN]):
            own = slice(starts[jet], starts[jet] + cloud.counts[jet])
            particles = cloud.particles[own]
            arrays[f"jet_{kind}_{number}"] = np.column_stack(
                [particles[:, PT], rapidity[own], phi[own], particles[:, PDG_ID], found[jet]]
            )
    return arrays
