"""Sums over decision trees, jet by jet, in a compiled loop."""

from __future__ import annotations

import numpy as np

from jetline.core.compiled import compiled

#: Jets that go through a tree one after the other, so that its nodes stay in the fastest memory.
_BLOCK = 64


@compiled
def sum_of_leaves(
    table: np.ndarray,
    columns: np.ndarray,
    children: np.ndarray,
    thresholds: np.ndarray,
    values: np.ndarray,
    trees: int,
    n_sums: int,
) -> np.ndarray:
    """Sum the values of the leaves that each jet reaches, one leaf in each tree.

    Parameters
    ----------
    table : (n_jets, n_columns) float32 array
        The observables of each jet.
    columns, children : (n_nodes,) int32 arrays
        Column that a split asks for, and the first of its two children; a leaf is its own child.
    thresholds, values : (n_nodes,) float32 arrays
        A jet goes to the second child where its observable is larger than the threshold, which is
        infinite in a leaf; value of a leaf.
    trees : int
        Number of trees; their roots are the first nodes.
    n_sums : int
        Number of sums, to which the trees belong in turn.

    Returns
    -------
    (n_jets, n_sums) float64 array
    """
    n_jets = len(table)
    sums = np.zeros((n_jets, n_sums))
    for first in range(0, n_jets, _BLOCK):
        for tree in range(trees):
            which = tree % n_sums
            for jet in range(first, min(first + _BLOCK, n_jets)):
                node = tree
                while children[node] != node:
                    upper = table[jet, columns[node]] > thresholds[node]
                    node = children[node] + upper
                sums[jet, which] += values[node]
    return sums
