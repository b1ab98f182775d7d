"""Figures of merit of more than two classes."""

import itertools

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from jetline.evaluation import bootstrap, metrics
from jetline.evaluation.comparison import write_comparison
from jetline.evaluation.figures_of_merit import FIGURES_OF_MERIT, in_order
from jetline.evaluation.one_class import limits
from jetline.evaluation.predictions import evaluate_predictions
from jetline.evaluation.scored_jets import ScoredJets
from jetline.records.evaluation import Curves, EvaluationRecord
from jetline.records.predictions import Predictions
from many_classes import THREE, toy_classes, write_run_of
from synthetic_run import toy_scores, write_training

OF_MORE = [
    "accuracy",
    "auc",
    "log_loss",
    "macro_auc",
    "macro_rejection_50",
    "macro_rejection_30",
]


def value(name, labels, scores):
    return FIGURES_OF_MERIT[name].values(ScoredJets.of(labels, scores))[0]


def test_each_number_of_classes_has_its_figures_of_merit():
    assert list(in_order(3)) == list(in_order(10)) == OF_MORE
    assert not {"macro_auc", "macro_rejection_50"} & set(in_order(2))


@pytest.mark.parametrize("n_classes", [3, 10])
def test_figures_are_those_of_scikit_learn(n_classes):
    labels, scores = toy_classes(800, n_classes, noise=0.7)
    called = scores.argmax(axis=1)
    assert value("accuracy", labels, scores) == sklearn_metrics.accuracy_score(labels, called)
    exact = scores.astype(np.float64) / scores.sum(axis=1, keepdims=True, dtype=np.float64)
    expected = sklearn_metrics.log_loss(labels, exact)
    assert value("log_loss", labels, scores) == pytest.approx(expected, rel=1e-5)
    expected = sklearn_metrics.roc_auc_score(labels, exact, multi_class="ovr", average="macro")
    assert value("macro_auc", labels, scores) == pytest.approx(expected, abs=1e-12)


def test_two_classes_are_told_apart_by_their_share():
    labels, scores = toy_classes(700, 4, noise=0.5)
    jets, areas = ScoredJets.of(labels, scores), []
    for a, b in itertools.combinations(range(4), 2):
        chosen = (labels == a) | (labels == b)
        share = scores[chosen, b].astype(float) / (
            scores[chosen, a].astype(float) + scores[chosen, b]
        )
        areas.append(sklearn_metrics.roc_auc_score(labels[chosen] == b, share))
        found = FIGURES_OF_MERIT["auc"].values(jets.between(b, a))[0]
        assert found == pytest.approx(areas[-1], abs=1e-12)
        # Which of the two is the signal makes no difference.
        assert FIGURES_OF_MERIT["auc"].values(jets.between(a, b))[0] == pytest.approx(found)
    assert value("auc", labels, scores) == pytest.approx(np.mean(areas), abs=1e-12)


def test_of_two_classes_each_against_the_rest_is_the_figure_of_two():
    labels, scores = toy_scores(400, 1.5, np.random.default_rng(3))
    scores = np.round(scores, 2).astype(np.float64)
    whole = ScoredJets.of(labels, np.column_stack([1 - scores, scores]))
    (drawn,) = bootstrap.resamples(whole, 1, "demo", 20)
    for jets in (whole, drawn):
        for background in (0, None):
            again = jets.between(1, background)
            np.testing.assert_array_equal(again.numbers, jets.numbers)
            for name in ("auc", "rejection_50", "rejection_30"):
                one = FIGURES_OF_MERIT[name]
                np.testing.assert_allclose(one.values(again), one.values(jets), rtol=1e-12)


@pytest.mark.parametrize("name", OF_MORE)
def test_a_resample_has_the_value_of_the_jets_that_were_drawn(name):
    labels, scores = toy_classes(150, 3, noise=0.5)
    scores = np.round(scores, 1)
    jets, figure = ScoredJets.of(labels, scores), FIGURES_OF_MERIT[name]
    drawn = np.random.default_rng(4).integers(150, size=(5, 150))
    found = figure.in_each(jets.resampled(drawn))
    for indices, one in zip(drawn, found, strict=True):
        alone = figure.values(ScoredJets.of(labels[indices], scores[indices]))
        np.testing.assert_allclose(alone, [one], rtol=1e-12)


def test_the_rejection_of_the_rest_is_the_inverse_of_the_mean_efficiency():
    labels, scores = toy_classes(900, 3, noise=0.3)
    efficiencies = []
    for one in range(3):
        own = np.sort(scores[labels == one, one])[::-1]
        threshold = own[len(own) // 2 - 1]
        efficiencies.append(np.mean(scores[labels != one, one] >= threshold))
    found = value("macro_rejection_50", labels, scores)
    assert found == pytest.approx(1 / np.mean(efficiencies), rel=1e-6)


def test_a_perfect_tagger_has_bounds_where_nothing_passes():
    labels = np.arange(90) % 3
    estimates = metrics.evaluate(labels, np.eye(3)[labels], 1, "demo", 50).estimates
    assert [estimates[name].value for name in OF_MORE[:2]] == [1.0, 1.0]
    assert estimates["macro_auc"].value == 1.0
    rejection = estimates["macro_rejection_50"]
    assert rejection.value is rejection.high is None
    # None of 60 jets passes: the efficiency is below 3 % with a probability of 84 %.
    assert rejection.low == pytest.approx(1 / -np.expm1(np.log(0.158655) / 60))


def test_a_tagger_that_knows_nothing_is_no_better_than_chance():
    labels = np.arange(600) % 5
    estimates = metrics.evaluate(labels, np.full((600, 5), 0.2), 1, "demo", 50).estimates
    assert estimates["accuracy"].value == pytest.approx(0.2)
    assert estimates["log_loss"].value == pytest.approx(np.log(5))
    assert estimates["auc"].value == estimates["macro_auc"].value == 0.5
    assert estimates["macro_rejection_30"].value == pytest.approx(1 / 0.3)


def test_jets_without_one_of_the_classes_have_the_accuracy_alone():
    labels, scores = toy_classes(300, 3)
    scores, labels = scores[labels != 1], labels[labels != 1]
    estimates = metrics.evaluate(labels, scores, 1, "demo", 20).estimates
    assert {name for name, one in estimates.items() if one.value is not None} == {"accuracy"}
    told = limits({"top": 100, "quark": 0, "gluon": 100}, OF_MORE)
    assert told == "has no quark jets: AUC, Log loss and 1/ε_rest need all classes."


def test_evaluations_are_written_and_compared(tmp_path):
    taggers = {"worse": 2.0, "better": 0.2}
    trainings, evaluations, _ = write_run_of(tmp_path, THREE, taggers)
    jets = EvaluationRecord.read(evaluations[0] / "metrics.json").jets
    assert list(jets.by_class.items()) == [("top", 200), ("quark", 200), ("gluon", 200)]
    curves = Curves.read(evaluations[0] / "curves.npz")
    assert curves.names == OF_MORE
    assert curves.replicas.shape == (1000, 6)
    assert curves.rejection.shape == curves.roc_threshold.shape == (0,)
    compared = write_comparison(trainings, evaluations, tmp_path / "comparison")
    header = (tmp_path / "comparison/comparison.csv").read_text().splitlines()[0].split(",")
    assert {"test_top_jets", "test_gluon_jets", "auc_seed_spread", "macro_auc"} < set(header)
    assert {pair.figure for pair in compared.pairs} == {
        "auc",
        "macro_auc",
        "macro_rejection_50",
        "macro_rejection_30",
    }
    assert {pair.first for pair in compared.pairs} == {"better"}
    assert {pair.verdict for pair in compared.pairs if pair.figure == "auc"} == {"significant"}


def test_a_prediction_file_of_unlabelled_jets_is_refused_with_the_names(tmp_path):
    training = write_training(tmp_path / "training", "pfn", 1, classes=THREE)
    labels, scores = toy_classes(9, 3)
    labels[4] = 255
    jets = np.arange(9)
    made = Predictions.of(labels, scores, jets, 0 * jets, ["a"], training="pfn-1", classes=THREE)
    made.write(tmp_path / "few.npz")
    with pytest.raises(Exception, match=r"0 \(gluon\), 1 \(quark\), 2 \(top\)"):
        evaluate_predictions(tmp_path / "few.npz", training, "demo", 1, tmp_path)
