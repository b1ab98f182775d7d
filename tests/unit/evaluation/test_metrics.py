import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as sklearn_metrics

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, read_json
from jetline.evaluation import bootstrap, metrics
from jetline.evaluation.figures_of_merit import FIGURES_OF_MERIT, in_order
from jetline.evaluation.figures_of_merit.rejection import rejection
from jetline.evaluation.predictions import evaluate_predictions
from jetline.evaluation.scored_jets import ScoredJets
from jetline.records.training import ForeignTagger
from jetline.validation.estimates import area_under_roc
from synthetic_run import toy_scores, write_predictions, write_training


def value(figure, labels, scores):
    """A figure of merit of a sample."""
    if isinstance(figure, str):
        figure = FIGURES_OF_MERIT[figure]
    return figure.values(ScoredJets.of(labels, scores))[0]


def tied_jets(n_jets=500, levels=12, seed=3):
    """Labels and scores that share few distinct values."""
    numbers = np.random.default_rng(seed)
    labels, scores = toy_scores(n_jets, 1.5, numbers)
    return labels, (np.round(scores * levels) / levels).astype(np.float32)


@st.composite
def jets(draw):
    """Small samples with both classes, ties likely."""
    n_jets = draw(st.integers(4, 40))
    labels = draw(hnp.arrays(np.uint8, n_jets, elements=st.integers(0, 1)))
    labels[0], labels[1] = 0, 1
    levels = draw(hnp.arrays(np.int64, n_jets, elements=st.integers(0, 8)))
    return labels, (levels / 8).astype(np.float32)


def walked_rejection(labels, scores, efficiency):
    """Background rejection by walking down the scores one by one, without any vectorisation."""
    n_quark, n_gluon = np.sum(labels == 1), np.sum(labels == 0)
    quark = gluon = 0
    for score in sorted(set(scores.tolist()), reverse=True):
        more_quark = np.sum((scores == score) & (labels == 1))
        more_gluon = np.sum((scores == score) & (labels == 0))
        wanted = efficiency * n_quark
        if quark + more_quark >= wanted - 1e-6:
            passing = gluon + (wanted - quark) / more_quark * more_gluon
            return math.inf if passing <= 0 else n_gluon / passing
        quark, gluon = quark + more_quark, gluon + more_gluon
    raise AssertionError("the whole sample passes at the lowest score")


def test_tied_jets_share_one_point_of_the_roc_curve():
    labels, scores = tied_jets()
    quark_efficiency, gluon_efficiency, threshold = metrics.roc_curve(labels, scores)
    assert len(threshold) == len(np.unique(scores)) + 1
    for quark, gluon, cut in zip(quark_efficiency, gluon_efficiency, threshold, strict=True):
        assert quark == pytest.approx(np.mean(scores[labels == 1] >= cut))
        assert gluon == pytest.approx(np.mean(scores[labels == 0] >= cut))


def test_figures_are_those_of_scikit_learn_with_ties():
    labels, scores = tied_jets()
    figures = metrics.evaluate(labels, scores, 1, "demo", resamples=10).estimates
    assert figures["auc"].value == pytest.approx(sklearn_metrics.roc_auc_score(labels, scores))
    assert figures["accuracy"].value == pytest.approx(
        sklearn_metrics.accuracy_score(labels, scores >= 0.5)
    )
    assert figures["log_loss"].value == pytest.approx(sklearn_metrics.log_loss(labels, scores))


def test_replicas_are_the_figures_of_the_jets_that_were_drawn():
    labels, scores = tied_jets(200)
    evaluation = metrics.evaluate(labels, scores, 5, "demo", resamples=20)
    drawn = bootstrap.generator(5, "bootstrap", "demo").integers(200, size=(20, 200))
    for indices, replica in zip(drawn, evaluation.replicas, strict=True):
        expected = [
            sklearn_metrics.accuracy_score(labels[indices], scores[indices] >= 0.5),
            sklearn_metrics.roc_auc_score(labels[indices], scores[indices]),
            walked_rejection(labels[indices], scores[indices], 0.5),
            walked_rejection(labels[indices], scores[indices], 0.3),
            sklearn_metrics.log_loss(labels[indices], scores[indices]),
        ]
        np.testing.assert_allclose(replica, expected, rtol=1e-6)


def test_replicas_do_not_depend_on_how_many_are_drawn_at_a_time(monkeypatch):
    labels, scores = tied_jets(300)
    together = metrics.evaluate(labels, scores, 1, "demo", resamples=50).replicas
    monkeypatch.setattr(bootstrap, "_BLOCK", 700)
    few_at_a_time = metrics.evaluate(labels, scores, 1, "demo", resamples=50).replicas
    np.testing.assert_allclose(few_at_a_time, together, rtol=1e-12)


def test_resamples_belong_to_seed_and_dataset():
    labels, scores = tied_jets(300)

    def replicas(seed, dataset):
        return metrics.evaluate(labels, scores, seed, dataset, resamples=20).replicas

    np.testing.assert_array_equal(replicas(1, "demo"), replicas(1, "demo"))
    assert not np.array_equal(replicas(1, "demo"), replicas(2, "demo"))
    assert not np.array_equal(replicas(1, "demo"), replicas(1, "herwig"))


@settings(deadline=None)
@given(sample=jets(), efficiency=st.integers(1, 100).map(lambda percent: percent / 100))
def test_rejection_is_read_at_the_tightest_sufficient_threshold(sample, efficiency):
    labels, scores = sample
    expected = walked_rejection(labels, scores, efficiency)
    found = value(rejection(efficiency, 1), labels, scores)
    # Where no gluon jet passes both are infinite.
    assert found == pytest.approx(expected, rel=1e-5)


def test_rounding_of_the_efficiency_asks_for_no_jet_too_many():
    """0.07 * 100 is more than 7 in floating point, and the eighth quark costs ten gluons."""
    labels = np.array([0] + [1] * 7 + [0] * 10 + [1] * 93)
    scores = np.linspace(1, 0, len(labels))
    assert value(rejection(0.07, 1), labels, scores) == pytest.approx(11)


@settings(deadline=None)
@given(sample=jets())
def test_auc_and_rejection_see_only_the_order_of_scores(sample):
    labels, scores = sample
    stretched = scores.astype(np.float64) ** 3 / 2 + 0.1
    one, other = (metrics.evaluate(labels, values, 1, "demo", 20) for values in (scores, stretched))
    for name in ("auc", "rejection_50", "rejection_30"):
        assert other.estimates[name].value == pytest.approx(one.estimates[name].value)
    np.testing.assert_allclose(other.replicas[:, 1:4], one.replicas[:, 1:4])


@settings(deadline=None)
@given(sample=jets())
def test_exchanging_the_classes_mirrors_the_auc(sample):
    labels, scores = sample
    assert value("auc", 1 - labels, scores) == pytest.approx(1 - value("auc", labels, scores))


@settings(deadline=None)
@given(sample=jets(), seed=st.integers(0, 1000))
def test_figures_do_not_depend_on_the_order_of_jets(sample, seed):
    labels, scores = sample
    order = np.random.default_rng(seed).permutation(len(labels))
    one = metrics.evaluate(labels, scores, 1, "demo", resamples=2)
    other = metrics.evaluate(labels[order], scores[order], 1, "demo", resamples=2)
    for name in in_order():
        assert other.estimates[name].value == pytest.approx(one.estimates[name].value)


def test_bootstrap_error_of_the_auc_agrees_with_delong():
    labels, scores = toy_scores(3000, 1.5, np.random.default_rng(11))
    evaluation = metrics.evaluate(labels, scores, 1, "demo", resamples=2000)
    _, delong = area_under_roc(scores[labels == 1], scores[labels == 0])
    assert evaluation.replicas[:, 1].std(ddof=1) == pytest.approx(delong, rel=0.06)
    assert evaluation.estimates["auc"].error == pytest.approx(delong, rel=0.08)


def test_intervals_cover_the_truth_as_often_as_they_say():
    """400 samples: 68.27 % of the intervals should hold the truth, give or take 2.3 %."""
    numbers = np.random.default_rng(13)
    labels, scores = toy_scores(2_000_000, 1.5, numbers)
    truth = metrics.evaluate(labels, scores, 1, "truth", resamples=1).estimates
    covered = dict.fromkeys(in_order(), 0)
    for sample in range(400):
        figures = metrics.evaluate(*toy_scores(600, 1.5, numbers), sample, "toy", 200).estimates
        for name in in_order():
            high = figures[name].high or math.inf
            covered[name] += figures[name].low <= truth[name].value <= high
    for name, times in covered.items():
        # A rejection at 600 jets rests on a few dozen gluon jets: its bootstrap is less exact.
        tolerance = 0.1 if name.startswith("rejection") else 0.07
        assert times / 400 == pytest.approx(0.6827, abs=tolerance), name


@pytest.mark.parametrize(("present", "right"), [(0, 0.3), (1, 0.7)])
def test_jets_of_one_class_have_the_figures_that_need_no_other(present, right):
    labels, scores = np.full(10, present), np.array([0.5] * 7 + [0.4] * 3)
    evaluation = metrics.evaluate(labels, scores, 1, "demo")
    accuracy = evaluation.estimates.pop("accuracy")
    assert accuracy.value == pytest.approx(right)
    assert accuracy.low < right < accuracy.high
    for estimate in evaluation.estimates.values():
        assert set(estimate.model_dump().values()) == {None}
    assert np.isnan(evaluation.replicas[:, 1:]).all()


def test_there_is_no_roc_curve_of_one_class_and_nothing_of_no_jets():
    with pytest.raises(ValueError, match="all 10 jets are of one class"):
        metrics.roc_curve(np.ones(10), np.linspace(0, 1, 10))
    with pytest.raises(ValueError, match="no jets"):
        metrics.evaluate(np.empty(0), np.empty(0), 1, "demo")


def test_equal_scores_tell_nothing():
    labels = np.array([0, 1] * 50)
    figures = metrics.evaluate(labels, np.full(100, 0.5), 1, "demo").estimates
    assert figures["auc"].value == 0.5
    assert figures["auc"].error == 0
    assert figures["rejection_50"].value == pytest.approx(2)
    assert figures["rejection_30"].value == pytest.approx(1 / 0.3)


def test_where_no_gluon_passes_the_rejection_is_a_lower_bound():
    labels = np.repeat([0, 1], [50, 50])
    scores = np.concatenate([np.linspace(0, 0.6, 50), np.linspace(0.4, 1, 50)])
    rejection = metrics.evaluate(labels, scores, 1, "demo").estimates["rejection_30"]
    assert rejection.value is None
    assert rejection.high is None
    assert rejection.error is None
    # None of 50 passes with the probability of the tail if each passes with 1 / low.
    assert (1 - 1 / rejection.low) ** 50 == pytest.approx(0.158655)


def test_where_few_gluons_pass_the_interval_has_no_upper_end():
    numbers = np.random.default_rng(2)
    labels = np.repeat([0, 1], [200, 200])
    scores = np.concatenate([numbers.uniform(0, 0.4, 200), numbers.uniform(0.5, 1, 200)])
    scores[0] = 0.99
    rejection = metrics.evaluate(labels, scores, 1, "demo").estimates["rejection_50"]
    assert rejection.value == pytest.approx(200)
    assert rejection.high is None
    assert 50 < rejection.low < 200


def test_resamples_without_one_class_leave_the_interval_defined():
    labels, scores = np.array([0, 1, 1, 1]), np.array([0.2, 0.9, 0.1, 0.8])
    evaluation = metrics.evaluate(labels, scores, 1, "demo")
    lacking = np.isnan(evaluation.replicas)
    assert lacking[:, 1].any()
    # All but the accuracy lack a value there, the logarithmic loss too.
    np.testing.assert_array_equal(lacking, np.outer(lacking[:, 1], [False] + [True] * 4))
    assert evaluation.estimates["auc"].low <= 2 / 3 <= evaluation.estimates["auc"].high


def test_certain_and_wrong_scores_keep_the_log_loss_finite():
    assert value("log_loss", np.array([0, 1]), np.array([1, 0], np.float32)) == pytest.approx(
        -math.log(np.finfo(np.float32).eps), rel=1e-3
    )


class TestEvaluatePredictions:
    def evaluate(self, folder, labels, scores, **changed):
        training = write_training(folder / "training", "pfn-full", 2)
        predictions = write_predictions(folder / "demo.npz", labels, scores, **changed)
        evaluate_predictions(predictions, training, "demo", 7, folder / "evaluation")
        return (
            read_json(folder / "evaluation" / "metrics.json"),
            read_arrays(folder / "evaluation" / "curves.npz"),
        )

    def test_metrics_and_replicas_are_those_of_evaluate(self, tmp_path):
        labels, scores = tied_jets()
        written, curves = self.evaluate(
            tmp_path,
            labels,
            scores,
            files=np.zeros(len(labels), np.int32),
            jets=np.arange(len(labels)),
        )
        expected = metrics.evaluate(labels, scores, 7, "demo")
        assert (written["label"], written["seed"], written["dataset"]) == ("pfn-full", 2, "demo")
        assert written["jets"]["by_class"]["quark"] == np.count_nonzero(labels)
        for name, figure in expected.estimates.items():
            assert written["figures"][name] == {
                "value": figure.value,
                "low": figure.low,
                "high": figure.high,
                "error": figure.error,
            }
        np.testing.assert_array_equal(curves["replicas"], expected.replicas)
        assert list(curves["replica_names"]) == list(in_order())

    def test_order_of_the_file_does_not_matter(self, tmp_path):
        labels, scores = tied_jets()
        first = self.evaluate(tmp_path / "one", labels, scores)
        order = np.random.default_rng(1).permutation(len(labels))
        second = self.evaluate(
            tmp_path / "two",
            labels[order],
            scores[order],
            jets=(np.arange(len(labels)) // 2)[order],
            files=1 - (np.arange(len(labels)) % 2).astype(np.int32)[order],
            file_names=np.array(["QG_jets_0", "QG_jets_1"]),
        )
        assert second[0] == first[0]
        np.testing.assert_array_equal(second[1]["replicas"], first[1]["replicas"])

    def test_curves_are_thinned_but_stay_on_the_roc_curve(self, tmp_path):
        labels, scores = toy_scores(20_000, 1.5, np.random.default_rng(1))
        _, curves = self.evaluate(tmp_path, labels, scores)
        quark, gluon = curves["roc_quark_efficiency"], curves["roc_gluon_efficiency"]
        assert len(quark) < 1100
        assert (quark[0], gluon[0], quark[-1], gluon[-1]) == (0, 0, 1, 1)
        for place in range(1, len(quark), 50):
            cut = curves["roc_threshold"][place]
            assert quark[place] == pytest.approx(np.mean(scores[labels == 1] >= cut))
            assert gluon[place] == pytest.approx(np.mean(scores[labels == 0] >= cut))
        at_half = np.flatnonzero(curves["quark_efficiency"] == 0.5)[0]
        assert curves["rejection"][at_half] == pytest.approx(
            value(rejection(0.5, 1), labels, scores)
        )
        assert np.all(curves["rejection_low"] <= curves["rejection_high"])
        assert curves["score_quark"].sum() == np.count_nonzero(labels)

    def test_json_holds_no_infinity_when_no_gluon_passes(self, tmp_path):
        labels = np.repeat([0, 1], [30, 30])
        self.evaluate(tmp_path, labels, np.repeat([0.1, 0.9], [30, 30]))
        text = (tmp_path / "evaluation" / "metrics.json").read_text()
        written = json.loads(text, parse_constant=pytest.fail)
        assert written["figures"]["rejection_50"]["value"] is None

    def test_a_tagger_that_others_trained_is_evaluated_too(self, tmp_path):
        ForeignTagger(
            label="particlenet",
            architecture="particlenet",
            inputs="particles",
            identity="experimental",
            settings={},
            weights={"file": "weights.pt", "sha256": "ab"},
        ).write(tmp_path / "tagger/training.json")
        predictions = write_predictions(tmp_path / "demo.npz", *tied_jets(), training="ab")
        told = ["--predictions", str(predictions), "--training", str(tmp_path / "tagger")]
        told += ["--dataset", "demo", "--configuration-seed", "7"]
        told += ["--output", str(tmp_path / "evaluation")]
        assert main(["evaluate", *told]) == 0
        written = read_json(tmp_path / "evaluation" / "metrics.json")
        assert (written["label"], written["seed"]) == ("particlenet", 0)
        assert written["figures"]["auc"]["value"] > 0.5

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            (dict.fromkeys(("labels", "scores", "jets", "files"), np.empty(0, int)), "no jets"),
            ({"labels": np.full(500, 255, np.uint8)}, "255 (500 such jets)"),
            ({"scores": np.full(500, np.nan, np.float32)}, "nan (500 such jets)"),
            ({"scores": np.full(500, 1.5, np.float32)}, "1.5 (500 such jets)"),
            ({"jets": np.zeros(500, np.int64)}, "jet 0 of QG_jets_0 more than once"),
            ({"jets": np.arange(10)}, "arrays of lengths"),
            ({"files": np.full(500, 2, np.int32)}, "indices from 2 to 2"),
        ],
    )
    def test_bad_predictions_are_one_clear_error(self, tmp_path, changed, told):
        with pytest.raises(JetlineError) as caught:
            self.evaluate(
                tmp_path, **dict(zip(("labels", "scores"), tied_jets(500), strict=True)) | changed
            )
        assert told in str(caught.value)
        assert str(tmp_path / "demo.npz") in str(caught.value)
        assert not (tmp_path / "evaluation").exists()


def test_evaluation_imports_neither_keras_nor_mlflow_nor_snakemake():
    code = (
        "import sys; from jetline.evaluation import metrics, predictions, comparison; "
        "from jetline.report import plots, run_page; "
        "print([n for n in ('keras', 'tensorflow', 'mlflow', 'snakemake', 'sklearn', 'matplotlib')"
        " if n in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
