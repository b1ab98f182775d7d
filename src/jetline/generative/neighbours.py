"""Whether drawn jets are copies of training jets, and whether they are where the true ones are.

Jets are points in the space of `jetline.jets.invariants`, by which the split knows copies that were
rotated, shifted or smeared, each invariant in units of its standard deviation among true jets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from jetline.generative.resampling import Comparison

#: Shares of true jets that are nearer to a training jet than the distances that are counted below.
NEAREST = (0.01, 0.001)

#: Jets of a sample whose neighbourhoods are looked at.
COVERING_JETS = 3000

#: The neighbourhood of a jet reaches to the fifth nearest of its own sample (arXiv:2002.09797).
_NEIGHBOUR = 5

#: Neighbours that are searched: of two samples of like size and density the fifth of one is among
#: these but for one jet in a million.
_SEARCHED = 48


def nearest_distances(points: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Give the distance of each of (n_jets, d) points to the nearest training jet, (n_jets,)."""
    return np.asarray(cKDTree(training).query(points)[0])


def nearness(distances: np.ndarray, limits: np.ndarray) -> Comparison:
    """Compare distances to training jets: medians, and shares below limits; first less second.

    Parameters
    ----------
    distances : (n_jets,) float64 array
    limits : (n_limits,) float64 array
        Distances below which jets are counted.
    """
    order = np.argsort(distances, kind="stable")
    below = distances[:, None] < limits

    def median(weights: np.ndarray) -> np.ndarray:
        reached = (np.cumsum(weights[:, order], axis=1) < 0.5).sum(axis=1)
        return distances[order[np.minimum(reached, len(order) - 1)]]

    def difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        shares = (first - second) @ below
        return np.column_stack([median(first) - median(second), shares])

    return difference


def coverage(points: np.ndarray) -> Comparison:
    """Give the share of second jets whose neighbourhood has a first jet (arXiv:2002.09797).

    Parameters
    ----------
    points : (n_jets, d) float array
        Whether a jet counts is told by its weight, which is 0 or not.
    """
    number = min(_SEARCHED, len(points) - 1)
    found = cKDTree(points).query(points, number + 1)[1]
    # Of equal jets any may be the first found.
    own = found == np.arange(len(points))[:, None]
    own[~own.any(axis=1), -1] = True
    near = found[~own].reshape(len(points), number)

    def covered(first: np.ndarray, second: np.ndarray) -> float:
        jets = near[second > 0]
        inside = np.cumsum((second > 0)[jets], axis=1) < _NEIGHBOUR
        return float((inside & (first > 0)[jets]).any(axis=1).mean())

    def share(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return np.array([[covered(*pair)] for pair in zip(first, second, strict=True)])

    return share
