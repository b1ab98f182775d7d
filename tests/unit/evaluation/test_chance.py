"""The probability by chance: known cases, and how often it is wrong."""

import numpy as np
import pytest
from scipy.stats import norm, t

from jetline.evaluation.chance import probability


@pytest.mark.parametrize("distance", [0.1, 1, 3, 10])
def test_one_error_alone_has_its_own_distribution(distance):
    assert probability(-distance, 1, []) == pytest.approx(2 * norm.sf(distance))
    for freedom in (1, 2, 4, 19):
        expected = pytest.approx(2 * t.sf(distance / 2, freedom), rel=1e-5)
        assert probability(distance, 0, [(2, freedom)]) == expected


def test_two_errors_of_two_seeds_each_add_up_as_those_of_cauchy_do():
    expected = pytest.approx(2 * t.sf(7 / 1.5, 1), rel=1e-5)
    assert probability(7, 0, [(1, 1), (0.5, 1)]) == expected


def test_three_errors_together_are_as_drawn():
    numbers, size = np.random.default_rng(1), 400_000
    drawn = 0.7 * numbers.normal(size=size) + 0.3 * numbers.standard_t(2, size=size)
    drawn += 1.2 * numbers.standard_t(4, size=size)
    distances = np.array([0.5, 2.0, 5.0])
    found = probability(distances, np.full(3, 0.7), [(np.full(3, 0.3), 2), (1.2, 4)])
    expected = (np.abs(drawn) > distances[:, None]).mean(axis=1)
    np.testing.assert_allclose(found, expected, atol=0.003)


def test_an_error_that_is_nothing_leaves_the_others_alone():
    assert probability(2, 1, [(0, 1), (0, 4)]) == pytest.approx(2 * norm.sf(2))
    assert probability(0, 0, [(0, 1)]) == pytest.approx(1)
    assert probability(1, 0, [(0, 1)]) == 0


@pytest.mark.parametrize("seeds", [2, 3])
@pytest.mark.parametrize("ratio", [1, 20])
def test_equal_taggers_are_called_different_no_more_often_than_it_says(seeds, ratio):
    """Where the spreads came out small by chance, Welch's p < 0.01 was wrong in 2 to 8 %."""
    numbers, size = np.random.default_rng(2), 4_000
    true = np.array([[ratio], [1.0]]) / np.sqrt(seeds)
    sample_error = 0.3 * np.hypot(*true)
    difference = (true * numbers.normal(size=(2, size))).sum(axis=0)
    difference += sample_error * numbers.normal(size=size)
    chi_squared = numbers.chisquare(seeds - 1, size=(2, size))
    estimates = true * np.sqrt(chi_squared / (seeds - 1))
    p = probability(difference, sample_error, [(one, seeds - 1) for one in estimates])
    for level in (0.05, 0.01, 0.001):
        assert (p < level).mean() < level + 2.5 * np.sqrt(level / size)
