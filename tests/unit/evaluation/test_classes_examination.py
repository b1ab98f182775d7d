"""Taggers of more than two classes are examined by class."""

import csv
import dataclasses

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.evaluation import metrics
from jetline.evaluation.calibration import expected_calibration_error
from jetline.evaluation.classes_examination import examine_classes, write_classes_examination
from jetline.evaluation.confusions import confusions
from jetline.evaluation.separations import separations
from jetline.evaluation.shared_jets import SharedJets, TaggerScores, read_shared
from jetline.records.classes_examination import ClassesExamination
from many_classes import THREE, toy_classes, write_run_of
from synthetic_run import toy_scores, write_predictions, write_training


def toys(n_classes=3, n_jets=600, noises=(0.2,), seeds=2) -> SharedJets:
    labels, _ = toy_classes(n_jets, n_classes)
    taggers = [
        TaggerScores(
            label=f"noise-{noise}",
            seeds=list(range(seeds)),
            scores=np.stack(
                [toy_classes(n_jets, n_classes, noise, seed)[1] for seed in range(seeds)]
            ).astype(np.float64),
        )
        for noise in noises
    ]
    names = tuple(f"c{number}" for number in range(n_classes))
    return SharedJets("demo", labels, taggers, classes=names)


@pytest.fixture(scope="module")
def examined():
    tested = toys(noises=(1.2, 2.5))
    return tested, examine_classes(tested, 1)


def test_each_pair_and_each_against_the_rest_are_told_with_both_errors(examined):
    tested, record = examined
    told = {(one.label, one.signal, one.background): one for one in record.separations}
    assert len(told) == len(record.separations) == 2 * (3 + 3)
    scores = tested.taggers[0].scores
    against = [
        sklearn_metrics.roc_auc_score(tested.labels == 2, of_seed[:, 2]) for of_seed in scores
    ]
    found = told["noise-1.2", "c2", "rest"]
    assert found.auc.value == pytest.approx(np.mean(against))
    assert found.auc.low < found.auc.value < found.auc.high
    assert found.auc.seed_spread > 0
    assert 1 < found.rejection_50.value < found.rejection_30.value
    chosen = tested.labels != 0
    pair = [
        sklearn_metrics.roc_auc_score(
            tested.labels[chosen] == 2, of_seed[chosen, 2] / of_seed[chosen, 1:].sum(axis=1)
        )
        for of_seed in scores
    ]
    assert told["noise-1.2", "c2", "c1"].auc.value == pytest.approx(np.mean(pair), abs=1e-9)


def test_means_over_classes_are_the_figures_of_merit(examined):
    tested, record = examined
    for tagger in tested.taggers:
        own = [one for one in record.separations if one.label == tagger.label]
        estimates = [metrics.evaluate(tested.labels, one, 1, "demo", 10) for one in tagger.scores]
        for name, against_rest in (("macro_auc", True), ("auc", False)):
            expected = np.mean([one.estimates[name].value for one in estimates])
            chosen = [one.auc.value for one in own if (one.background == "rest") == against_rest]
            assert np.mean(chosen) == pytest.approx(expected)


def test_two_classes_give_the_figures_and_the_intervals_of_two():
    labels, scores = toy_scores(500, 1.5, np.random.default_rng(3))
    scores = scores.astype(np.float64)
    tagger = TaggerScores("pfn", [1], np.column_stack([1 - scores, scores])[None])
    told, differences = separations(SharedJets("demo", labels, [tagger]), 7)
    expected = metrics.evaluate(labels, scores, 7, "demo").estimates
    found = next(one for one in told if one.background == "gluon")
    for name in ("auc", "rejection_50", "rejection_30"):
        summary = getattr(found, name)
        assert (summary.value, summary.low, summary.high) == pytest.approx(
            (expected[name].value, expected[name].low, expected[name].high), rel=1e-9
        )
    assert differences == []


def test_taggers_are_compared_on_the_same_resamples(examined):
    _, record = examined
    # Where too few jets pass for an interval, rejections are not compared.
    assert [one.figure for one in record.differences].count("auc") == 3 + 3
    assert "rejection_50" in {one.figure for one in record.differences}
    widths = {(one.label, one.signal, one.background): one.auc for one in record.separations}
    for one in record.differences:
        assert (one.first, one.second) == ("noise-1.2", "noise-2.5")
        assert one.adjusted_p_value >= one.p_value
        if one.figure == "auc":
            apart = [widths[label, one.signal, one.background] for label in (one.first, one.second)]
            assert one.difference == pytest.approx(apart[0].value - apart[1].value)
            assert one.sample_error < np.hypot(*(each.sample_error for each in apart))


def test_confusion_matrices_are_shares_of_rows(examined):
    tested, record = examined
    tagger = tested.taggers[1]
    own = [one for one in record.confusions if one.label == tagger.label]
    assert [one.asked for one in own] == [None, 0.3, 0.5, 0.7]
    expected = [
        sklearn_metrics.confusion_matrix(tested.labels, of_seed.argmax(axis=1), normalize="true")
        for of_seed in tagger.scores
    ]
    found = np.array([[share.value for share in row] for row in own[0].shares])
    np.testing.assert_allclose(found, np.mean(expected, axis=0))
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert all(share.low <= share.value <= share.high for row in own[0].shares for share in row)
    at_half = np.array([[share.value for share in row] for row in own[2].shares])
    np.testing.assert_allclose(np.diag(at_half), 0.5)
    threshold = own[2].thresholds[1]
    passing = np.mean(tagger.scores[:, tested.labels == 0, 1] >= threshold)
    assert at_half[0, 1] == pytest.approx(passing, abs=0.02)


def test_a_perfect_tagger_confuses_nothing_and_has_bounds():
    labels = (np.arange(90) % 3).astype(np.uint8)
    tested = SharedJets("demo", labels, [TaggerScores("all", [1], np.eye(3)[labels][None])])
    tested = dataclasses.replace(tested, classes=THREE)
    record = examine_classes(tested, 1)
    assert {one.auc.value for one in record.separations} == {1.0}
    for one in record.separations:
        assert one.rejection_50.value is None
        assert one.rejection_50.low > 10
    shares = [[share.value for share in row] for row in record.confusions[0].shares]
    np.testing.assert_array_equal(shares, np.eye(3))


def test_a_tagger_that_knows_nothing_separates_nothing():
    labels = (np.arange(300) % 3).astype(np.uint8)
    tagger = TaggerScores("none", [1], np.full((1, 300, 3), 1 / 3))
    told, _ = separations(SharedJets("demo", labels, [tagger], classes=THREE), 1, resamples=20)
    for one in told:
        assert (one.auc.value, one.rejection_50.value) == (0.5, pytest.approx(2))


def test_each_class_is_calibrated_against_the_rest(examined):
    tested, record = examined
    assert len(record.calibrations) == 2 * 3
    first = record.calibrations[2]
    assert (first.mean.label, first.kind) == ("noise-1.2", "c2")
    scores = tested.taggers[0].scores[0, :, 2]
    own = (tested.labels == 2).astype(int)
    assert first.by_seed[0].before.value == pytest.approx(expected_calibration_error(own, scores))
    assert sum(first.mean.reliability_before.jets) == pytest.approx(len(own))


def test_of_a_class_without_jets_nothing_is_told():
    tested = toys(n_classes=4, seeds=1)
    chosen = tested.labels != 1
    tagger = tested.taggers[0]
    tagger = dataclasses.replace(tagger, scores=tagger.scores[:, chosen])
    tested = dataclasses.replace(tested, labels=tested.labels[chosen], taggers=[tagger])
    record = examine_classes(tested, 1)
    assert len(record.separations) == 3 + 3
    assert not any("c1" in (one.signal, one.background) for one in record.separations)
    assert {one.kind for one in record.calibrations} == {"c0", "c2", "c3"}
    assert all(share.value is None for share in record.confusions[0].shares[1])
    # Jets may be called a class that has none; a cut on it has no place.
    assert record.confusions[0].shares[0][1].value is not None
    assert record.confusions[1].shares[0][1].value is None
    assert record.confusions[1].thresholds[1] is None


def test_it_is_written_and_read_with_its_tables(examined, tmp_path):
    _, record = examined
    write_classes_examination(record, tmp_path)
    assert ClassesExamination.read(tmp_path / "classes.json") == record
    rows = list(csv.DictReader((tmp_path / "confusions.csv").read_text().splitlines()))
    assert len(rows) == 2 * 4 * 9
    assert {"true", "taken_for", "share", "share_seed_spread"} < set(rows[0])
    judged = (tmp_path / "class-calibrations.csv").read_text().splitlines()
    assert len(judged) == 1 + 2 * 2 * 3
    header = (tmp_path / "separations.csv").read_text().split("\n")[0]
    assert header.startswith("label,signal,background,auc,auc_low")


def test_predictions_of_other_classes_are_refused(tmp_path):
    trainings, _, predictions = write_run_of(tmp_path, THREE, {"a": 1, "b": 2}, (1,), n_jets=60)
    tested = read_shared("demo", trainings, predictions["demo"])
    assert tested.classes == THREE
    assert tested.taggers[0].scores.shape == (1, 60, 3)
    other = tuple(reversed(THREE))
    one = write_run_of(tmp_path / "other", other, {"b": 2}, (1,), n_jets=60)
    mixed = [predictions["demo"][0], one[2]["demo"][0]]
    with pytest.raises(JetlineError, match=r"0 \(top\)"):
        read_shared("demo", trainings, mixed)


def test_a_cut_keeps_what_was_asked_of_its_class():
    tested = toys(n_jets=3000, seeds=1)
    for one in confusions(tested.labels, tested.taggers[0])[1:]:
        kept = [one.shares[number][number].value for number in range(3)]
        np.testing.assert_allclose(kept, one.asked, atol=0.001)


def test_two_classes_are_examined_by_another_command(tmp_path, capsys):
    labels, scores = toy_scores(40, 1.5, np.random.default_rng(3))
    training = write_training(tmp_path / "pfn", "pfn", 1)
    predictions = write_predictions(tmp_path / "demo.npz", labels, scores, training="pfn-1")
    told = ["--dataset", "demo", "--trainings", training, "--predictions", predictions]
    told += ["--configuration-seed", 1, "--output", tmp_path / "out"]
    assert main(["examine-classes", *map(str, told)]) == 1
    assert "take `jetline examine`" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
