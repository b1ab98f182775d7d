"""Working points keep what was asked for, and their errors are those of the test sample."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.evaluation.examination import examine, write_examination
from jetline.evaluation.shared_jets import TaggerScores
from jetline.evaluation.working_points import (
    mean_efficiency,
    mean_working_points,
    threshold_at,
    wilson,
    working_points,
)
from jetline.records.examination import Examination
from toy_taggers import toys

TEN = np.array([1] * 10 + [0] * 10)


def test_the_threshold_is_the_largest_that_keeps_enough_quarks():
    scores = np.concatenate([np.arange(1, 11) / 10, np.arange(10) / 10])
    assert threshold_at(TEN, scores, 0.3) == 0.8
    assert threshold_at(TEN, scores, 0.31) == 0.7
    assert threshold_at(TEN, scores, 1.0) == 0.1


def test_tied_jets_are_kept_together():
    scores = np.where(TEN == 1, 0.75, 0.25)
    point = working_points(TEN, TaggerScores("cut", [1], scores[None]))[0]
    assert (point.asked, point.threshold, point.quark.value, point.gluon.value) == (0.3, 0.75, 1, 0)


def test_the_confusion_is_counted():
    scores = np.concatenate([np.arange(1, 11) / 10, np.arange(10) / 10])
    point = working_points(TEN, TaggerScores("pfn", [1], scores[None]))[1]
    assert (point.asked, point.threshold) == (0.5, 0.6)
    assert (point.quark.kept, point.quark.lost) == (5, 5)
    assert (point.gluon.kept, point.gluon.lost) == (4, 6)


@pytest.mark.parametrize(("share", "number"), [(0.0, 10), (1.0, 10), (0.3, 1), (0.5, 10**6)])
def test_an_interval_stays_within_0_and_1_and_has_a_width(share, number):
    low, high = wilson(share, number)
    assert 0 <= low <= share <= high <= 1
    assert high > low


def test_intervals_cover_what_they_say():
    numbers = np.random.default_rng(3)
    kept = numbers.binomial(200, 0.2, size=2000)
    covered = [low <= 0.2 <= high for low, high in (wilson(k / 200, 200) for k in kept)]
    assert np.mean(covered) == pytest.approx(0.68, abs=0.04)


def test_seeds_that_agree_have_the_error_of_one():
    one = np.random.default_rng(1).random((1, 500)) < 0.3
    alone, both = mean_efficiency(one), mean_efficiency(np.repeat(one, 3, axis=0))
    assert (both.low, both.high) == pytest.approx((alone.low, alone.high))
    assert alone.seed_spread is None
    assert both.seed_spread == 0


def test_seeds_that_err_apart_have_a_smaller_error():
    passing = np.random.default_rng(1).random((4, 2000)) < 0.3
    together, alone = mean_efficiency(passing), mean_efficiency(passing[:1])
    assert together.sample_error == pytest.approx(alone.sample_error / 2, rel=0.1)


def test_means_are_those_of_the_seeds():
    tested = toys(noise=1.0)
    tagger = tested.taggers[0]
    single = [one for one in working_points(tested.labels, tagger) if one.asked == 0.5]
    mean = mean_working_points(tested.labels, tagger)[1]
    assert mean.gluon.value == pytest.approx(np.mean([one.gluon.value for one in single]))
    assert mean.threshold == pytest.approx(np.mean([one.threshold for one in single]))


def test_an_examination_is_written_and_read_back(tmp_path):
    record = examine(toys(labels=("cnn", "pfn")), 1)
    write_examination(record, tmp_path)
    assert Examination.read(tmp_path / "examination.json") == record
    header, *lines = (tmp_path / "working-points.csv").read_text().splitlines()
    assert header.startswith("label,seed,asked,threshold,quark,quark_low,quark_high,quark_kept,")
    assert len(lines) == 2 * 2 * 3
