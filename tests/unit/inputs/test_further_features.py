"""Further features of particles: how they are spread, and how they come into tensors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from further_files import impact_parameters
from jetline.core.errors import JetlineError
from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.inputs.augmenting import Augmentation
from jetline.inputs.dataset import identity_of
from jetline.inputs.further import Spread
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.parts import TEST, TRAIN, VALIDATION
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import open_shard
from jetline.inputs.statistics import training_statistics
from jetline.inputs.tensors import kept_particles, particle_tensors
from jetline.inputs.view import ParticleView
from split_shards import parts_of


def spread_of(*parts):
    spread = Spread()
    for part in parts:
        spread.add(np.asarray(part, np.float32))
    return spread.result()


def shard_of(folder, constituents, labels, features=None, names=("d0", "dz")):
    named = {} if features is None else {"features": features, "feature_names": np.array(names)}
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "jets.npz", X=constituents, y=labels, **named)
    make_shard(Particles(), folder / "jets.npz", folder / "shard")
    return open_shard(folder / "shard")


# How values are spread


def test_centre_and_width_of_a_normal_distribution_are_its_mean_and_deviation():
    values = np.random.default_rng(1).normal(3, 0.2, 100_000)
    told = spread_of(values)
    assert told["centre"] == pytest.approx(3, abs=0.005)
    assert told["width"] == pytest.approx(0.2, rel=0.02)


def test_a_long_tail_does_not_widen_the_width():
    rng = np.random.default_rng(1)
    values = rng.normal(0, 0.02, 10_000)
    values[:100] = 1e4 * rng.standard_cauchy(100)
    assert spread_of(values)["width"] == pytest.approx(0.02, rel=0.05)
    assert np.std(values) > 100


def test_zeros_of_neutral_constituents_do_not_narrow_the_width():
    values = np.random.default_rng(1).normal(0, 0.02, 10_000)
    assert spread_of(values, np.zeros(90_000)) == spread_of(values)
    assert spread_of(values, np.full(90_000, -0.0)) == spread_of(values)


def test_flags_have_their_mean_and_deviation():
    told = spread_of(np.repeat([0, 1], [900, 100]))
    assert told == {"centre": pytest.approx(0.1), "width": pytest.approx(0.3)}


@pytest.mark.parametrize("value", [0, 2, -0.5])
def test_a_constant_has_the_width_1(value):
    assert spread_of(np.full(10, value)) == {"centre": value, "width": 1}


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(20, 300),
    scale=st.sampled_from([1e-30, 1e-3, 1.0, 1e30]),
    shift=st.floats(-20, 20),
    cut=st.integers(0, 300),
)
def test_quantiles_are_those_of_the_values_and_their_order_decides_nothing(
    seed, n, scale, shift, cut
):
    rng = np.random.default_rng(seed)
    values = (scale * (rng.standard_t(2, n) + shift)).astype(np.float32)
    told = spread_of(values)
    assert spread_of(values[::-1][:cut], values[::-1][cut:]) == told
    # Each quantile is the value at one of the ranks about it, to 0.05 %.
    below, above = (
        np.quantile(values.astype(float), [q + way * 1.5 / n for q in (0.16, 0.5, 0.84)])
        for way in (-1, 1)
    )
    slack = 1e-3 * np.abs(values).max()
    assert below[1] - slack <= told["centre"] <= above[1] + slack
    assert below[2] - above[0] - slack <= 2 * told["width"] <= above[2] - below[0] + slack


# Statistics


def test_statistics_are_those_of_the_training_part_alone(jets, tmp_path):
    constituents, labels = jets[0][:200], jets[1][:200]
    features = impact_parameters(constituents)
    parts = np.array([TRAIN, VALIDATION, TEST, TEST])[np.arange(200) % 4].astype(np.uint8)
    others = np.where(parts == TRAIN, 1, 1000)[:, None, None].astype(np.float32)
    told = []
    for name, values in (("one", features), ("other", features * others)):
        shard = shard_of(tmp_path / name, constituents, labels, values)
        split = parts_of([shard.folder], [parts])
        told.append(training_statistics([shard.folder], split).inputs["features"])
    assert told[0] == told[1]
    real = (constituents[..., 0] > 0) & (parts == TRAIN)[:, None]
    for number, name in enumerate(("d0", "dz")):
        own = features[real][:, number]
        low, high = np.quantile(own[own != 0], [0.16, 0.84])
        assert told[0][name]["width"] == pytest.approx((high - low) / 2, rel=0.05)


def test_features_that_not_every_file_has_are_not_told(jets, tmp_path):
    constituents, labels = jets[0][:40], jets[1][:40]
    features = impact_parameters(constituents)
    statistics = Particles().statistics()
    for number, names in enumerate((("d0", "dz"), ("dz", "other"))):
        shard = shard_of(tmp_path / str(number), constituents, labels, features, names)
        statistics.add(shard, np.arange(40))
    assert set(statistics.result()["features"]) == {"dz"}
    statistics.add(shard_of(tmp_path / "none", constituents, labels), np.arange(40))
    assert set(statistics.result()) == {"multiplicity"}


def test_names_are_of_what_statistics_are_made_of(jets, tmp_path):
    constituents, labels = jets[0][:20], jets[1][:20]
    features = impact_parameters(constituents)
    manifests = []
    for names in (("d0", "dz"), ("dz", "d0")):
        shard = shard_of(tmp_path / names[0], constituents, labels, features, names)
        manifests.append(shard.manifest)
    split = parts_of([shard.folder], [np.full(20, TRAIN, np.uint8)])
    assert identity_of(manifests[:1], split) != identity_of(manifests[1:], split)


def test_a_manifest_with_other_names_than_the_array_is_refused(jets, tmp_path):
    shard = shard_of(tmp_path, jets[0][:20], jets[1][:20], impact_parameters(jets[0][:20]))
    path = shard.folder / "manifest.json"
    path.write_text(path.read_text().replace('"dz"', '"dz", "more"'))
    with pytest.raises(JetlineError, match="3 names for an array"):
        open_shard(shard.folder)


# Tensors


@pytest.fixture(scope="module")
def sample(jets, tmp_path_factory):
    """Jets of two files whose features stand in another order."""
    folder, shards = tmp_path_factory.mktemp("shards"), []
    constituents, labels = jets[0][:60], jets[1][:60]
    features = impact_parameters(constituents)
    for number, order in enumerate(([0, 1], [1, 0])):
        half = slice(30 * number, 30 * (number + 1))
        names = np.array(["d0", "dz"])[order]
        told = constituents[half], labels[half], features[half][..., order], names
        shards.append(shard_of(folder / str(number), *told))
    return JetSample.choose(shards, [np.arange(30)] * 2), constituents, features


@pytest.mark.parametrize("kind", ["energy_flow", "particle_cloud"])
def test_further_features_stand_first_and_are_found_by_name(sample, kind):
    jets, constituents, features = sample
    plain = ParticleView(kind, "full", most=20, dense=True, pairs=True)
    view = ParticleView(kind, "full", most=20, dense=True, pairs=True, further=("dz", "d0"))
    order = np.random.default_rng(1).permutation(60)
    told = particle_tensors(jets, order, view, compiled=False)
    without = particle_tensors(jets, order, plain, compiled=False)
    assert told.keys() == without.keys()
    np.testing.assert_array_equal(told["features"][:, 2:], without["features"])
    for name in told.keys() - {"features"}:
        np.testing.assert_array_equal(told[name], without[name])
    row = 0
    for jet, count in zip(order, told["counts"].astype(int), strict=True):
        falling = np.argsort(-constituents[jet, :, 0], kind="stable")[:count]
        expected = features[jet][falling][:, ::-1]
        np.testing.assert_array_equal(told["features"][row : row + count, :2], expected)
        row += count
    assert not told["features"][row:].any()


@pytest.mark.parametrize("name", ["reflect", "rotate", "smear", "drop"])
def test_augmentation_leaves_features_with_their_particles(sample, name):
    jets, _, _ = sample
    view = ParticleView("energy_flow", "none", further=("d0",))
    step = AUGMENTATION_STEPS[name](step=name)
    change = Augmentation((step,), 1, 0).change(Particles(), 0)
    _, before, counts = kept_particles(jets, np.arange(60), view)
    features, particles, after = kept_particles(jets, np.arange(60), view, change)
    # Neutral particles alone have 0, and no step changes the species.
    charged = np.isin(np.abs(particles[:, 3]), (211, 321, 2212, 11, 13))
    assert ((features[:, 0] != 0) == charged).all()
    assert not np.array_equal(before, particles)
    assert (after <= counts).all()


def test_jets_without_a_feature_are_told_with_what_they_have(sample):
    view = ParticleView("energy_flow", "full", further=("d0", "sip"))
    with pytest.raises(JetlineError) as caught:
        kept_particles(sample[0], np.arange(3), view)
    assert caught.value.found == "jets without sip of their constituents; they have d0, dz"
    assert "jets.npz" in caught.value.where
    assert '"sip": "column of sip"' in caught.value.remedy
