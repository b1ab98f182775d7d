"""Copies of training jets, and collapsed samples."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.generative.neighbours import coverage, nearest_distances, nearness
from jetline.generative.resampling import (
    compare,
    halves,
    resplits,
    whole,
)


@pytest.fixture
def points() -> np.ndarray:
    """Three independent samples (400, 5) of one distribution, training jets first."""
    return np.random.default_rng(1).normal(size=(3, 400, 5))


def test_a_copied_part_of_training_jets_is_found(points):
    training, true, drawn = points
    limits = np.quantile(nearest_distances(true, training), [0.01])

    def share(made: np.ndarray) -> float:
        near = [nearest_distances(one, training) for one in (made, true)]
        return float(nearness(np.concatenate(near), limits)(*whole(400, 400))[0, 1])

    copied = np.concatenate([training[:40] + 1e-4, drawn[40:]])
    assert abs(share(drawn)) < 0.03
    assert share(copied) > 0.08


def test_medians_of_distances_are_numpys(points):
    near = np.abs(points[0, :, 0])
    found = nearness(near, np.array([0.5]))(*whole(151, 249))[0]
    one, other = near[:151], near[151:]
    assert found[0] == pytest.approx(np.median(one) - np.median(other), abs=0.02)
    assert found[1] == pytest.approx(np.mean(one < 0.5) - np.mean(other < 0.5))


def covered(first: np.ndarray, second: np.ndarray) -> float:
    both = coverage(np.concatenate([first, second]))
    return float(both(*whole(len(first), len(second)))[0, 0])


def test_coverage_is_its_definition(points):
    first, second = points[:2]
    own = np.linalg.norm(second[:, None] - second, axis=2)
    radius = np.sort(own, axis=1)[:, 5]  # the jet itself is the first
    nearest = np.linalg.norm(second[:, None] - first, axis=2).min(axis=1)
    assert covered(first, second) == pytest.approx(np.mean(nearest < radius))


def test_collapsed_samples_do_not_cover(points):
    first, second = points[:2]
    assert covered(first, second) > 0.93
    same = np.repeat(first[:4], 100, axis=0)
    assert covered(same, second) < 0.2
    # Half of space is missing.
    half = first.copy()
    half[:, 0] = np.abs(half[:, 0])
    assert 0.5 < covered(half, second) < 0.85


def test_identical_jets_cover(points):
    assert covered(points[0], points[0]) == 1


def test_the_spread_of_halves_is_that_of_samples():
    values, errors = [], []
    for seed in range(40):
        random = np.random.default_rng(seed)
        first, second = random.normal(size=(2, 300, 4))
        both = coverage(np.concatenate([first, second]))
        values.append(both(*whole(300, 300))[0, 0])
        errors.append(compare(both, halves(300, 300, random, 40)).std())
    assert np.std(values) / 1.6 < np.mean(errors) < 1.6 * np.std(values)


def test_re_splits_of_true_jets_cover_as_independent_ones(points):
    both = coverage(points[:2].reshape(800, 5))
    found = compare(both, resplits(400, 800, np.random.default_rng(2), 50))
    assert abs(found.mean() - covered(points[2], points[0])) < 4 * found.std()
