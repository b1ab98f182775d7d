"""The search for jets that are alike: the same but for rotation, reflection, shift and smearing.

There are two ways of telling it. Each finds what the other one misses: files without species, and
files whose angles were smeared or turned in another way than about the axis.

All that the compiled loop calls stands in this file, because code kept on disk is told to be out of
date by its file alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jetline.core.compiled import compiled

#: Jets of fewer constituents are not compared: too many independent ones are alike.
FEWEST = 10

#: For each pair of independent jets of one multiplicity, how often they are alike, at some
#: multiplicities: of jets cut to so many of their hardest constituents, which are alike far more
#: often than jets that have no more (`benchmarks/near_copies.py` measures both).
CHANCE = {10: 1.4e-5, 12: 6.1e-6, 15: 1.9e-6, 20: 4.1e-7, 30: 3.9e-8, 40: 8e-9, 50: 2.9e-9}

#: By how much each of `jetline.jets.invariants.INVARIANTS` may differ, for a jet of one
#: constituent; the noise of a sum over n of them falls as 1 / sqrt(n). The numbers are standard
#: deviations where each transverse momentum and each angle is smeared by 2 %.
NOISE = np.array(
    [
        *(0.0090, 0.061, 0.043, 0.030, 0.078),
        *(0.028, 0.031, 0.044, 0.0143, 0.022, 0.029, 0.037),
        *(0.0120, 0.0129, 0.0126),
    ]
)


@dataclass(frozen=True)
class View:
    """One way of telling that jets are alike.

    Parameters
    ----------
    columns : tuple of int
        Invariants that are compared. In the order of the first one a cell is read; by the second
        and third, which depend little on it, cells of one tolerance are looked up.
    tolerances : (n_columns,) float64 array
        By how much they may differ, times the root of the multiplicity.
    """

    columns: tuple[int, ...]
    tolerances: np.ndarray


#: Shape and momenta, whatever the species; and momenta and species, whatever the angles, for jets
#: of the same number of each species.
_SHAPE = (0, 2, 5, 1, 3, 4, 6, 7, 8, 9, 10, 11)
_MOMENTA = (0, 1, 12, 13, 14)
BY_SHAPE = View(_SHAPE, 6 * NOISE[list(_SHAPE)])
BY_SPECIES = View(_MOMENTA, 8 * NOISE[list(_MOMENTA)])


def earliest_alike(
    invariants: np.ndarray, multiplicities: np.ndarray, species: np.ndarray, rank: np.ndarray
) -> np.ndarray:
    """Find the first of the jets that are like each jet, `BY_SHAPE` or `BY_SPECIES`.

    Parameters
    ----------
    invariants : (n_jets, 15) float32 array
        As `jetline.jets.invariants.invariants` computes them.
    multiplicities : (n_jets,) integer array
        Constituents of each jet.
    species : (n_jets,) uint64 array
        As `jetline.jets.invariants.species_sums` computes them.
    rank : (n_jets,) integer array
        Which of two jets is the first; all differ.

    Returns
    -------
    (n_jets,) int64 array
        Row of the jet of the lowest rank among those like it and itself.
    """
    by_shape, _ = alike(BY_SHAPE, invariants, multiplicities, multiplicities, rank)
    by_species, _ = alike(BY_SPECIES, invariants, multiplicities, species, rank)
    return np.where(rank[by_species] < rank[by_shape], by_species, by_shape)


def alike(
    view: View,
    invariants: np.ndarray,
    multiplicities: np.ndarray,
    groups: np.ndarray,
    rank: np.ndarray,
) -> tuple[np.ndarray, int]:
    """Find jets that are alike in one view: of one group, and of invariants within tolerances.

    Parameters
    ----------
    view : View
        What is compared.
    invariants, multiplicities, rank
        As for `earliest_alike`; jets of less than `FEWEST` constituents are like none.
    groups : (n_jets,) integer array
        Only jets of one group, that is not 0, are compared.

    Returns
    -------
    earliest : (n_jets,) int64 array
        As `earliest_alike` gives it.
    pairs : int
        How many pairs are alike.
    """
    earliest = np.arange(len(rank))
    compared = np.flatnonzero((multiplicities >= FEWEST) & (groups != 0))
    if len(compared) < 2:
        return earliest, 0
    group = np.unique(groups[compared], return_inverse=True)[1]
    # In units of the tolerance, so that all may differ by 1.
    points = invariants[compared][:, view.columns]
    points *= np.sqrt(multiplicities[compared], dtype=np.float32)[:, None]
    points /= view.tolerances.astype(np.float32)
    cells = np.floor(points[:, 1:3]).astype(np.int64)
    cells -= cells.min(axis=0) - 1
    width, height = cells.max(axis=0) + 2
    keys = (group * width + cells[:, 0]) * height + cells[:, 1]
    order = np.lexsort((points[:, 0], keys))
    points, compared = points[order], compared[order]
    keys, starts = np.unique(keys[order], return_index=True)
    # Half of the neighbours: of two cells one finds the other.
    steps = np.array([0, 1, height - 1, height, height + 1])
    ends = np.append(starts, len(points))
    first, pairs = _earliest(points, keys, ends, steps, rank[compared])
    earliest[compared] = compared[first]
    return earliest, pairs


@compiled
def _earliest(
    points: np.ndarray, keys: np.ndarray, starts: np.ndarray, steps: np.ndarray, rank: np.ndarray
) -> tuple[np.ndarray, int]:
    """Search each cell and its neighbours; points of a cell lie in the order of column 0."""
    first, pairs = np.arange(len(points)), 0
    columns = points.shape[1]
    for cell in range(len(keys)):
        for step in steps:
            other = np.searchsorted(keys, keys[cell] + step)
            if other == len(keys) or keys[other] != keys[cell] + step:
                continue
            begin, end = starts[other], starts[other + 1]
            for i in range(starts[cell], starts[cell + 1]):
                if step == 0:
                    begin = i + 1
                while begin < end and points[begin, 0] < points[i, 0] - 1:
                    begin += 1
                for j in range(begin, end):
                    if points[j, 0] > points[i, 0] + 1:
                        break
                    alike = True
                    for column in range(1, columns):
                        if abs(points[i, column] - points[j, column]) > 1:
                            alike = False
                            break
                    if alike:
                        pairs += 1
                        if rank[j] < rank[first[i]]:
                            first[i] = j
                        if rank[i] < rank[first[j]]:
                            first[j] = i
    return first, pairs


def expected_by_chance(counts: np.ndarray) -> float:
    """Estimate how many pairs of independent jets of two different parts are alike, at most.

    Parameters
    ----------
    counts : (n_parts, n_multiplicities) integer array
        Jets of each part and multiplicity, from 0 on.
    """
    jets = counts.astype(np.float64)
    return _expected((jets.sum(axis=0) ** 2 - (jets**2).sum(axis=0)) / 2)


def expected_among(counts: np.ndarray) -> float:
    """Estimate how many pairs of one sample's independent jets are alike, at most.

    Parameters
    ----------
    counts : (n_multiplicities,) integer array
        Jets of each multiplicity, from 0 on.
    """
    jets = counts.astype(np.float64)
    return _expected(jets * (jets - 1) / 2)


def _expected(pairs: np.ndarray) -> float:
    """Add up chances over pairs (n_multiplicities,) of jets of each multiplicity."""
    n = np.arange(len(pairs))
    chances = np.exp(np.interp(n, list(CHANCE), np.log(list(CHANCE.values()))))
    return float((pairs * chances)[FEWEST:].sum())


def most_by_chance(expected: float) -> int:
    """Give the largest number of pairs that may yet be chance.

    Four standard deviations above twice what is expected, since other samples have other jets than
    those it was measured on; and one pair in any case.
    """
    return math.floor(1 + 2 * expected + 4 * math.sqrt(2 * expected))
