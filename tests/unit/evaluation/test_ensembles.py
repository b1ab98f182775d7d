"""The ensemble over seeds is evaluated as every tagger is."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from jetline.evaluation import metrics
from jetline.evaluation.ensembles import ensembles
from jetline.evaluation.predictions import curves
from jetline.evaluation.shared_jets import SharedJets, TaggerScores
from toy_taggers import toys


def evaluated(tested: SharedJets) -> SharedJets:
    """The same with the evaluation of each training."""

    def of(scores):
        evaluation = metrics.evaluate(tested.labels, scores, 1, tested.dataset)
        return curves(tested.labels, scores, evaluation)

    taggers = [dataclasses.replace(one, curves=list(map(of, one.scores))) for one in tested.taggers]
    return dataclasses.replace(tested, taggers=taggers)


def test_the_ensemble_of_identical_seeds_is_the_seed():
    tested = toys(500, seeds=1)
    scores = tested.taggers[0].scores
    same = TaggerScores("pfn", [1, 2, 3], np.repeat(scores, 3, axis=0))
    (found,) = ensembles(evaluated(dataclasses.replace(tested, taggers=[same])), 1)
    expected = metrics.evaluate(tested.labels, scores[0], 1, "demo").estimates
    for name, estimate in found.figures.items():
        assert estimate.value == pytest.approx(expected[name].value)
        assert estimate.error == pytest.approx(expected[name].error)
    assert (found.gain.value, found.gain.error) == pytest.approx((0, 0), abs=1e-12)


def test_seeds_that_err_apart_gain_by_a_significant_amount():
    (found,) = ensembles(evaluated(toys(4000, seeds=4, noise=1.0)), 1)
    assert found.seeds == 4
    assert found.gain.value > 5 * found.gain.error > 0
    # Paired: far smaller than the error of the figure itself.
    assert found.gain.error < found.figures["auc"].error / 2


def test_a_label_of_one_seed_has_no_ensemble():
    assert ensembles(evaluated(toys(300, seeds=1)), 1) == []


def test_jets_of_one_class_are_evaluated_for_what_they_tell():
    tested = toys(300)
    quarks = tested.labels == 1
    taggers = [dataclasses.replace(one, scores=one.scores[:, quarks]) for one in tested.taggers]
    (found,) = ensembles(SharedJets("demo", tested.labels[quarks], taggers), 1)
    assert found.gain is None
    assert found.figures["auc"].value is None
    assert 0 < found.figures["accuracy"].value < 1
