"""What is measured of the validation part, for two classes and for more."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from jetline.training import task


@pytest.fixture
def scored():
    """Labels (400,) and probabilities (400, 4) that know something of them."""
    numbers = np.random.default_rng(3)
    labels = numbers.integers(4, size=400)
    values = numbers.exponential(size=(400, 4)) + 0.8 * np.eye(4)[labels]
    return labels.astype(np.uint8), (values / values.sum(axis=1, keepdims=True)).astype(np.float32)


def test_loss_and_accuracy_are_those_of_scikit_learn(scored):
    labels, scores = scored
    assert task.accuracy(labels, scores) == accuracy_score(labels, scores.argmax(axis=1))
    assert task._log_loss(labels, scores) == pytest.approx(log_loss(labels, scores), rel=1e-6)


def test_the_area_is_the_mean_over_pairs_of_classes(scored):
    labels, scores = scored
    areas = []
    for a, b in itertools.combinations(range(4), 2):
        two = np.isin(labels, (a, b))
        odds = np.log(scores[two, b].astype(float)) - np.log(scores[two, a])
        areas.append(roc_auc_score(labels[two] == b, odds))
    assert task.area_under_curve(labels, scores) == pytest.approx(np.mean(areas), rel=1e-12)
    assert 0.6 < np.mean(areas) < 0.9


def test_two_classes_have_the_figures_of_the_signals_score(scored):
    labels = scored[0] % 2
    signal = scored[1][:, 0]
    scores = np.stack([1 - signal, signal], axis=1)
    assert task.area_under_curve(labels, scores) == roc_auc_score(labels, signal)
    assert task.accuracy(labels, scores) == np.mean((signal >= 0.5) == labels)


def test_a_score_that_is_no_number_has_no_area(scored):
    labels, scores = scored
    scores[7, 2] = np.nan
    assert np.isnan(task.area_under_curve(labels, scores))


def test_with_weights_all_are_those_of_scikit_learn(scored):
    labels, scores = scored
    weights = np.random.default_rng(4).exponential(size=400)
    called = scores.argmax(axis=1)
    assert task.accuracy(labels, scores, weights) == pytest.approx(
        accuracy_score(labels, called, sample_weight=weights)
    )
    assert task._log_loss(labels, scores, weights) == pytest.approx(
        log_loss(labels, scores, sample_weight=weights), rel=1e-6
    )
    two = np.stack([1 - scores[:, 0], scores[:, 0]], axis=1).round(1)  # with ties
    assert task.area_under_curve(labels % 2, two, weights) == pytest.approx(
        roc_auc_score(labels % 2, two[:, 1], sample_weight=weights)
    )


def test_a_jet_and_its_negative_are_as_good_as_none(scored):
    labels, scores = scored
    weights = np.random.default_rng(4).exponential(size=400)
    more, both = np.r_[np.arange(400), 7, 7], np.r_[weights, 5, -5]
    for figure in (task.accuracy, task.area_under_curve, task._log_loss):
        found = figure(labels[more], scores[more], both)
        assert found == pytest.approx(figure(labels, scores, weights))
