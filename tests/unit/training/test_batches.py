"""Batches contain the right jets, each of them once."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.lib.format import open_memmap

from jetline.inputs.dense import Steps, dense_places
from jetline.inputs.features import pfn_features
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.imaging import image_jets
from jetline.inputs.kinds.particles import flatten
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import Shard
from jetline.inputs.tensors import particle_tensors
from jetline.inputs.view import GROUPS, ParticleView
from jetline.training.batches import Batches
from training_inputs import every, make_shards

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
    pixels = np.concatenate([batches[n][0]["images"] for n in range(len(batches))])
    given = np.concatenate([batches[n][1] for n in range(len(batches))])
    np.testing.assert_array_equal(pixels, image_jets(constituents, RECIPES["pt"])[order])
    np.testing.assert_array_equal(given, labels[order])


def test_nothing_fills_up_the_last_batch(images, particles):
    for sample, view, name in ((images, None, "images"), (particles, VIEW, "counts")):
        batches = Batches(sample, np.arange(len(sample)), 128, view)
        sizes = [(len(tensors[name]), len(labels)) for tensors, labels in batches]
        assert sizes == [(128, 128)] * 4 + [(88, 88)]


def test_particles_are_those_of_the_jets_asked_for_in_their_order(particles, jets):
    chosen = np.array([599, 3, 310, 4, 299, 300])
    tensors = particle_tensors(particles, chosen, VIEW, compiled=False)
    counts, features, segments = (tensors.pop(name) for name in ("counts", "features", "segments"))
    assert not tensors
    flat, offsets = flatten(jets[0][chosen])
    expected = pfn_features(flat, np.diff(offsets), "full")
    real = segments < 6
    np.testing.assert_array_equal(features[real], expected)
    np.testing.assert_array_equal(counts, np.diff(offsets))
    np.testing.assert_array_equal(segments[real], np.repeat(np.arange(6), np.diff(offsets)))


def test_added_rows_belong_to_the_segment_that_is_thrown_away(particles):
    tensors = particle_tensors(particles, np.arange(100), VIEW, compiled=False)
    segments = tensors["segments"]
    assert set(segments[segments > 99]) == {100}
    assert not tensors["features"][segments == 100].any()


def test_the_stream_that_keras_reads_is_the_batches_in_their_order(particles):
    order = np.random.default_rng(4).permutation(len(particles))
    batches = Batches(particles, order, 100, VIEW)
    stream = batches.stream()
    assert stream.options().autotune.enabled is False
    assert len(stream) == len(batches) == 6
    for number, (inputs, labels) in enumerate(stream):
        expected, given = batches[number]
        assert inputs.keys() == expected.keys()
        for name, values in expected.items():
            np.testing.assert_array_equal(inputs[name], values, strict=True)
        np.testing.assert_array_equal(labels, given, strict=True)


def test_random_batches_have_few_shapes_where_each_is_compiled(particles):
    counts = np.diff(particles.shards[0].arrays["offsets"])
    steps = Steps.of(100, compiled=True)
    totals, widths = set(), set()
    for seed in range(40):
        chosen = np.random.default_rng(seed).choice(counts, 100, replace=False)
        total = -(-int(chosen.sum()) // steps.particles) * steps.particles
        totals.add(total)
        rows = dense_places(chosen, 4, total, steps.width)[1]
        widths.add(tuple(group.shape[1] for group in rows))
    assert len(totals) <= 4
    assert len(widths) <= 4


def test_pairs_have_ln_m2_as_weaver_rounds_it_where_the_model_asks(particles):
    view = ParticleView("particle_cloud", "full", most=128, dense=True, pairs=True)
    jets = np.arange(30)
    without = particle_tensors(particles, jets, view, compiled=False)
    view = replace(view, pair_mass="weaver")
    tensors = particle_tensors(particles, jets, view, compiled=False)
    mass = tensors.pop("pair_mass")
    assert tensors.keys() == without.keys()
    assert mass.dtype == np.float32
    shard = particles.shards[0].arrays
    rows = np.float32(shard["particles"][: int(shard["offsets"][30])])  # no jet has over 128
    for pair in (0, 1, 2, 1000):
        x, y, z, energy = 0, 0, 0, 0
        for pt, rapidity, phi, _ in rows[tensors["pairs"][pair]]:
            x, y = x + pt * np.cos(phi), y + pt * np.sin(phi)
            z, energy = z + pt * np.sinh(rapidity), energy + pt * np.cosh(rapidity)
        squared = energy * energy - (x * x + y * y + z * z)
        assert isinstance(squared, np.float32)
        assert mass[pair] == np.log(max(squared, np.float32(1e-8)))
    padding = tensors["pairs"][:, 0] >= len(rows)
    assert padding.any()
    assert not mass[padding].any()
    # A particle has no mass: of it and itself only rounding is left.
    itself = mass[tensors["pairs"][:, 0] == tensors["pairs"][:, 1]]
    assert np.ptp(itself) > 10


def test_little_of_a_batch_is_thrown_away(particles):
    view = ParticleView("particle_cloud", "full", most=128, dense=True, pairs=True)
    thrown, places = [], []
    for seed in range(40):
        order = np.random.default_rng(seed).permutation(len(particles))[:64]
        tensors = particle_tensors(particles, order, view, compiled=False)
        thrown.append(np.mean(tensors["segments"] == 64))
        rows = [tensors[f"rows_{number}"].reshape(8, -1) for number in range(GROUPS)]
        assert all(group.shape[1] >= 24 for group in rows)
        places.append(
            sum(8 * group.shape[1] ** 2 for group in rows) / np.square(tensors["counts"]).sum()
        )
    assert np.mean(thrown) < 0.02
    assert np.mean(places) < 1.6


def resident_mb() -> float:
    """Pages of files that the system counts as the process's own memory [MB]."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"RssFile:\s+(\d+)", status)[1]) / 1000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to count memory")
def test_images_that_were_read_are_not_held(images, tmp_path):
    """200 MB of images, drawn at random, take a fraction of that."""
    shard = images.shards[0]
    pixels = open_memmap(tmp_path / "images.npy", "w+", np.float32, (65_000, 28, 28, 1))
    pixels[:] = 1
    pixels.flush()
    del pixels
    arrays = {"images": open_memmap(tmp_path / "images.npy", "r")}
    labels = np.zeros(65_000, np.uint8)
    many = Shard(shard.folder, labels, arrays, shard.manifest)
    sample = JetSample.choose([many], [np.arange(65_000)])
    order = np.random.default_rng(1).permutation(65_000)
    before, most = resident_mb(), 0.0
    for number, _ in enumerate(Batches(sample, order, 500, None)):
        if number % 10 == 0:
            most = max(most, resident_mb())
    assert most - before < 20


def test_weights_of_jets_and_of_their_classes_are_multiplied(particles):
    own = np.random.default_rng(2).normal(1, 2, len(particles)).astype(np.float32)
    weighted = replace(particles, weights=own)
    order = np.random.default_rng(0).permutation(len(particles))
    of_classes = np.array([0.5, 1.5])
    for sample, classes, expected in (
        (weighted, None, own),
        (weighted, of_classes, own * of_classes[particles.labels]),
        (particles, of_classes, of_classes[particles.labels]),
    ):
        batches = Batches(sample, order, 64, VIEW, class_weights=classes)
        given = np.concatenate([batch[2] for batch in batches])
        assert given.dtype == np.float32
        np.testing.assert_allclose(given, expected[order], rtol=1e-6)
    assert len(Batches(particles, order, 64, VIEW)[0]) == 2
