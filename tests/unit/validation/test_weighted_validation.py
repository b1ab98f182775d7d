"""Jets with weights in the validation: what weighs two is two jets."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.validation.estimates import area_under_roc, mean_and_deviation, species_fractions


@pytest.fixture
def numbers():
    return np.random.default_rng(5)


def test_values_are_those_of_the_jets_twice(numbers):
    values, weights = numbers.gamma(4, 8, 400), numbers.integers(1, 4, 400)
    own, twice = mean_and_deviation(values, weights), mean_and_deviation(np.repeat(values, weights))
    assert own[0] == pytest.approx(twice[0])
    assert own[2] == pytest.approx(twice[2], rel=1e-3)  # its n - 1 is of the effective number
    assert own[1] > twice[1]
    signal, background = numbers.poisson(12, 150), numbers.poisson(9, 250)
    both = numbers.integers(1, 4, 150), numbers.integers(1, 4, 250)
    area, error = area_under_roc(signal, background, both)
    doubled = area_under_roc(np.repeat(signal, both[0]), np.repeat(background, both[1]))
    assert area == pytest.approx(doubled[0])
    assert error > doubled[1]


def test_species_are_those_of_the_jets_twice(numbers):
    species = numbers.poisson(5, (300, 3))
    kind, weights = numbers.integers(2, size=300) == 1, numbers.integers(1, 4, 300)
    strata = [kind, ~kind]
    found, _ = species_fractions(species, species.sum(axis=1), strata, weights)
    doubled = np.repeat(species, weights, axis=0)
    strata = [np.repeat(one, weights) for one in strata]
    assert found == pytest.approx(species_fractions(doubled, doubled.sum(axis=1), strata)[0])


def test_errors_cover_what_they_say(numbers):
    """Weights that go with the value: the mean of x with the weight x on (0, 1) is 2/3."""
    pulls = []
    for _ in range(600):
        values = numbers.random(200)
        mean, error, *_ = mean_and_deviation(values, values)
        pulls.append((mean - 2 / 3) / error)
    assert np.std(pulls) == pytest.approx(1, abs=0.1)
    pulls = []
    for _ in range(600):
        signal, background = numbers.random(150), numbers.random(200)
        # Of signal with the density 2 s the chance to be above is its mean, 2/3.
        area, error = area_under_roc(signal, background, (signal, np.ones(200)))
        pulls.append((area - 2 / 3) / error)
    assert np.std(pulls) == pytest.approx(1, abs=0.1)
