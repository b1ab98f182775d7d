"""Exact Shapley values of boosted trees, against jets of other classes.

Observables of which a set is a jet's and the others are its baseline's make a jet in between; what
an observable adds to the decision, averaged over all orders in which they change from the one's to
the other's, is its Shapley value. S. Lundberg et al., From local explanations to global
understanding with explainable AI for trees, Nature Machine Intelligence 2 (2020) 56,
arXiv:1905.04610, "interventional" TreeSHAP.
"""

from __future__ import annotations

import numpy as np

from jetline.core.compiled import compiled


@compiled
def tree_shapley_values(
    jets: np.ndarray,
    baselines: np.ndarray,
    columns: np.ndarray,
    children: np.ndarray,
    thresholds: np.ndarray,
    values: np.ndarray,
    trees: int,
    n_sums: int,
) -> np.ndarray:
    """Compute the Shapley values of sums over trees.

    A leaf is reached by the sets that have all observables by which the jet alone stays on its way,
    and none of those by which the baseline alone does. Of `a` of the former and `b` of the latter,
    each of the former has a share ``(a - 1)! b! / (a + b)!`` of the leaf's value, and each of the
    latter ``- a! (b - 1)! / (a + b)!``.

    Parameters
    ----------
    jets, baselines : (n_pairs, n_columns) float32 arrays
        Observables of jets, and of the jet that each is compared with.
    columns, children, thresholds, values, trees, n_sums
        As `jetline.models.layers.compiled.trees.sum_of_leaves` takes them.

    Returns
    -------
    (n_pairs, n_columns, n_sums) float64 array
        For each pair these sum over columns to the difference of the sums of both.
    """
    n_pairs, n_columns = jets.shape
    found = np.zeros((n_pairs, n_columns, n_sums))
    # Whose value each column is known to have on the way: 0 of neither, 1 the jet's, 2 the other's.
    whose = np.zeros(n_columns, np.int64)
    bound = np.empty(n_columns, np.int64)
    # Where the ways part: the node of the other way, and how many columns were bound above it.
    other, bound_above = np.empty(n_columns, np.int64), np.empty(n_columns, np.int64)
    factorial = np.ones(n_columns + 1)
    for number in range(1, n_columns + 1):
        factorial[number] = factorial[number - 1] * number
    for pair in range(n_pairs):
        for tree in range(trees):
            node, n_bound, n_open = tree, 0, 0
            while True:
                while children[node] != node:
                    column = columns[node]
                    of_jet = children[node] + (jets[pair, column] > thresholds[node])
                    of_baseline = children[node] + (baselines[pair, column] > thresholds[node])
                    if of_jet == of_baseline or whose[column] == 1:
                        node = of_jet
                    elif whose[column] == 2:
                        node = of_baseline
                    else:
                        other[n_open], bound_above[n_open] = of_baseline, n_bound
                        n_open += 1
                        whose[column] = 1
                        bound[n_bound] = column
                        n_bound += 1
                        node = of_jet
                a, b = 0, 0
                for place in range(n_bound):
                    if whose[bound[place]] == 1:
                        a += 1
                    else:
                        b += 1
                for place in range(n_bound):
                    column = bound[place]
                    if whose[column] == 1:
                        share = factorial[a - 1] * factorial[b] / factorial[a + b]
                    else:
                        share = -factorial[a] * factorial[b - 1] / factorial[a + b]
                    found[pair, column, tree % n_sums] += share * values[node]
                if n_open == 0:
                    break
                # Back to the last split that has not been left by the baseline's way.
                n_open -= 1
                node = other[n_open]
                while n_bound > bound_above[n_open] + 1:
                    n_bound -= 1
                    whose[bound[n_bound]] = 0
                whose[bound[n_bound - 1]] = 2
            while n_bound > 0:
                n_bound -= 1
                whose[bound[n_bound]] = 0
    return found
