"""Drawing jets: solvers, and what holds for every drawn jet, trained or not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.inputs.features import SPECIES
from jetline.models import read_settings
from jetline.models.layers.spectra import Spectra, tabulate
from jetline.training.drawing import Way, Window, draw_particles, follow, jets_in_window


@pytest.fixture(scope="module")
def model():
    random = np.random.default_rng(3)
    labels = np.arange(600) % 2
    tables = tabulate(
        labels,
        np.log(random.uniform(500, 550, 600)),
        random.uniform(-1.7, 1.7, 600),
        random.poisson(np.array([20, 40])[labels]) + 1,
        2,
    )
    settings = read_settings(
        "flow",
        {"architecture": "flow-matching", "layers": 1, "width": 8, "jet_width": 4},
    )
    bounds = np.array([[-5, -1.5, -1.5], [2.9, 1.5, 1.5]])
    return settings.build({"spectra": tables | {"bounds": bounds}})


@pytest.mark.parametrize(("solver", "order"), [("euler", 1), ("midpoint", 2), ("heun", 2)])
def test_a_solvers_error_falls_with_its_order(solver, order):
    # dx/dt = x cos(t), x(0) = 1: x(1) = exp(sin 1).
    errors = [
        abs(follow(lambda x, t: x * math.cos(t), 1.0, Way(solver, steps)) - math.exp(math.sin(1)))
        for steps in (20, 40)
    ]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.15)


def test_every_drawn_jet_is_a_jet_of_its_spectra(model):
    labels = np.arange(300) % 2
    way = Way("euler", 3, 4)
    done = []
    particles, counts = draw_particles(
        model, labels, np.random.default_rng(1), way, progress=done.append
    )
    assert sum(done) == len(labels) == len(counts)
    assert particles.dtype == np.float32
    assert particles.shape == (counts.sum(), 4)
    assert np.isin(particles[:, 3], SPECIES).all()
    assert counts[labels == 1].mean() > 1.5 * counts[labels == 0].mean()
    for jet in np.split(particles.astype(np.float64), np.cumsum(counts)[:-1]):
        assert (np.diff(jet[:, 0]) <= 0).all()
        assert 499.9 < jet[:, 0].sum() < 550.1
        axis = jet[:, 0] @ jet[:, 1:3] / jet[:, 0].sum()
        assert abs(axis[0]) <= 1.701
        assert -1e-4 <= axis[1] <= 2 * np.pi + 1e-4
        # Twice the farthest angle of the bounds, since the axis moves with the particles.
        assert np.abs(jet[:, 1:3] - axis).max() <= 2 * 0.02 * math.sinh(2 * 1.5) + 1e-4


def test_the_same_seed_draws_the_same_jets(model):
    first, second, other = (
        draw_particles(model, np.zeros(5, int), np.random.default_rng(seed), Way("heun", 2, 2))[0]
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, second)
    assert first.shape != other.shape or not np.allclose(first, other)


def test_species_of_an_untrained_network_are_as_frequent_as_each_other(model):
    labels = np.zeros(400, int)
    particles, _ = draw_particles(model, labels, np.random.default_rng(1), Way("euler", 1, 5))
    shares = np.array([(particles[:, 3] == pdg_id).mean() for pdg_id in SPECIES])
    np.testing.assert_allclose(shares, 1 / len(SPECIES), atol=0.012)


def test_a_window_holds_all_that_is_drawn(model):
    spectra = model.get_layer("spectra")
    assert isinstance(spectra, Spectra)
    window = Window((510, 520), (25, 30))
    ln_pt, _, counts = jets_in_window(spectra, np.arange(200) % 2, window, np.random.default_rng(1))
    assert 510 <= np.exp(ln_pt).min() <= np.exp(ln_pt).max() <= 520
    assert 25 <= counts.min() <= counts.max() <= 30
    with pytest.raises(JetlineError, match="a window that is not rare"):
        jets_in_window(spectra, np.zeros(3, int), Window(None, (90, 95)), np.random.default_rng(1))
