"""Explain boosted trees: exact Shapley values, beside what permuting observables costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.classes import share_of
from jetline.core.randomness import generator
from jetline.explanation.explained import Explained, Pairs, completeness_of
from jetline.explanation.randomised import rank_correlation
from jetline.explanation.shapley import tree_shapley_values
from jetline.explanation.sums import mean_of
from jetline.inputs.sample import array_rows
from jetline.models.layers.compiled.trees import sum_of_leaves
from jetline.records.explanation import Importance, Mean
from jetline.training.task import area_under_curve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.explanation.settings import Explain
    from jetline.inputs.sample import JetSample

#: Observables whose ranks are correlated by so much, up or down, are told of together: which of
#: them trees ask for is chance, and permuting one alone costs little as long as there is the other.
CORRELATED = 0.8

#: Permutations of each group.
_PERMUTATIONS = 5


def explain_trees(
    trees: Any,
    sample: JetSample,
    whole: JetSample,
    classes: Sequence[str],
    settings: Explain,
    seed: int,
) -> Explained:
    """Explain boosted trees on jets of a sample.

    Parameters
    ----------
    trees : Trees
        The model, `jetline.models.layers.trees.Trees`.
    sample : JetSample
        Tables of observables of jets of several classes, in any order.
    whole : JetSample
        Those of all test jets, on which observables are permuted.
    classes : sequence of str
        Names by number.
    settings : Explain
    seed : int
        Draws the baselines, and permutes.

    Returns
    -------
    Explained
        Its arrays: ``shapley`` (n_jets, n_columns), for each jet's own class, in the mean over its
        baselines; ``table``, the observables; ``labels``; ``columns``, their names.
    """
    labels, columns = sample.labels.astype(int), sample.columns or []
    table = np.ascontiguousarray(array_rows(sample, np.arange(len(sample)), "observables"))
    pairs = Pairs.drawn(labels, len(classes), settings, seed)
    weights = (trees.columns, trees.children, trees.thresholds, trees.values)
    nodes = [weight.numpy() for weight in weights]
    shapley = tree_shapley_values(
        table[pairs.jets], table[pairs.baselines], *nodes, trees.trees, trees.sums
    )
    # The one sum of two classes is the logit of the second.
    towards = pairs.weights[:, 1:] if trees.sums == 1 else pairs.weights
    added = (shapley * towards[:, None]).sum(axis=2)
    sums = sum_of_leaves(table, *nodes, trees.trees, trees.sums)
    differences = ((sums[pairs.jets] - sums[pairs.baselines]) * towards).sum(axis=1)
    of_jets = pairs.mean(added)
    is_split = nodes[1] != np.arange(trees.nodes)
    asked = np.unique(nodes[0][is_split])
    every = np.arange(len(whole))
    tested = np.ascontiguousarray(array_rows(whole, every, "observables")), whole.labels.astype(int)
    importances = [
        Importance(
            observables=[columns[column] for column in group],
            shapley=_mean(np.abs(of_jets[:, group].sum(axis=1))),
            permutation=_permuted(trees, *tested, group, seed),
        )
        for group in correlated_groups(table, asked)
    ]
    return Explained(
        completeness=completeness_of(added.sum(axis=1), differences),
        importances=sorted(importances, key=lambda one: -one.shapley.value),
        arrays={
            "shapley": of_jets,
            "table": table,
            "labels": labels,
            "columns": np.array(columns),
        },
    )


def correlated_groups(table: np.ndarray, columns: np.ndarray) -> list[list[int]]:
    """Group columns so that all within a group are correlated, the most correlated first.

    Parameters
    ----------
    table : (n_jets, n_columns) array
    columns : (n,) integer array
        Which columns.

    Returns
    -------
    list of lists of int
        Complete linkage: of two columns in a group none has a smaller rank correlation, up or
        down, than `CORRELATED`.
    """
    groups = [[int(column)] for column in columns]
    sizes = {
        (one, other): abs(np.nan_to_num(rank_correlation(table[:, one], table[:, other])))
        for one in columns.tolist()
        for other in columns.tolist()
    }
    while True:
        linked = [
            (min(sizes[a, b] for a in one for b in other), i, j)
            for i, one in enumerate(groups)
            for j, other in enumerate(groups[:i])
        ]
        closest, i, j = max(linked, default=(0.0, 0, 0))
        if closest < CORRELATED:
            return [sorted(group) for group in groups]
        groups[j] += groups.pop(i)


def _permuted(
    trees: Any, table: np.ndarray, labels: np.ndarray, group: list[int], seed: int
) -> Mean:
    """Find by how much the AUC falls where jets get a group of observables of other jets."""
    numbers = generator(seed, "explain", "permutation", *group)
    whole = _area(trees, table, labels)
    falls = []
    for _ in range(_PERMUTATIONS):
        permuted = table.copy()
        permuted[:, group] = table[numbers.permutation(len(table))][:, group]
        falls.append(whole - _area(trees, permuted, labels))
    return Mean(value=float(np.mean(falls)), error=float(np.std(falls, ddof=1)))


def _area(trees: Any, table: np.ndarray, labels: np.ndarray) -> float:
    """Compute the AUC on jets, of several classes the mean over pairs of those that there are."""
    scores = trees.predict([({"observables": table},)])
    kinds, renumbered = np.unique(labels, return_inverse=True)
    if scores.shape[1] > 2:
        scores = scores[:, kinds]
    if scores.shape[1] == 2:
        scores = np.stack([share_of(scores, 0, 1), share_of(scores, 1, 0)], axis=1)
    return area_under_curve(renumbered, scores)


def _mean(values: np.ndarray) -> Mean:
    mean = mean_of(values)
    assert mean is not None  # there are jets
    return mean
