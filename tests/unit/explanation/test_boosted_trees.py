"""Explanations of boosted trees: what decides is found, and what is correlated stands together."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.explanation.boosted_trees import correlated_groups, explain_trees
from jetline.explanation.settings import Explain
from jetline.models import read_settings
from jetline.training.trainers.boosting import fit_trees
from training_inputs import every, make_shards, some

SETTINGS = Explain(jets=50, baselines=2)


@pytest.fixture(scope="module")
def shards(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("o"), *jets, "observables")


def explained(shards, **settings):
    architecture = read_settings("observables", {"epochs": 20, **settings})
    trees = fit_trees(architecture, 1, some(shards, 0), some(shards, 1)).model
    tested = some(shards, 2)
    return explain_trees(trees, tested, every(shards), ("gluon", "quark"), SETTINGS, 1)


def test_trees_on_one_observable_are_explained_by_it(shards):
    found = explained(shards, observables=["multiplicity"])
    (one,) = found.importances
    assert one.observables == ["multiplicity"]
    assert one.shapley.value > 0
    # Permuted, it says nothing: an AUC of 0.5 is left.
    assert one.permutation.value > 0.15
    assert found.completeness.largest < 1e-5
    columns = found.arrays["columns"].tolist()
    others = np.delete(found.arrays["shapley"], columns.index("multiplicity"), axis=1)
    assert not others.any()


def test_all_observables_together_make_up_the_decisions(shards):
    found = explained(shards)
    assert found.completeness.largest < 1e-5
    told = [name for one in found.importances for name in one.observables]
    assert len(told) == len(set(told))
    sizes = [one.shapley.value for one in found.importances]
    assert sizes == sorted(sizes, reverse=True)


def test_correlated_columns_stand_together():
    numbers = np.random.default_rng(4)
    a, b = numbers.normal(size=(2, 300))
    table = np.stack([a, b, -a + 0.1 * b, np.exp(b), numbers.normal(size=300)], axis=1)
    groups = correlated_groups(table, np.arange(5))
    assert sorted(map(sorted, groups)) == [[0, 2], [1, 3], [4]]
    assert correlated_groups(table, np.array([2])) == [[2]]
