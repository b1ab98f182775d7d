"""The significance improvement is that of the rejection curve, with its errors."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.evaluation.improvement import improvement_curve, improvements
from jetline.evaluation.metrics import evaluate
from jetline.evaluation.predictions import curves
from jetline.evaluation.shared_jets import TaggerScores
from toy_taggers import toys


def evaluated(labels, *scores) -> TaggerScores:
    """A label of some seeds with their evaluations."""
    return TaggerScores(
        "pfn",
        list(range(len(scores))),
        np.stack(scores),
        curves=[curves(labels, one, evaluate(labels, one, 1, "demo", 200)) for one in scores],
    )


def test_without_power_a_cut_costs_significance():
    labels, scores = np.arange(4000) % 2, np.random.default_rng(1).random(4000)
    curve = improvement_curve(evaluated(labels, scores))
    for efficiency, value, low, high in zip(
        curve.quark_efficiency, curve.improvement, curve.low, curve.high, strict=True
    ):
        if efficiency >= 0.2:
            assert value == pytest.approx(np.sqrt(efficiency), abs=0.05)
            assert low <= value <= high


def test_it_is_the_efficiency_over_the_root_of_the_other():
    tested = toys(seeds=1)
    tagger = evaluated(tested.labels, *tested.taggers[0].scores)
    for point in improvements(tagger):
        place = round(100 * point.asked) - 1
        rejection = tagger.curves[0].rejection[place]
        assert point.improvement.value == pytest.approx(point.asked * np.sqrt(rejection))
        assert point.improvement.seed_spread is None
        # The relative error of a root is half of what it is of.
        replicas = 1 / tagger.curves[0].gluon_efficiency_replicas[:, place]
        relative = point.improvement.sample_error / point.improvement.value
        assert relative == pytest.approx(np.std(replicas) / rejection / 2, rel=0.25)


def test_equal_seeds_have_the_errors_of_one_and_no_spread():
    tested = toys(seeds=1)
    scores = tested.taggers[0].scores[0]
    one, two = (improvements(evaluated(tested.labels, *[scores] * n)) for n in (1, 2))
    for alone, both in zip(one, two, strict=True):
        assert both.improvement.value == pytest.approx(alone.improvement.value)
        assert both.improvement.sample_error == pytest.approx(alone.improvement.sample_error)
        assert both.improvement.seed_spread == pytest.approx(0, abs=1e-12)


def test_it_is_unknown_where_no_gluon_jet_passes():
    labels = np.repeat([1, 0], 50)
    tagger = evaluated(labels, np.where(labels == 1, 0.9, 0.1))
    assert improvement_curve(tagger).improvement[49] is None
    assert all(point.improvement.value is None for point in improvements(tagger))
