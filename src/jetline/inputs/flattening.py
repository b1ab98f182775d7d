"""Weights that bring the jets of all classes to the same spectrum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import UNLABELLED
from jetline.core.errors import JetlineError
from jetline.core.weights import effective_number
from jetline.inputs.parts import TEST, TRAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.inputs.parts import Parts

#: Most bins of each observable.
_MOST = 20
#: Training jets of the rarest class in a bin, on average.
_LEAST = 50


def flattening(
    split: Parts, labels: Sequence[np.ndarray], observed: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """Compute weights with which the training jets of all classes have the same spectrum.

    In each bin the jets of a class are multiplied by the mean share of all classes over that of
    their own. Bins hold equally many training jets. Where a class has none, or no positive sum of
    weights, nothing can be matched, and the jets of the others there weigh nothing. The sum of each
    class stays. Jets that validate have the weights of the bins that they lie in, so that the
    training part alone decides.

    Parameters
    ----------
    split : Parts
        The part, and the own weight if there is one, of each jet.
    labels : sequence of (n_jets,) integer arrays
        Of the jets of each file.
    observed : sequence of (n_jets, n_observables) float arrays
        What is to have the same spectrum, likewise.

    Returns
    -------
    list of (n_jets,) float32 arrays
        The weights of all jets of each file, multiplied with their own; jets that test have their
        own alone.

    Raises
    ------
    JetlineError
        If labels are missing, or the classes have no bin in common.
    """
    every, values = np.concatenate(labels), np.concatenate(observed).astype(np.float64)
    parts = np.concatenate(split.parts)
    own = np.ones(len(every)) if split.weights is None else np.concatenate(split.weights)
    own = own.astype(np.float64)
    training = parts == TRAIN
    classes = np.unique(every[training])
    if UNLABELLED in classes or len(classes) < 2:
        raise JetlineError(
            "flatten",
            found="jets without labels" if UNLABELLED in classes else "training jets of one class",
            expected="labelled jets of two classes or more",
            remedy="leave `flatten` out",
        )
    cells, number = _cells(values, training, every)
    sums = np.stack(
        [np.bincount(cells, own * (training & (every == one)), number) for one in classes]
    )
    shares = sums / sums.sum(axis=1, keepdims=True)
    common = (sums > 0).all(axis=0)
    if not common.any():
        raise JetlineError(
            "flatten",
            found="no bin in which all classes have training jets",
            expected="spectra that overlap",
            remedy="leave `flatten` out, or take jets of the same window",
        )
    target = np.where(common, shares.mean(axis=0), 0.0)
    factors = np.divide(target, shares, out=np.zeros_like(shares), where=common)
    factors /= (shares * factors).sum(axis=1, keepdims=True)
    weights = own.copy()
    for place, one in enumerate(classes):
        chosen = (every == one) & (parts != TEST)
        weights[chosen] *= factors[place, cells[chosen]]
    _tell(own, weights, training)
    ends = np.cumsum([len(of_file) for of_file in labels])[:-1]
    return np.split(weights.astype(np.float32), ends)


def _cells(values: np.ndarray, training: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, int]:
    """Put jets into bins of several observables, those beyond into the outer ones."""
    rarest = int(np.unique(labels[training], return_counts=True)[1].min())
    bins = int((rarest / _LEAST) ** (1 / values.shape[1]))
    bins = min(max(bins, 1), _MOST)
    cells = np.zeros(len(values), dtype=np.int64)
    for column in values.T:
        edges = np.quantile(column[training], np.linspace(0, 1, bins + 1)[1:-1])
        cells = cells * bins + np.digitize(column, edges)
    return cells, bins ** values.shape[1]


def _tell(own: np.ndarray, weights: np.ndarray, training: np.ndarray) -> None:
    """Say what it costs."""
    lost = int(np.count_nonzero(training & (weights == 0) & (own != 0)))
    before, after = (effective_number(one[training]) for one in (own, weights))
    alone = f"; {lost} without like of another class weigh nothing" if lost else ""
    print(
        f"flattened: {training.sum()} training jets are worth {after:.0f} of equal weights, "
        f"{before:.0f} before{alone}"
    )
