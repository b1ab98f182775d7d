"""Explanations of particle networks: what is known to decide is found, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jetline.explanation.clouds import Cloud, explain_clouds
from jetline.explanation.integrated import baselines_of_other_classes, class_weights
from jetline.explanation.sums import groups_of, sums_of_groups
from jetline.inputs.view import ParticleView
from jetline.models import read_settings
from jetline.training.gradients import Decisions
from known_networks import counting, hardest
from training_inputs import every, make_shards

VIEW = ParticleView("energy_flow", "full")


@pytest.fixture(scope="module")
def sample(jets, tmp_path_factory):
    constituents, labels = jets
    folder = tmp_path_factory.mktemp("shards")
    return every(make_shards(folder, constituents[:40], labels[:40], "particles"))


@pytest.fixture(scope="module")
def pairs(sample):
    """Jets, and for each two of the other class."""
    return baselines_of_other_classes(sample.labels, 2, np.random.default_rng(1))


def explained(network, sample, pairs, view=VIEW, steps=16):
    own, other = pairs
    jets, baselines = Cloud.of(sample, own, view), Cloud.of(sample, other, view)
    weights = class_weights(sample.labels[own], sample.labels[other], 2)
    return (
        explain_clouds(Decisions(network), view, jets, baselines, weights, steps),
        jets,
        baselines,
    )


def test_a_network_that_counts_is_explained_by_particles_that_come_or_go(sample, pairs):
    found, jets, baselines = explained(counting(slope=0.1), sample, pairs, steps=100)
    towards = np.where(sample.labels[pairs[0]] == 1, 0.1, -0.1)
    shared = np.minimum(jets.counts, baselines.counts)
    assert not found.features.any()
    more = ~jets.first(shared)
    np.testing.assert_allclose(
        found.presence, np.where(more, np.repeat(towards, jets.counts), 0), atol=1e-5
    )
    more = ~baselines.first(shared)
    np.testing.assert_allclose(
        found.absence, np.where(more, -np.repeat(towards, baselines.counts), 0), atol=1e-5
    )
    np.testing.assert_allclose(
        found.differences, towards * (jets.counts - baselines.counts), atol=1e-4
    )


def test_pieces_of_many_particles_lose_none(sample, pairs):
    found, jets, baselines = explained(counting(), sample, pairs, steps=3)
    np.testing.assert_allclose(found.totals(jets, baselines), found.differences, atol=1e-5)
    shared = np.minimum(jets.counts, baselines.counts)
    assert (found.presence != 0).sum() == (jets.counts - shared).sum()


def test_a_network_that_sees_the_hardest_particle_is_explained_by_it(sample, pairs):
    found, jets, baselines = explained(hardest(), sample, pairs)
    assert not found.features[jets.ranks > 0].any()
    assert not found.features[:, 1:].any()
    assert not found.presence.any()
    assert not found.absence.any()
    np.testing.assert_allclose(found.totals(jets, baselines), found.differences, atol=1e-5)
    assert np.abs(found.differences).min() > 0


@pytest.mark.parametrize(
    ("label", "worst"),
    [("efn", 0.02), ("pfn", 0.02), ("particle-transformer-small", 0.1), ("particlenet-lite", 0.4)],
)
def test_what_particles_add_is_the_difference_of_the_decisions(label, worst, sample, pairs):
    import keras

    keras.utils.set_random_seed(1)
    settings = read_settings(label, {"inputs": "particles"})
    network = settings.build({})
    some = pairs[0][:6], pairs[1][:6]
    found, jets, baselines = explained(network, sample, some, settings.view, 24)
    error = found.totals(jets, baselines) - found.differences
    assert np.sqrt((error**2).mean()) < worst * np.sqrt((found.differences**2).mean())


def test_what_pairs_of_particles_decide_is_found_too(sample, pairs):
    import keras

    keras.utils.set_random_seed(1)
    settings = read_settings("particle-transformer-small", {})
    network = settings.build({})
    for weight in network.weights:
        if "pair" in weight.path and weight.path.endswith("kernel"):
            weight.assign(2 * weight.numpy())
    some = pairs[0][:6], pairs[1][:6]
    found, jets, baselines = explained(network, sample, some, settings.view, 24)
    error = found.totals(jets, baselines) - found.differences
    assert np.sqrt((error**2).mean()) < 0.05 * np.sqrt((found.differences**2).mean())


def test_sums_by_group_are_those_of_jets(sample, pairs):
    found, jets, _ = explained(hardest(), sample, pairs)
    values = found.features.sum(axis=1)
    by_jet = np.add.reduceat(values, np.cumsum(jets.counts) - jets.counts)
    for groups in groups_of(jets.particles, jets.counts):
        sums = sums_of_groups(groups, values, jets.counts)
        assert sums.shape == (len(jets.counts), len(groups.names))
        np.testing.assert_allclose(sums.sum(axis=1), by_jet)


def test_particles_are_of_the_groups_that_they_look_to_be_of():
    particles = np.array(
        [[80, 0.0, 0.0, 211], [16, 0.0, 0.26, 22], [4, 0.0, -0.9, -13]], np.float32
    )
    species, z, distance = groups_of(particles, np.array([3]))
    names = [[one.names[n] for n in one.number] for one in (species, z, distance)]
    assert names == [
        ["charged hadrons", "photons", "muons"],
        ["0.2 to 1", "0.1 to 0.2", "0.02 to 0.05"],
        ["0 to 0.01", "0.2 to 0.3", "0.8 to 1"],
    ]


def test_baselines_are_of_other_classes():
    labels = np.array([0, 1, 2, 1, 0, 2, 2])
    own, other = baselines_of_other_classes(labels, 50, np.random.default_rng(3))
    assert (labels[own] != labels[other]).all()
    assert np.bincount(own).tolist() == [50] * 7
    # Of both other classes.
    assert set(labels[other[labels[own] == 1]]) == {0, 2}


def test_on_jax_the_same_is_found(sample, pairs, tmp_path):
    found, _, _ = explained(hardest(), sample, pairs, steps=4)
    code = f"""
import numpy as np
from jetline.explanation.clouds import Cloud, explain_clouds
from jetline.explanation.integrated import class_weights
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import open_shard
from jetline.inputs.view import ParticleView
from jetline.training.gradients import Decisions
from known_networks import hardest
from pathlib import Path
from training_inputs import every
sample = every([open_shard(Path(one)) for one in {[str(s.folder) for s in sample.shards]}])
view = ParticleView("energy_flow", "full")
own, other = {pairs[0].tolist()}, {pairs[1].tolist()}
jets, baselines = Cloud.of(sample, np.array(own), view), Cloud.of(sample, np.array(other), view)
weights = class_weights(sample.labels[own], sample.labels[other], 2)
decisions = Decisions(hardest())
assert decisions.compiled
found = explain_clouds(decisions, view, jets, baselines, weights, 4)
np.savez({str(tmp_path / "found.npz")!r}, features=found.features, differences=found.differences)
"""
    support = str(Path(__file__).parents[2] / "support")
    environment = os.environ | {
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "PYTHONPATH": os.pathsep.join([support, os.environ.get("PYTHONPATH", "")]),
    }
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    with np.load(tmp_path / "found.npz") as on_jax:
        np.testing.assert_allclose(on_jax["features"], found.features, atol=1e-5)
        np.testing.assert_allclose(on_jax["differences"], found.differences, atol=1e-5)
