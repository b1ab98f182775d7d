"""Flow matching: paths, hidden species, spectra, and a network that learns from a few jets."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops
from scipy.stats import ks_2samp

from jetline.inputs.features import SPECIES, generation_features
from jetline.inputs.view import N_SPECIES
from jetline.models import read_settings
from jetline.models.layers.noise import Masked, StraightPath
from jetline.models.layers.per_jet import JetRows
from jetline.models.layers.spectra import BINS, Spectra, tabulate

SMALL = {"layers": 2, "width": 16, "jet_width": 8, "species_layers": 1}


def spectra_of(counts=(20, 40), jets=400):
    """Make the tables of jets of two classes that differ in their numbers of particles."""
    random = np.random.default_rng(3)
    labels = np.arange(jets) % 2
    multiplicity = random.poisson(np.array(counts)[labels]) + 1
    ln_pt = np.log(random.uniform(500, 550, jets))
    rapidity = random.uniform(-1.7, 1.7, jets)
    return labels, ln_pt, rapidity, multiplicity, tabulate(labels, ln_pt, rapidity, multiplicity, 2)


def built(**more):
    tables = spectra_of()[-1] | {"bounds": np.array([[-5, -2, -2], [3, 2, 2]])}
    settings = read_settings("flow", {"architecture": "flow-matching", **SMALL, **more})
    return settings.build({"spectra": tables})


def batch(jets=6, seed=1):
    """Make tensors of a few jets, with padding behind their particles."""
    random = np.random.default_rng(seed)
    counts = random.integers(1, 30, jets)
    total = counts.sum()
    particles = np.stack(
        [
            random.exponential(10, total) + 0.1,
            random.normal(0, 0.1, total),
            random.normal(0, 0.1, total),
            random.choice(SPECIES, total),
        ],
        axis=1,
    ).astype(np.float32)
    features = generation_features(particles, counts, "full")
    padding = 5
    return {
        "classes": (np.arange(jets) % 2).astype(np.int32),
        "counts": counts.astype(np.float32),
        "features": np.pad(features, ((0, padding), (0, 0))),
        "segments": np.pad(
            np.repeat(np.arange(jets), counts), (0, padding), constant_values=jets
        ).astype(np.int32),
    }


@pytest.mark.parametrize("identity", ["none", "full"])
def test_it_gives_a_loss_of_each_jet_also_once_saved(identity, tmp_path):
    model = built(identity=identity)
    losses = model.predict_on_batch(batch())
    assert losses.shape == (6, 1)
    assert np.isfinite(losses).all()
    assert (losses > 0).all()
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    for one, other in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_all_species_are_told_apart():
    assert len(SPECIES) == N_SPECIES == len(set(SPECIES))


def test_at_first_the_loss_is_that_of_no_knowledge():
    losses = np.mean([built().predict_on_batch(batch(200, seed)) for seed in range(3)])
    tensors = batch(2000)
    known = tensors["features"][:-5, :3]
    # (x_1 - x_0)^2 of normal x_0, and species at random.
    expected = 1 + np.square(known).mean() + np.log(len(SPECIES))
    assert losses == pytest.approx(expected, rel=0.1)


def test_a_path_is_straight_and_its_time_is_the_jets():
    path = StraightPath()
    particles = np.random.default_rng(1).normal(size=(3000, 2)).astype(np.float32)
    segments = np.repeat(np.arange(1000), 3).astype(np.int32)
    on_way, velocity, time = path(particles, segments, np.full(1000, 3.0))
    own = np.repeat(np.array(time), 3, axis=0)
    # From x_t both ends follow: x_0 is normal, x_1 is what was given.
    np.testing.assert_allclose(on_way + (1 - own) * velocity, particles, atol=1e-5)
    noise = on_way - own * velocity
    assert np.mean(noise) == pytest.approx(0, abs=0.05)
    assert np.std(noise) == pytest.approx(1, abs=0.03)
    assert ks_2samp(np.array(time)[:, 0], np.linspace(0, 1, 5000)).pvalue > 1e-3


def test_what_is_hidden_is_not_seen_and_each_share_is_as_frequent():
    numbers = np.random.default_rng(1).integers(0, 14, 40_000).astype(np.int32)
    segments = np.repeat(np.arange(1000), 40).astype(np.int32)
    seen, hidden = map(np.array, Masked(14)(numbers, segments, np.full(1000, 40.0)))
    hidden = hidden[:, 0] == 1
    np.testing.assert_array_equal(seen[:, 14] == 1, hidden)
    np.testing.assert_array_equal(seen.argmax(axis=1)[~hidden], numbers[~hidden])
    np.testing.assert_array_equal(seen.sum(axis=1), 1)
    shares = hidden.reshape(1000, 40).mean(axis=1)
    assert ks_2samp(shares, np.linspace(0, 1, 1000)).statistic < 0.06


def test_rows_of_jets_reach_their_particles_and_gradients_come_back_summed():
    rows = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    segments = np.array([0, 0, 1, 2], np.int32)  # the last is padding
    np.testing.assert_array_equal(JetRows()(rows, segments), [[1, 2], [1, 2], [3, 4], [0, 0]])
    inputs = {
        "rows": keras.Input((2,), name="rows"),
        "segments": keras.Input((), dtype="int32", name="segments"),
    }
    weighed = keras.layers.Dense(2, use_bias=False, kernel_initializer="identity", name="w")
    given = JetRows()(weighed(inputs["rows"]), inputs["segments"])
    model = keras.Model(inputs, given)
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss=lambda wanted, found: wanted * found)
    wanted = np.array([[1.0, 0], [10.0, 0], [100.0, 0], [1000.0, 0]], np.float32)
    model.train_on_batch({"rows": rows, "segments": segments}, wanted)
    # Of the mean over rows and columns; the padding's gradient reaches nobody.
    step = np.eye(2) - model.get_layer("w").get_weights()[0]
    expected = rows.T @ np.array([[11.0, 0], [100.0, 0]])
    np.testing.assert_allclose(step / step[0, 0], expected / expected[0, 0], rtol=1e-5)


def test_spectra_draw_what_they_have_tabulated():
    labels, ln_pt, rapidity, counts, tables = spectra_of(jets=20_000)
    layer = Spectra(2)
    layer.fill(tables | {"bounds": np.zeros((2, 3))})
    drawn = layer.draw(np.repeat([0, 1], 10_000), np.random.default_rng(2))
    for label, part in ((0, slice(0, 10_000)), (1, slice(10_000, None))):
        for true, values in zip((ln_pt, rapidity, counts), drawn, strict=True):
            found = ks_2samp(true[labels == label], values[part])
            assert found.statistic < 0.025
    assert drawn[2].dtype == np.int64
    for label in (0, 1):
        fewest, most = layer.reach(label)["multiplicity"]
        assert (fewest, most) == (counts[labels == label].min(), counts[labels == label].max())


def test_conditions_are_of_the_size_of_one():
    labels, ln_pt, rapidity, counts, tables = spectra_of(jets=2000)
    layer = Spectra(2)
    layer.fill(tables | {"bounds": np.zeros((2, 3))})
    jets = np.stack([ln_pt, rapidity], axis=1).astype(np.float32)
    told = ops.convert_to_numpy(layer(labels.astype(np.int32), jets, counts.astype(np.float32)))
    np.testing.assert_array_equal(told[:, :2], np.eye(2)[labels])
    np.testing.assert_allclose(told[:, 2:4].mean(axis=0), 0, atol=0.1)
    np.testing.assert_allclose(told[:, 2:4].std(axis=0), 1, atol=0.15)


def test_a_multiplicity_that_all_jets_share_is_the_only_one_drawn():
    tables = tabulate(
        np.zeros(50, int), np.linspace(6.2, 6.3, 50), np.zeros(50), np.full(50, 7), classes=1
    )
    layer = Spectra(1)
    layer.fill(tables | {"bounds": np.zeros((2, 3))})
    _, _, counts = layer.draw(np.zeros(10 * BINS, int), np.random.default_rng(1))
    assert (counts == 7).all()
