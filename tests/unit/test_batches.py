"""Batches: the right jets, nothing lost, nothing added."""

from __future__ import annotations

import numpy as np
import pytest
from training_inputs import every, make_shards

from jetline.inputs.catalogue import RECIPES
from jetline.inputs.features import pfn_features
from jetline.inputs.images import image_jets
from jetline.inputs.particles import flatten
from jetline.models.architecture import ParticleView
from jetline.training.batches import Batches, granularity, particle_inputs

VIEW = ParticleView("energy_flow", "full")


@pytest.fixture(scope="module")
def particles(jets, tmp_path_factory):
    return every(make_shards(tmp_path_factory.mktemp("p"), *jets, "particles"))


@pytest.fixture(scope="module")
def images(jets, tmp_path_factory):
    return every(make_shards(tmp_path_factory.mktemp("i"), *jets, "images/pt"))


def test_an_epoch_gives_every_jet_once_with_its_own_label(images, jets):
    constituents, labels = jets
    order = np.random.default_rng(0).permutation(len(images))
    batches = Batches(images, order, 128, None)
    pixels = np.concatenate([batches[n][0] for n in range(len(batches))])
    given = np.concatenate([batches[n][1] for n in range(len(batches))])
    weights = np.concatenate([batches[n][2] for n in range(len(batches))])
    real = weights == 1
    assert set(weights) == {0, 1}
    assert real.sum() == len(images)
    np.testing.assert_array_equal(pixels[real], image_jets(constituents, RECIPES["pt"])[order])
    np.testing.assert_array_equal(given[real], labels[order])


def test_what_fills_up_the_last_batch_is_empty(images):
    last = Batches(images, np.arange(len(images)), 128, None)[4]
    assert last[0].shape[0] == 128
    assert not last[0][len(images) - 4 * 128 :].any()


def test_particles_are_those_of_the_jets_asked_for_in_their_order(particles, jets):
    chosen = np.array([599, 3, 310, 4, 299, 300])
    multiplicities, features, segments = particle_inputs(particles, chosen, 8, VIEW)
    flat, offsets = flatten(jets[0][chosen])
    expected = pfn_features(flat, np.diff(offsets), "full")
    real = segments < 8
    np.testing.assert_array_equal(features[real], expected)
    np.testing.assert_array_equal(multiplicities, [*np.diff(offsets), 0, 0])
    np.testing.assert_array_equal(segments[real], np.repeat(np.arange(6), np.diff(offsets)))


def test_added_rows_belong_to_the_segment_that_is_thrown_away(particles):
    _, features, segments = particle_inputs(particles, np.arange(5), 5, VIEW)
    assert set(segments[segments > 4]) == {5}
    assert not features[segments == 5].any()


def test_random_batches_have_few_shapes(particles):
    totals = set()
    for seed in range(40):
        order = np.random.default_rng(seed).permutation(len(particles))[:100]
        totals.add(len(particle_inputs(particles, order, 100, VIEW)[1]))
    assert len(totals) <= 6
    assert all(total % granularity(100) == 0 for total in totals)
