"""Predictions of all trainings are brought together, and what was measured of their jets."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.evaluation.shared_jets import read_shared
from synthetic_run import toy_scores, write_predictions, write_training
from toy_taggers import observed


@pytest.fixture
def run(tmp_path):
    """Two labels of two seeds on the same jets: folders, and prediction files in another order."""
    labels, scores = toy_scores(60, 1.5, np.random.default_rng(1))
    trainings, predictions = [], []
    for label in ("pfn", "cnn"):
        for seed in (2, 1):
            trainings.append(write_training(tmp_path / label / str(seed), label, seed))
            path = tmp_path / f"{label}-{seed}.npz"
            predictions.append(
                write_predictions(path, labels, scores**seed, training=f"{label}-{seed}")
            )
    return labels, scores, trainings, predictions[::-1]


def test_scores_stand_by_label_and_rising_seed(run):
    labels, scores, trainings, predictions = run
    tested = read_shared("demo", trainings, predictions)
    assert [tagger.label for tagger in tested.taggers] == ["pfn", "cnn"]
    assert [tagger.seeds for tagger in tested.taggers] == [[1, 2], [1, 2]]
    for tagger in tested.taggers:
        first, second = tagger.scores
        np.testing.assert_allclose(second, first**2, rtol=1e-6)
        np.testing.assert_allclose(tagger.ensemble, (first + second) / 2)
    assert tested.by_class["quark"] == np.count_nonzero(labels)
    assert np.sort(first) == pytest.approx(np.sort(scores.astype(float)))


def test_what_was_measured_is_found_by_file_and_jet(run):
    labels, scores, trainings, predictions = run
    tested = read_shared("demo", trainings, predictions, observed=observed(labels, pt=10 * scores))
    np.testing.assert_allclose(
        tested.observables["pt"], 10 * tested.taggers[0].scores[0], rtol=1e-6
    )


def test_other_jets_measured_than_tested_are_an_error(run):
    labels, scores, trainings, predictions = run
    for wrong in (observed(1 - labels, pt=scores), observed(labels, pt=scores)[:1]):
        with pytest.raises(JetlineError, match="measured of QG_jets"):
            read_shared("demo", trainings, predictions, observed=wrong)


def test_a_training_without_predictions_is_an_error(run):
    *_, trainings, predictions = run
    with pytest.raises(JetlineError, match="no predictions of the test part"):
        read_shared("demo", trainings, predictions[1:])


def test_predictions_of_other_jets_are_an_error(run, tmp_path):
    labels, scores, trainings, predictions = run
    write_predictions(predictions[0], labels[1:], scores[1:], training="cnn-1")
    with pytest.raises(JetlineError, match="other test jets"):
        read_shared("demo", trainings, predictions)
