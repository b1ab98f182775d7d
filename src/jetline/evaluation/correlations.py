"""Rank correlations of scores: which taggers know the same, and what they know it from."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from jetline.records.examination import Correlation

if TYPE_CHECKING:
    from jetline.evaluation.shared_jets import SharedJets

KINDS = {"quark": 1, "gluon": 0}


def ranks(values: np.ndarray) -> np.ndarray:
    """Give the rank of each value, from 0; equal ones share the mean of theirs.

    Parameters
    ----------
    values : (n_jets,) array
    """
    _, place, number = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(number)
    return np.asarray((ends - (number + 1) / 2)[place])


def correlations(tested: SharedJets) -> list[Correlation]:
    """Correlate the taggers with each other, and with what was measured of the jets.

    Spearman's rank correlation (Am. J. Psychol. 15 (1904) 72), among the jets of one class: among
    both together, two taggers agree already because both tell the classes apart. A label counts
    by the mean of its seeds' scores; with itself it is correlated by its seeds, the mean over
    pairs, which is as much as taggers of the same knowledge can have.
    """
    found = []
    for kind, label in KINDS.items():
        chosen = tested.labels == label
        if not chosen.any():
            continue
        scored = {one.label: ranks(one.ensemble[chosen]) for one in tested.taggers}
        measured = {name: ranks(one[chosen]) for name, one in tested.observables.items()}
        for first, second in itertools.combinations(scored, 2):
            value = _correlation(scored[first], scored[second])
            found.append(Correlation(kind=kind, first=first, second=second, value=value))
        for tagger in tested.taggers:
            own = [ranks(scores) for scores in tagger.scores[:, chosen]]
            pairs = [_correlation(*pair) for pair in itertools.combinations(own, 2)]
            known = [value for value in pairs if value is not None]
            value = float(np.mean(known)) if known else None
            found.append(
                Correlation(kind=kind, first=tagger.label, second=tagger.label, value=value)
            )
        for label_of, name in itertools.product(scored, measured):
            value = _correlation(scored[label_of], measured[name])
            found.append(Correlation(kind=kind, first=label_of, observable=name, value=value))
    return found


def _correlation(first: np.ndarray, second: np.ndarray) -> float | None:
    """Correlate ranks; None where one of them is the same for all jets."""
    first, second = first - first.mean(), second - second.mean()
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float(np.clip((first * second).sum() / size, -1, 1)) if size > 0 else None
