"""What observables reproduce of a decision is told: all of one that they make, none of another."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.explanation.surrogates import correlations_with, decisions_of, surrogates_of


@pytest.fixture
def table():
    return np.random.default_rng(1).normal(size=(600, 3))


def scores_of(logits):
    odds = np.exp(logits)
    return np.stack([1 / (1 + odds), odds / (1 + odds)], axis=1)


def test_the_log_odds_are_those_that_made_the_scores():
    logits = np.linspace(-9, 9, 19)
    np.testing.assert_allclose(decisions_of(scores_of(logits))[:, 1], logits, atol=1e-3)
    assert np.isfinite(decisions_of(np.array([[0.0, 1.0]], np.float32))).all()


def test_a_decision_by_an_observable_is_reproduced_by_it(table):
    decisions = decisions_of(scores_of(2 * table[:, 1]))
    (one,) = surrogates_of(decisions, table, ("gluon", "quark"), 1)
    assert one.of == "quark"
    assert one.explained > 0.95
    assert one.agreement > 0.93
    found = {
        one.observable: one.value
        for one in correlations_with(decisions, table, ["a", "b", "c"], ("gluon", "quark"))
    }
    assert found["b"] == pytest.approx(1)
    assert max(abs(found["a"]), abs(found["c"])) < 0.15


def test_a_decision_by_something_else_is_not(table):
    decisions = decisions_of(scores_of(np.random.default_rng(2).normal(size=len(table))))
    (one,) = surrogates_of(decisions, table, ("gluon", "quark"), 1)
    assert one.explained < 0.15
    assert 0.4 < one.agreement < 0.6


def test_of_several_classes_each_is_told(table):
    scores = np.exp(table) / np.exp(table).sum(axis=1, keepdims=True)
    found = surrogates_of(decisions_of(scores), table, ("w", "z", "top"), 1)
    assert [one.of for one in found] == ["w", "z", "top"]
    assert min(one.explained for one in found) > 0.7
    told = correlations_with(decisions_of(scores), table, ["a", "b", "c"], ("w", "z", "top"))
    assert len(told) == 9


def test_an_observable_that_is_always_the_same_has_no_correlation(table):
    table[:, 0] = 7
    decisions = decisions_of(scores_of(table[:, 1]))
    told = correlations_with(decisions, table, ["a", "b", "c"], ("gluon", "quark"))
    assert [one.observable for one in told] == ["b", "c"]
