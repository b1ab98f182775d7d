"""Rank correlations on jets whose correlation is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from jetline.evaluation.correlations import correlations, ranks
from jetline.evaluation.shared_jets import SharedJets, TaggerScores


def by_pair(tested):
    return {
        (one.kind, one.first, one.second or one.observable): one.value
        for one in correlations(tested)
    }


def test_ranks_are_those_of_scipy_with_ties():
    values = np.random.default_rng(1).integers(0, 20, 200)
    np.testing.assert_allclose(ranks(values), stats.rankdata(values) - 1)


@pytest.fixture
def tested():
    """The second label knows what the first does, the third the opposite, the fourth nothing."""
    numbers = np.random.default_rng(2)
    labels = np.arange(2000) % 2
    scores = numbers.random(2000)
    noisy = np.clip(scores + 0.1 * numbers.normal(size=2000), 0, 1)
    taggers = [
        TaggerScores("pfn", [1, 2], np.stack([scores, noisy])),
        TaggerScores("same", [1], (scores + noisy)[None] ** 3 / 8),
        TaggerScores("opposite", [1], 1 - (scores + noisy)[None] / 2),
        TaggerScores("blind", [1], np.full((1, 2000), 0.5)),
    ]
    return SharedJets("demo", labels, taggers, {"pt": 500 + 50 * scores, "mass": labels * 1.0})


def test_taggers_that_order_the_jets_alike_are_correlated_by_1(tested):
    found = by_pair(tested)
    for kind in ("quark", "gluon"):
        assert found[kind, "pfn", "same"] == pytest.approx(1)
        assert found[kind, "pfn", "opposite"] == pytest.approx(-1)
        assert found[kind, "pfn", "blind"] is None


def test_a_tagger_is_correlated_with_itself_by_its_seeds(tested):
    found = by_pair(tested)
    first, second = tested.taggers[0].scores
    quark = tested.labels == 1
    expected = stats.spearmanr(first[quark], second[quark]).statistic
    assert found["quark", "pfn", "pfn"] == pytest.approx(expected)
    assert found["quark", "same", "same"] is None


def test_observables_are_correlated_within_a_class(tested):
    found = by_pair(tested)
    assert found["gluon", "pfn", "pt"] > 0.95
    # It is the class, and within one it tells nothing.
    assert found["gluon", "pfn", "mass"] is None


def test_jets_of_one_class_have_the_correlations_of_that_class(tested):
    quark = tested.labels == 1
    taggers = [TaggerScores(one.label, one.seeds, one.scores[:, quark]) for one in tested.taggers]
    observables = {name: values[quark] for name, values in tested.observables.items()}
    alone = by_pair(SharedJets("demo", tested.labels[quark], taggers, observables))
    assert alone == {pair: value for pair, value in by_pair(tested).items() if pair[0] == "quark"}
