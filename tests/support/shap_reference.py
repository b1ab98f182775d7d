"""Write what the package `shap` says of boosted trees, for a test that needs no such package.

``python tests/support/shap_reference.py FILE``, with `shap` installed, which Jetline does not need.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np


def tree_of(columns, children, thresholds, values, root):
    """Give one of our trees as `shap` takes it: its own numbers of nodes, -1 below leaves."""
    order = [root]
    for node in order:
        if children[node] != node:
            order += [children[node], children[node] + 1]
    place = {node: number for number, node in enumerate(order)}
    leaf = [children[node] == node for node in order]
    left = [-1 if own else place[children[n]] for n, own in zip(order, leaf, strict=True)]
    right = [-1 if own else place[children[n] + 1] for n, own in zip(order, leaf, strict=True)]
    return {
        "children_left": np.array(left),
        "children_right": np.array(right),
        "children_default": np.array(left),
        "features": np.array([columns[node] for node in order]),
        # It sends to the left what is no larger, as we do.
        "thresholds": np.array(
            [0.0 if own else thresholds[n] for n, own in zip(order, leaf, strict=True)]
        ),
        "values": np.array([[values[node]] for node in order], float),
        "node_sample_weight": np.ones(len(order)),
    }


def main(path):
    import shap

    numbers = np.random.default_rng(5)
    n_columns, n_trees, depth = 5, 8, 4
    columns, children, thresholds, values = [], [], [], []
    # The roots are the first nodes, and each split's children stand together.

    def append_node():
        for numbers_of in (columns, children, thresholds, values):
            numbers_of.append(0)

    for _ in range(n_trees):
        append_node()
    waiting = [(root, 0) for root in range(n_trees)]
    for node, level in waiting:
        if level == depth or (level > 1 and numbers.random() < 0.3):
            children[node], thresholds[node] = node, np.inf
            values[node] = numbers.normal()
            continue
        columns[node] = int(numbers.integers(n_columns))
        thresholds[node], children[node] = numbers.normal(), len(columns)
        for child in (0, 1):
            append_node()
            waiting.append((children[node] + child, level + 1))
    thresholds, values = np.float32(thresholds), np.float32(values)
    table = numbers.normal(size=(24, n_columns)).astype(np.float32)
    jets, baselines = table[:12], table[12:]
    trees = [tree_of(columns, children, thresholds, values, root) for root in range(n_trees)]
    found = [
        shap.TreeExplainer(
            {"trees": trees}, data=baseline[None], feature_perturbation="interventional"
        ).shap_values(jet[None], check_additivity=False)[0]
        for jet, baseline in zip(jets, baselines, strict=True)
    ]
    content = {
        "shap": shap.__version__,
        "trees": n_trees,
        "columns": columns,
        "children": [int(child) for child in children],
        "thresholds": [None if np.isinf(one) else float(one) for one in thresholds],
        "values": values.astype(float).tolist(),
        "jets": jets.astype(float).tolist(),
        "baselines": baselines.astype(float).tolist(),
        "shapley": np.reshape(found, (len(jets), n_columns)).tolist(),
    }
    Path(path).write_text(json.dumps(content) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
