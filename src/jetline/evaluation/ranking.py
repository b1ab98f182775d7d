"""Jets by their distinct scores, and how many there are of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ranking:
    """Jets of two classes reduced to the distinct scores they have, the largest first.

    Attributes
    ----------
    thresholds : (n_distinct,) float64 array
        Distinct scores, falling.
    cell : (n_jets,) int64 array
        For each jet ``class * n_distinct + place of its score``, class 0 gluon and 1 quark: the
        histogram of it holds everything that a figure of merit of two classes needs, ties
        included.
    """

    thresholds: np.ndarray
    cell: np.ndarray

    @classmethod
    def of(cls, labels: np.ndarray, scores: np.ndarray) -> Ranking:
        """Rank jets by the score of being a quark jet, two (n_jets,) arrays."""
        distinct, place = np.unique(np.asarray(scores, dtype=np.float64), return_inverse=True)
        falling = len(distinct) - 1 - place
        is_quark = np.asarray(labels) == 1
        return cls(thresholds=distinct[::-1], cell=falling + is_quark * len(distinct))


def histograms(places: np.ndarray, n_places: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Count how often each place occurs in each row, (n_rows, n_places) int64, or add weights."""
    total = len(places) * n_places
    places = places + np.arange(len(places))[:, None] * n_places
    own = None if weights is None else weights.ravel()
    return np.bincount(places.ravel(), own, minlength=total).reshape(len(places), -1)
