"""Distances between samples: known answers, JetNet's values, and what resampling tells."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import sparse, stats

from jetline.generative.distances import (
    correlation_differences,
    frechet,
    kernel,
    kernel_of_shift,
    mean_picture_difference,
    scaled_by,
    share_differences,
    wasserstein,
    wasserstein_of_constituents,
)
from jetline.generative.resampling import (
    among,
    bootstraps,
    compare,
    resplits,
    spread_places,
    whole,
)
from jetline.generative.verdicts import CHANCE, Quantity, judged


@pytest.fixture(scope="module")
def recorded(root) -> dict[str, np.ndarray]:
    """JetNet's distances (`benchmarks/physics_distance_references.py`)."""
    with np.load(root / "tests/references/physics_distances.npz", allow_pickle=False) as archive:
        return dict(archive)


def of_samples(comparison, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compare two whole samples."""
    return comparison(np.concatenate([first, second]))(*whole(len(first), len(second)))[0]


def test_the_distance_of_a_shifted_sample_is_the_shift():
    values = np.random.default_rng(1).normal(size=(500, 2))
    found = of_samples(wasserstein, values + np.array([0.3, -2]), values)
    np.testing.assert_allclose(found, [0.3, 2], rtol=1e-12)


def test_distances_of_samples_of_different_sizes_are_scipys():
    random = np.random.default_rng(2)
    one, other = random.normal(size=(300, 1)), random.exponential(size=(701, 1))
    expected = stats.wasserstein_distance(one[:, 0], other[:, 0])
    assert of_samples(wasserstein, one, other)[0] == pytest.approx(expected, rel=1e-12)


def test_identical_samples_are_at_no_distance():
    values = np.random.default_rng(3).gamma(2, size=(400, 5))
    assert np.abs(of_samples(wasserstein, values, values)).max() < 1e-13
    assert np.abs(of_samples(frechet, values, values)).max() < 1e-10
    assert np.abs(of_samples(share_differences, values, values)).max() < 1e-13
    both = correlation_differences(np.concatenate([values, values]), values)
    assert np.abs(both(*whole(400, 400))).max() < 1e-12
    # The unbiased one leaves out pairs of a jet with itself, and is below 0 here.
    assert of_samples(kernel, values, values)[0] < 0


def test_a_jet_counts_with_all_its_constituents():
    # Two jets against one: three constituents in bin 0 and one in bin 4 against all in bin 0.
    counts = sparse.csr_array(np.array([[3, 0, 0, 0, 0], [0, 0, 0, 0, 1], [2, 0, 0, 0, 0]]))
    distance = wasserstein_of_constituents(counts, np.array([0.5]))
    assert distance(*whole(2, 1))[0, 0] == pytest.approx(4 * 0.5 / 4)


def test_a_species_that_one_sample_lacks_has_no_distance_but_a_share():
    counts = sparse.csr_array(np.array([[1.0, 0], [0, 0]]))
    assert math.isinf(wasserstein_of_constituents(counts, np.array([1.0]))(*whole(1, 1))[0, 0])
    none = sparse.csr_array(np.zeros((2, 2)))
    assert wasserstein_of_constituents(none, np.array([1.0]))(*whole(1, 1))[0, 0] == 0
    shares = share_differences(np.array([[3, 1], [1, 0]]))(*whole(1, 1))[0]
    np.testing.assert_allclose(shares, [-0.25, 0.25])


@pytest.mark.parametrize("name", ["alike", "other"])
def test_the_frechet_distance_is_jetnets_without_the_noise_of_its_batches(recorded, name):
    real = recorded["real"]
    found = of_samples(frechet, scaled_by(recorded[name], real), scaled_by(real, real))[0]
    assert found == pytest.approx(recorded[f"frechet_{name}"], rel=1e-6)
    value, error = recorded[f"fpd_{name}"]
    assert abs(found - value) < 4 * error
    assert error < 0.05 * value


@pytest.mark.parametrize("name", ["alike", "other"])
def test_the_kernel_distance_is_jetnets_of_the_whole_samples(recorded, name):
    real = recorded["real"]
    found = of_samples(kernel, scaled_by(recorded[name], real), scaled_by(real, real))[0]
    assert found == pytest.approx(recorded[f"mmd_{name}"], rel=1e-9)
    value, error = recorded[f"kpd_{name}"]
    assert abs(found - value) < 3 * error


def test_the_kernel_distance_of_a_shift_is_that_of_many_jets_shifted():
    random = np.random.default_rng(4)
    features, more = random.uniform(size=(2, 3000, 3))
    expected = of_samples(kernel, more + 0.5 * more.std(axis=0), features)[0]
    assert kernel_of_shift(features, 0.5) == pytest.approx(expected, rel=0.1)


def test_jets_with_other_correlations_are_told_though_one_jet_is_far_out():
    random = np.random.default_rng(5)
    shared = random.normal(size=(2000, 1))
    true = shared + random.normal(size=(2000, 2))
    apart = random.normal(size=(2000, 2)) * math.sqrt(2)
    expected = 6 / math.pi * math.asin(0.5 / 2)  # Spearman's of Pearson's 1/2
    made = correlation_differences(np.concatenate([apart, true]), true)(*whole(2000, 2000))[0]
    np.testing.assert_allclose(made, expected, atol=0.05)
    out = true.copy()
    out[0] = [1e6, -1e6]
    same = correlation_differences(np.concatenate([out, true]), true)(*whole(2000, 2000))[0]
    assert same.max() < 0.01


def test_mean_pictures_differ_by_the_share_that_lies_elsewhere():
    one, other = np.array([[1.0, 0, 3]]), np.array([[2.0, 2, 0]])
    assert of_samples(mean_picture_difference, one, other)[0] == pytest.approx(6 / 4)
    assert math.isinf(of_samples(mean_picture_difference, one, 0 * other)[0])


def test_the_bootstraps_error_covers_the_true_distance_as_often_as_it_says():
    covered = 0
    for repetition in range(200):
        random = np.random.default_rng(100 + repetition)
        one, other = random.normal(1, 1, (300, 1)), random.normal(0, 1, (300, 1))
        comparison = wasserstein(np.concatenate([one, other]))
        value = comparison(*whole(300, 300))[0, 0]
        error = compare(comparison, bootstraps(300, 300, random)).std()
        covered += abs(value - 1) < error
    # 68 % of 200, within three binomial deviations.
    assert 116 <= covered <= 157


def test_truth_against_truth_is_as_truth_in_the_right_share_of_rows():
    quantities = [Quantity("g", str(k), "", "", 10.0, signed=k >= 4) for k in range(8)]
    differs = []
    for repetition in range(60):
        random = np.random.default_rng(repetition)
        drawn, bar, reference = random.gamma(2, size=(3, 150, 4))

        def both(first: np.ndarray, second: np.ndarray):
            distance = wasserstein(np.concatenate([first, second]))
            shares = share_differences(np.concatenate([first, second]))
            return lambda a, b: np.concatenate([distance(a, b), shares(a, b)], axis=1)

        values = both(drawn, reference)(*whole(150, 150))[0]
        true = compare(both(bar, reference), resplits(150, 300, random))
        rows = [
            judged("all", *one)
            for one in zip(quantities, values, np.full(8, 0.1), true.T, strict=True)
        ]
        differs += [row.verdict == "differs" for row in rows]
    # Of 480 rows, which are correlated among each other.
    assert CHANCE / 2.5 < np.mean(differs) < CHANCE * 2


def test_what_is_far_from_truth_differs_and_what_too_few_jets_hide_is_open():
    random = np.random.default_rng(6)
    true = np.abs(random.normal(1, 0.2, 200))
    distance = Quantity("g", "q", "", "", seen=2.0)
    row = judged("all", distance, 3.0, 0.3, true)
    assert (row.verdict, row.chance) == ("differs", 1 / 201)
    assert row.ratio.value == pytest.approx(3, rel=0.05)
    assert row.ratio.error == pytest.approx(3 * math.hypot(0.1, 0.2), rel=0.2)
    assert judged("all", distance, 1.1, 0.3, true).verdict == "as truth"
    row = judged("all", Quantity("g", "q", "", "", seen=0.5), 1.1, 0.3, true)
    assert row.verdict == "cannot tell"
    assert "too few jets" in row.words


def test_nothing_is_divided_by_noise():
    true = np.random.default_rng(7).normal(0, 1, 200)
    share = Quantity("g", "q", "", "", seen=5.0, signed=True)
    for value, verdict in ((0.5, "as truth"), (4.0, "differs"), (-4.0, "differs")):
        row = judged("all", share, value, 1.0, true)
        assert row.ratio is None
        assert row.verdict == verdict
    assert "-4 ± 1 from truth" in judged("all", share, -4.0, 1.0, true - true.mean()).words


def test_a_value_that_does_not_exist_is_no_row():
    true = np.ones(200)
    for value, error in ((math.inf, 1.0), (1.0, math.nan)):
        assert judged("all", Quantity("g", "q", "", "", 1.0), value, error, true) is None


def test_equal_jets_all_have_the_value_of_truth():
    row = judged("all", Quantity("g", "q", "", "", 0.0, signed=True), 0.0, 0.0, np.zeros(200))
    assert (row.verdict, row.chance) == ("as truth", 1.0)


def test_a_subset_is_compared_as_samples_of_their_own():
    random = np.random.default_rng(8)
    values = random.normal(size=(500, 1))
    places = spread_places(300, 200, 50)
    assert (np.sum(places < 300), len(places)) == (50, 100)
    found = among(places, wasserstein(values[places]))(*whole(300, 200))[0]
    expected = wasserstein(values[places])(*whole(50, 50))[0]
    np.testing.assert_allclose(found, expected)


def test_resamples_are_the_same_whatever_fits_into_memory(monkeypatch):
    def drawn() -> np.ndarray:
        random = np.random.default_rng(9)
        pairs = [*bootstraps(30, 20, random, 7), *resplits(30, 50, random, 7)]
        return np.concatenate([np.concatenate(pair, axis=1) for pair in pairs])

    together = drawn()
    np.testing.assert_allclose(together.sum(axis=1), 2)
    monkeypatch.setattr("jetline.generative.resampling._AT_ONCE", 100)
    assert drawn().shape == together.shape
