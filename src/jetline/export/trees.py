"""Boosted trees as one operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.export.graph import joined

if TYPE_CHECKING:
    from jetline.export.graph import Tensor


def exported_trees(model: Any, table: Tensor) -> Tensor:
    """Export trees.

    Parameters
    ----------
    model : Trees
        They have no `flaw`.
    table : (n, n_columns) float32 tensor
        Observables. What is NaN goes the way of what is small, as in training.

    Returns
    -------
    (n, n_classes) float32 tensor
        Probabilities.
    """
    children = model.children.numpy()
    own = np.arange(model.nodes)
    tree = own.copy()
    for node in own[children > own]:
        tree[children[node] : children[node] + 2] = tree[node]
    # Tree after tree, and in each of them the nodes from the root on.
    order = np.argsort(tree, kind="stable")
    first = np.searchsorted(tree[order], np.arange(model.trees))
    number = np.empty_like(own)
    number[order] = own - first[tree[order]]
    leaves = order[children[order] == order]
    is_leaf = children[order] == order
    below = number[children[order]]
    logits = table.graph.ops(
        "TreeEnsembleRegressor",
        table,
        dtypes=(np.float32,),
        domain="ai.onnx.ml",
        n_targets=model.sums,
        base_values=model.start.numpy().tolist(),
        nodes_treeids=tree[order].tolist(),
        nodes_nodeids=number[order].tolist(),
        nodes_featureids=model.columns.numpy()[order].tolist(),
        nodes_modes=["LEAF" if leaf else "BRANCH_LEQ" for leaf in is_leaf],
        nodes_values=np.where(is_leaf, 0, model.thresholds.numpy()[order]).tolist(),
        nodes_truenodeids=np.where(is_leaf, 0, below).tolist(),
        nodes_falsenodeids=np.where(is_leaf, 0, below + 1).tolist(),
        nodes_missing_value_tracks_true=[1] * model.nodes,
        target_treeids=tree[leaves].tolist(),
        target_nodeids=number[leaves].tolist(),
        target_ids=(tree[leaves] % model.sums).tolist(),
        target_weights=model.values.numpy()[leaves].tolist(),
    )[0]
    if model.sums > 1:
        return logits.op("Softmax", axis=1)
    signal = logits.op("Sigmoid")
    return joined([-signal + 1.0, signal], 1)
