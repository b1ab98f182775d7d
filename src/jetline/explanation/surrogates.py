"""A tagger's decisions beside observables: what it has learned of what physicists have named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.randomness import generator, small_seed
from jetline.explanation.randomised import rank_correlation
from jetline.records.explanation import Correlation, Surrogate

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Probabilities nearer to 0 or 1 are not told apart in single precision.
_NEAREST = 1e-7

#: Of what reproduces decisions.
_TREES, _LEAVES = 60, 15


def decisions_of(scores: np.ndarray) -> np.ndarray:
    """Give the log odds of each class against all others, (n_jets, n_classes) float64.

    Parameters
    ----------
    scores : (n_jets, n_classes) float array
        Probabilities.
    """
    scores = scores.astype(np.float64)
    odds = np.maximum(scores, _NEAREST) / np.maximum(1 - scores, _NEAREST)
    decided: np.ndarray = np.log(odds)
    return decided


def explained_classes(classes: Sequence[str]) -> list[int]:
    """Give the numbers of the classes that are told of: of two the signal alone."""
    return [1] if len(classes) == 2 else list(range(len(classes)))


def correlations_with(
    decisions: np.ndarray, table: np.ndarray, columns: Sequence[str], classes: Sequence[str]
) -> list[Correlation]:
    """Correlate the ranks of decisions and of observables, over jets of all classes.

    Parameters
    ----------
    decisions : (n_jets, n_classes) float array
        As `decisions_of` gives them.
    table : (n_jets, n_columns) float array
        Observables.
    columns, classes : sequence of str
        Names.

    Returns
    -------
    list of Correlation
        None of an observable that is the same for all jets.
    """
    return [
        Correlation(of=classes[kind], observable=name, value=value)
        for kind in explained_classes(classes)
        for name, column in zip(columns, table.T, strict=True)
        if not np.isnan(value := rank_correlation(decisions[:, kind], column))
    ]


def surrogates_of(
    decisions: np.ndarray, table: np.ndarray, classes: Sequence[str], seed: int
) -> list[Surrogate]:
    """Let boosted trees on observables reproduce decisions.

    Trees are fitted to one half of the jets and asked about the other, and the other way round.

    Parameters
    ----------
    decisions, table, classes
        As `correlations_with` takes them.
    seed : int
        Draws the halves.

    Returns
    -------
    list of Surrogate
        None where all decisions are the same.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    half = generator(seed, "explain", "halves").permutation(len(table)) % 2
    found = []
    for kind in explained_classes(classes):
        decided = decisions[:, kind]
        reproduced = np.empty(len(decided))
        for other in (0, 1):
            trees = HistGradientBoostingRegressor(
                max_iter=_TREES,
                max_leaf_nodes=_LEAVES,
                early_stopping=False,
                random_state=small_seed(seed, "explain", "trees"),
            )
            # On a machine that is busy its threads would wait for each other longer than they work.
            with threadpool_limits(1, "openmp"):
                trees.fit(table[half != other], decided[half != other])
                reproduced[half == other] = trees.predict(table[half == other])
        variance = decided.var()
        if not variance:
            continue
        found.append(
            Surrogate(
                of=classes[kind],
                explained=float(1 - ((decided - reproduced) ** 2).mean() / variance),
                agreement=float(((decided > 0) == (reproduced > 0)).mean()),
            )
        )
    return found
