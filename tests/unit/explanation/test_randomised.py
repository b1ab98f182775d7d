"""The check with shuffled weights tells explanations of what was learned from others."""

from __future__ import annotations

import numpy as np

from jetline.explanation.randomised import compare_jets, rank_correlation, verdict
from jetline.training.gradients import Decisions
from known_networks import centre_pixel


def test_ranks_are_correlated():
    assert rank_correlation(np.array([1, 2, 3, 40]), np.array([1, 5, 6, 7])) == 1
    assert rank_correlation(np.array([1, 2, 3, 4]), np.array([4, 3, 2, 1])) == -1
    assert np.isnan(rank_correlation(np.array([1, 2]), np.array([1, 2])))
    assert np.isnan(rank_correlation(np.zeros(5), np.arange(5)))


def test_an_explanation_that_is_the_same_with_other_weights_survives():
    jets = list(np.random.default_rng(1).normal(size=(30, 20)))
    found = [compare_jets(jets, jets) for _ in range(2)]
    check = verdict(*map(np.array, zip(*found, strict=True)))
    assert check.survives
    assert check.magnitudes == check.signed == 1


def test_an_explanation_that_is_another_one_with_other_weights_does_not():
    numbers = np.random.default_rng(2)
    jets = list(numbers.normal(size=(30, 40)))
    found = [compare_jets(jets, list(numbers.normal(size=(30, 40)))) for _ in range(3)]
    check = verdict(*map(np.array, zip(*found, strict=True)))
    assert not check.survives
    assert abs(check.signed) < 0.2


def test_random_signs_do_not_make_it_survive():
    jets = list(np.random.default_rng(3).normal(size=(30, 40)))
    flipped = [compare_jets(jets, [-one for one in jets]), compare_jets(jets, jets)]
    assert verdict(*map(np.array, zip(*flipped, strict=True))).signed == 0


def test_where_nothing_is_added_nothing_is_concluded():
    assert verdict(np.full((2, 3), np.nan), np.full((2, 3), np.nan)) is None


def test_shuffled_weights_come_back():
    network = centre_pixel((3, 3, 1), 5)
    kept = network.get_weights()
    with Decisions(network).shuffled(np.random.default_rng(1)):
        shuffled = network.get_weights()
        assert not np.array_equal(shuffled[0], kept[0])
        assert sorted(shuffled[0].ravel()) == sorted(kept[0].ravel())
    assert all(map(np.array_equal, network.get_weights(), kept))
