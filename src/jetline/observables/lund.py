"""The primary Lund plane of jets: F. A. Dreyer, G. P. Salam, G. Soyez, arXiv:1807.04758.

A jet is clustered again (Cambridge/Aachen) and taken apart along its harder branch. Each softer
branch that leaves it is an emission, at ``ln(1 / dR)`` and ``ln kt``, where dR is the distance of
both branches in rapidity and azimuth, and kt the pT of the softer one times dR.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jetline.core.compiled import inner
from jetline.observables.clustering import cluster, distance


@dataclass(frozen=True)
class Emissions:
    """The primary emissions of several jets, one jet after the other, wide angles first.

    Attributes
    ----------
    jet : (n_emissions,) int64 array
        Number of the jet.
    ln_angle, ln_kt : (n_emissions,) float64 arrays
        ln(1 / dR) and ln(kt / GeV); infinite where both branches are collinear.
    of_particle : (n_particles,) int64 array
        Number of the emission that each particle belongs to; -1 for the one particle of each jet
        that is left where the harder branch ends.
    """

    jet: np.ndarray
    ln_angle: np.ndarray
    ln_kt: np.ndarray
    of_particle: np.ndarray


def primary_emissions(
    pt: np.ndarray, rapidity: np.ndarray, phi: np.ndarray, counts: np.ndarray
) -> Emissions:
    """Take jets apart.

    Parameters
    ----------
    pt, rapidity, phi : (n_particles,) float64 arrays
        Of the particles of several jets, one jet after the other: pT in GeV, the azimuth relative
        to an axis of the jet.
    counts : (n_jets,) integer array
        Particles of each jet, at least one.
    """
    total = int(counts.sum()) - len(counts)
    jet, of_particle = np.empty(total, np.int64), np.empty(len(pt), np.int64)
    ln_angle, ln_kt = np.empty(total), np.empty(total)
    starts = (np.cumsum(counts) - counts).astype(np.int64)
    found = jet, ln_angle, ln_kt, of_particle
    n_found = _take_apart(pt, rapidity, phi, starts, counts.astype(np.int64), *found)
    return Emissions(jet[:n_found], ln_angle[:n_found], ln_kt[:n_found], of_particle)


# Compiled anew by each process: code kept on disk is told to be out of date by its own file alone,
# and the clustering stands in another one, so that observables need not be measured again when
# this changes.
@inner
def _take_apart(
    pt: np.ndarray,
    rapidity: np.ndarray,
    phi: np.ndarray,
    starts: np.ndarray,
    counts: np.ndarray,
    jet: np.ndarray,
    ln_angle: np.ndarray,
    ln_kt: np.ndarray,
    of_particle: np.ndarray,
) -> int:
    """Fill in the last four arrays, and give the number of emissions."""
    rows = counts.max()
    nodes = np.zeros((2 * rows - 1, 4))
    children = np.zeros((2 * rows - 1, 2), np.int64)
    parent, owner = np.zeros(2 * rows - 1, np.int64), np.zeros(2 * rows - 1, np.int64)
    active, neighbour = np.empty(rows, np.int64), np.empty(rows, np.int64)
    nearest = np.empty(rows)
    found = 0
    for number in range(len(counts)):
        n, first = counts[number], starts[number]
        for i in range(n):
            nodes[i, 0], nodes[i, 1] = pt[first + i], rapidity[first + i]
            nodes[i, 2], nodes[i, 3] = phi[first + i], 0.0
        cluster(nodes, n, False, children, parent, active, neighbour, nearest)
        node = 2 * n - 2
        owner[: node + 1] = -1
        while node >= n:
            hard, soft = children[node, 0], children[node, 1]
            if nodes[hard, 0] < nodes[soft, 0]:
                hard, soft = soft, hard
            angle = distance(nodes[hard], nodes[soft])
            jet[found], owner[soft] = number, found
            ln_angle[found] = -math.log(angle) if angle > 0 else math.inf
            ln_kt[found] = math.log(nodes[soft, 0] * angle) if angle > 0 else -math.inf
            found += 1
            node = hard
        # What made a node stands before it.
        for node in range(2 * n - 2, n - 1, -1):
            if owner[node] >= 0:
                owner[children[node, 0]] = owner[children[node, 1]] = owner[node]
        of_particle[first : first + n] = owner[:n]
    return found
