"""Shapley values of trees are exact."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from jetline.explanation.shapley import tree_shapley_values
from jetline.models.layers.trees import grow


def boosted(columns: int, classes: int, trees: int = 6):
    """Trees on random numbers, and their arrays."""
    numbers = np.random.default_rng(7)
    table = numbers.normal(size=(500, columns)).astype(np.float32)
    seen = table[:, 0] * table[:, 1] + np.sin(3 * table[:, 2]) + 0.3 * table[:, 3]
    labels = np.digitize(seen, np.quantile(seen, np.linspace(0, 1, classes + 1)[1:-1]))
    boosting = HistGradientBoostingClassifier(
        max_iter=trees, max_leaf_nodes=12, early_stopping=False, random_state=1
    ).fit(table, labels)
    grown = [tree.nodes for of_round in boosting._predictors for tree in of_round]
    model = grow(boosting._baseline_prediction[0], grown, list(range(columns)), columns)
    weights = (model.columns, model.children, model.thresholds, model.values)
    arrays = [keras.ops.convert_to_numpy(weight) for weight in weights]
    return table, (*arrays, model.trees, model.sums), boosting


def by_all_orders(decided, jet, baseline) -> np.ndarray:
    """Shapley values by their definition, from all sets of columns."""
    n = len(jet)

    def of(chosen) -> np.ndarray:
        return decided(np.where(np.isin(np.arange(n), chosen), jet, baseline))

    return np.array(
        [
            sum(
                math.factorial(size)
                * math.factorial(n - size - 1)
                / math.factorial(n)
                * (of([*chosen, column]) - of(list(chosen)))
                for size in range(n)
                for chosen in itertools.combinations([c for c in range(n) if c != column], size)
            )
            for column in range(n)
        ]
    )


@pytest.mark.parametrize("classes", [2, 3])
def test_values_are_those_of_the_definition(classes):
    table, arrays, boosting = boosted(5, classes)

    def decided(row) -> np.ndarray:
        return boosting.decision_function(row[None].astype(np.float32)).ravel()

    found = tree_shapley_values(table[:4], table[10:14], *arrays)
    for pair in range(4):
        expected = by_all_orders(decided, table[pair], table[10 + pair])
        np.testing.assert_allclose(found[pair], expected, atol=1e-6)


def test_values_sum_to_the_difference_of_the_decisions():
    table, arrays, boosting = boosted(8, 2, trees=50)
    found = tree_shapley_values(table[:200], table[200:400], *arrays).sum(axis=(1, 2))
    logits = boosting.decision_function(table)
    np.testing.assert_allclose(found, logits[:200] - logits[200:400], atol=1e-5)


def test_what_no_tree_asks_for_has_none():
    table, arrays, _ = boosted(6, 2)
    columns, children = arrays[:2]
    asked = set(columns[children != np.arange(len(children))])
    found = np.abs(tree_shapley_values(table[:100], table[100:200], *arrays)).sum(axis=(0, 2))
    assert set(np.flatnonzero(found)) <= asked
    assert asked


def test_values_are_those_of_the_package_shap():
    # tests/support/shap_reference.py has written them, with shap 0.51.0.
    told = json.loads(Path(__file__).with_name("shap_values.json").read_text())
    thresholds = [np.inf if one is None else one for one in told["thresholds"]]
    nodes = (
        np.array(told["columns"], np.int32),
        np.array(told["children"], np.int32),
        np.array(thresholds, np.float32),
        np.array(told["values"], np.float32),
    )
    pairs = (np.array(told[name], np.float32) for name in ("jets", "baselines"))
    found = tree_shapley_values(*pairs, *nodes, told["trees"], 1)[..., 0]
    assert np.abs(found).max() > 0.5
    np.testing.assert_allclose(found, told["shapley"], atol=1e-6)
