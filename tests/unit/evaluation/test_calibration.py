"""Calibration on toys whose labels are drawn with known probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.evaluation.calibration import (
    BINS,
    bins_of,
    by_chance,
    calibration_error,
    calibrations,
    expected_calibration_error,
    fitted_temperature,
    reliability,
    tempered,
)
from jetline.evaluation.shared_jets import TaggerScores
from jetline.evaluation.spread import spread
from jetline.records.calibration import Temperature
from synthetic_run import toy_scores


def calibrated(n_jets, seed=1):
    """Labels drawn with the scores."""
    return toy_scores(n_jets, 1.5, np.random.default_rng(seed))


def overconfident(n_jets, temperature, seed=1):
    """Scores whose logits are too large by a factor, which is the temperature to be found."""
    labels, scores = calibrated(n_jets, seed)
    logits = np.log(scores.astype(float)) - np.log1p(-scores.astype(float))
    return labels, 1 / (1 + np.exp(-temperature * logits))


def judged(labels, scores):
    return calibration_error(labels, scores, np.random.default_rng(9))


def test_the_error_is_the_distance_of_shares_from_scores():
    labels = np.array([1] * 6 + [0] * 4 + [1] * 1 + [0] * 9)
    scores = np.repeat([0.8, 0.3], 10)
    assert expected_calibration_error(labels, scores) == pytest.approx((0.2 + 0.2) / 2)


def test_scores_of_0_and_1_are_in_the_outer_bins():
    assert bins_of(np.array([0.0, 1.0, np.nextafter(1, 0)])).tolist() == [0, BINS - 1, BINS - 1]


def test_calibrated_taggers_have_no_error_beyond_the_bias():
    found = [judged(*calibrated(2000, seed)) for seed in range(60)]
    corrected = np.array([one.corrected for one in found])
    assert abs(corrected.mean()) < 3 * corrected.std() / np.sqrt(60)
    assert np.mean([one.value for one in found]) > 5 * abs(corrected.mean())
    # Their probabilities by chance are even.
    assert np.mean([one.p_value < 0.5 for one in found]) == pytest.approx(0.5, abs=0.2)
    assert min(one.p_value for one in found) < 0.2


@pytest.mark.parametrize("temperature", [1.5, 2.0])
def test_taggers_that_are_not_calibrated_are_not_corrected_by_too_much(temperature):
    _, scores = overconfident(200_000, temperature)
    probabilities = calibrated(200_000)[1]
    true = expected_calibration_error(probabilities, scores)
    found = []
    for seed in range(2, 42):
        fitted = fitted_temperature(*overconfident(1000, temperature, 100 + seed))
        jets = *overconfident(1000, temperature, seed), np.random.default_rng(9)
        found.append((calibration_error(*jets, fitted).corrected, judged(*jets[:2]).corrected))
    better, before = np.transpose(found)
    assert better.mean() == pytest.approx(true, abs=3 * better.std() / np.sqrt(40))
    assert before.mean() < true - 0.015, "the bias of a calibrated tagger is too large for it"


def test_toys_have_the_error_of_calibrated_taggers():
    _, scores = calibrated(2000)
    numbers = np.random.default_rng(4)
    drawn = [
        expected_calibration_error((numbers.random(2000) < scores).astype(int), scores)
        for _ in range(200)
    ]
    toys = by_chance(scores, numbers)
    assert toys.mean() == pytest.approx(np.mean(drawn), rel=0.05)
    assert toys.std() == pytest.approx(np.std(drawn), rel=0.2)


def test_the_error_of_the_error_is_that_of_other_test_jets():
    found = [judged(*overconfident(2000, 2.0, seed)) for seed in range(60)]
    scatter = np.std([one.value for one in found])
    # Too large where chance decides the sign, as in the bins about 0.5.
    assert 0.9 < np.mean([one.error for one in found]) / scatter < 1.66
    assert max(one.p_value for one in found) < 0.01


@pytest.mark.parametrize("truth", [0.6, 1.0, 2.5])
def test_a_temperature_is_recovered_within_its_error(truth):
    found = [fitted_temperature(*overconfident(3000, truth, seed)) for seed in range(40)]
    values, errors = np.array([(one.value, one.error) for one in found]).T
    assert abs(values.mean() - truth) < 3 * errors.mean() / np.sqrt(40)
    assert errors.mean() == pytest.approx(values.std(), rel=0.35)


def test_the_temperature_calibrates_and_keeps_the_order():
    labels, scores = overconfident(20000, 2.0)
    temperature = fitted_temperature(*overconfident(20000, 2.0, seed=2))
    cooled = tempered(scores, temperature)
    assert judged(labels, scores).corrected > 0.05
    assert abs(judged(labels, cooled).corrected) < 0.005
    np.testing.assert_array_equal(np.argsort(cooled), np.argsort(scores))


@pytest.mark.parametrize(
    ("labels", "scores"),
    [
        ([1, 1, 1], [0.9, 0.8, 0.7]),
        ([1, 1, 0], [0.9, 0.8, 0.1]),
        ([1, 0, 1, 0], [0.1, 0.9, 0.2, 0.8]),
        ([1, 0], [0.5, 0.5]),
        ([], []),
    ],
    ids=["one class", "no mistake", "worse than chance", "constant", "none"],
)
def test_there_is_no_temperature_where_none_is_the_most_likely(labels, scores):
    assert fitted_temperature(np.array(labels), np.array(scores)) is None


def test_scores_of_0_and_1_have_a_temperature_too():
    labels, scores = overconfident(2000, 1.0)
    scores = np.where(scores > 0.99, 1.0, scores)
    scores[labels == 0] = np.where(scores[labels == 0] < 0.01, 0.0, scores[labels == 0])
    assert np.isfinite(fitted_temperature(labels, scores).value)
    assert np.isfinite(tempered(scores, Temperature(value=2, error=1, jets=1))).all()


def test_bins_hold_their_jets_and_empty_ones_hold_nothing():
    labels, scores = np.array([1, 0, 1]), np.array([[0.9, 0.9, 0.01]])
    found = reliability(labels, np.repeat(scores, 2, axis=0))
    place = bins_of(np.array([0.9]))[0]
    assert found.jets[place] == 2
    assert found.share[place] == pytest.approx(0.5)
    assert found.low[place] < 0.5 < found.high[place]
    assert [one is None for one in found.share].count(True) == BINS - 2


def test_a_label_has_the_means_of_its_seeds_and_its_error():
    labels, scores = overconfident(4000, 2.0)
    validated = [overconfident(4000, 2.0, seed) for seed in (2, 3)]
    tagger = TaggerScores("pfn", [1, 2], np.stack([scores, scores]), validated)
    single, mean = calibrations(labels, tagger, "demo", 1)
    of_seeds = [one.before.corrected for one in single]
    assert mean.before.value == pytest.approx(np.mean(of_seeds))
    assert of_seeds[0] == pytest.approx(of_seeds[1], abs=0.001), "the temperatures differ a little"
    assert mean.before.sample_error == pytest.approx(single[0].before.error)
    assert mean.before.seed_spread == pytest.approx(0, abs=0.001)
    fitted = [one.temperature.value for one in single]
    assert (mean.temperature, mean.temperature_spread) == pytest.approx(
        (np.mean(fitted), spread(fitted))
    )
    assert mean.after.value < mean.before.value / 5


def test_without_scores_of_the_validation_part_there_is_no_after():
    labels, scores = calibrated(300)
    single, mean = calibrations(labels, TaggerScores("pfn", [1], scores[None]), "demo", 1)
    assert (single[0].temperature, single[0].after) == (None, None)
    assert (mean.temperature, mean.after, mean.reliability_after) == (None, None, None)
