"""The compiled loop over jets that clusters and correlates their constituents.

All that it calls stands in this file, because code kept on disk is told to be out of date by its
file alone.
"""

from __future__ import annotations

import math

import numpy as np

from jetline.core.compiled import compiled, inner

#: What `fill_substructure` computes, in the order of its columns.
SUBSTRUCTURE = ("sd_multiplicity", "sd_mass", "tau_1", "tau_2", "tau_3", "c2", "d2")

#: Columns of a node of a clustering: pT [GeV], rapidity, azimuth [rad], squared mass [GeV^2].
_PT, _Y, _PHI, _M2 = range(4)

#: z_cut and beta of soft drop, for the mass and for the multiplicity.
_MASS_Z_CUT, _MASS_BETA = 0.1, 0.0
_COUNT_Z_CUT, _COUNT_BETA = 0.007, -1.0


@inner
def across(difference: float) -> float:
    """Take a difference of azimuths [rad] the short way round."""
    if difference >= math.pi:
        return difference - 2 * math.pi
    if difference < -math.pi:
        return difference + 2 * math.pi
    return difference


@inner
def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Give the distance of two nodes in rapidity and azimuth."""
    dy, dphi = a[_Y] - b[_Y], across(a[_PHI] - b[_PHI])
    return math.sqrt(dy * dy + dphi * dphi)


@inner
def recombine(a: np.ndarray, b: np.ndarray, node: np.ndarray) -> None:
    """Put the sum of two four-vectors (the E scheme) into `node`.

    The squared mass grows by ``2 (mT mT' cosh dy - pT pT' cos dphi)``, written as a sum of positive
    terms so that no digits of a small mass are lost.
    """
    dy, dphi = b[_Y] - a[_Y], across(b[_PHI] - a[_PHI])
    pt_2, other_2 = a[_PT] * a[_PT], b[_PT] * b[_PT]
    mt, other_mt = math.sqrt(pt_2 + a[_M2]), math.sqrt(other_2 + b[_M2])
    pts, mts = a[_PT] * b[_PT], mt * other_mt
    excess = (pt_2 * b[_M2] + other_2 * a[_M2] + a[_M2] * b[_M2]) / (mts + pts)
    aperture = 2 * mts * math.sinh(dy / 2) ** 2 + 2 * pts * math.sin(dphi / 2) ** 2
    node[_M2] = a[_M2] + b[_M2] + 2 * (excess + aperture)
    along, sideways = a[_PT] + b[_PT] * math.cos(dphi), b[_PT] * math.sin(dphi)
    node[_PT] = math.sqrt(along * along + sideways * sideways)
    node[_PHI] = across(a[_PHI] + math.atan2(sideways, along))
    # (E + pz) / (E - pz), relative to the first one's.
    forward, backward = mt + other_mt * math.exp(dy), mt + other_mt * math.exp(-dy)
    node[_Y] = a[_Y] + math.log(forward / backward) / 2


@inner
def cluster(
    nodes: np.ndarray,
    n: int,
    by_kt: bool,
    children: np.ndarray,
    parent: np.ndarray,
    active: np.ndarray,
    neighbour: np.ndarray,
    nearest: np.ndarray,
) -> None:
    """Merge `n` particles, always the closest pair, until one node is left.

    Closest by ``dR`` (Cambridge/Aachen, hep-ph/9707323) or by ``min(pT) dR`` (exclusive kT, Nucl.
    Phys. B406 (1993) 187), without a beam. Each node knows its nearest neighbour by dR: of the pair
    that is closest in kT, one is always the nearest of the other (M. Cacciari, G. P. Salam,
    hep-ph/0512210), so that a merger costs O(n).

    Parameters
    ----------
    nodes : (2 M - 1, 4) float64 array
        The particles in the first `n` rows; the mergers follow in their order.
    children : (2 M - 1, 2) int64 array
        The two nodes that made each merger.
    parent : (2 M - 1,) int64 array
        What each node was merged into; 2 n - 1 for the last.
    active, neighbour : (M,) int64 arrays
    nearest : (M,) float64 array
        Overwritten.
    """
    for i in range(n):
        active[i] = i
        nearest[i] = math.inf
        neighbour[i] = i
        for j in range(i):
            d = distance(nodes[i], nodes[j])
            if d < nearest[i]:
                nearest[i], neighbour[i] = d, j
            if d < nearest[j]:
                nearest[j], neighbour[j] = d, i
    parent[2 * n - 2] = 2 * n - 1
    for left in range(n, 1, -1):
        best, a = math.inf, 0
        for i in range(left):
            d = nearest[i]
            if by_kt:
                d *= min(nodes[active[i], _PT], nodes[active[neighbour[i]], _PT])
            if d < best:
                best, a = d, i
        b = neighbour[a]
        if a > b:
            a, b = b, a
        node = 2 * n - left
        recombine(nodes[active[a]], nodes[active[b]], nodes[node])
        children[node, 0], children[node, 1] = active[a], active[b]
        parent[active[a]] = parent[active[b]] = node
        # The merger takes the first one's place, the last node the second one's.
        last = left - 1
        active[a], active[b] = node, active[last]
        nearest[b], neighbour[b] = nearest[last], neighbour[last]
        nearest[a] = math.inf
        for i in range(last):
            if i == a:
                continue
            if neighbour[i] == a or neighbour[i] == b:
                nearest[i] = math.inf
                for j in range(last):
                    if j != i:
                        d = distance(nodes[active[i]], nodes[active[j]])
                        if d < nearest[i]:
                            nearest[i], neighbour[i] = d, j
            elif neighbour[i] == last:
                neighbour[i] = b
            d = distance(nodes[active[i]], nodes[node])
            if d < nearest[i]:
                nearest[i], neighbour[i] = d, a
            if d < nearest[a]:
                nearest[a], neighbour[a] = d, i


@inner
def soft_drop(nodes: np.ndarray, n: int, children: np.ndarray, radius: float) -> tuple[int, float]:
    """Count declusterings that pass soft drop on the harder branch, and give the mass at the first.

    A declustering passes if ``min(pT) / (pT + pT') > z_cut (dR / R)^beta``.
    """
    node, count, squared_mass, groomed = 2 * n - 2, 0, 0.0, False
    while node >= n:
        hard, soft = children[node, 0], children[node, 1]
        if nodes[hard, _PT] < nodes[soft, _PT]:
            hard, soft = soft, hard
        share = nodes[soft, _PT] / (nodes[hard, _PT] + nodes[soft, _PT])
        opening = distance(nodes[hard], nodes[soft]) / radius
        if share > _COUNT_Z_CUT * opening**_COUNT_BETA:
            count += 1
        if not groomed and share > _MASS_Z_CUT * opening**_MASS_BETA:
            squared_mass, groomed = nodes[node, _M2], True
        node = hard
    return count, math.sqrt(squared_mass)


@inner
def subjettiness(nodes: np.ndarray, n: int, parent: np.ndarray, axes: int) -> float:
    """Compute ``sum z min_k dR_k`` over the axes of `axes` exclusive jets.

    It is 0 for `axes` particles or fewer. The exclusive jets are the nodes that are there after
    n - `axes` mergers, and not merged yet.
    """
    if n <= axes:
        return 0.0
    made = 2 * n - axes
    axis, found = np.empty(axes, np.int64), 0
    for node in range(made):
        if parent[node] >= made:
            axis[found] = node
            found += 1
    tau, total = 0.0, 0.0
    for i in range(n):
        closest = math.inf
        for k in range(axes):
            closest = min(closest, distance(nodes[i], nodes[axis[k]]))
        tau += nodes[i, _PT] * closest
        total += nodes[i, _PT]
    return tau / total


@inner
def correlators(
    nodes: np.ndarray, n: int, pairs: np.ndarray, shares: np.ndarray
) -> tuple[float, float]:
    """Compute the energy correlation functions e2 and e3, beta = 1 (arXiv:1305.0007, equation 2).

    Parameters
    ----------
    pairs : (M, M) float64 array
    shares : (M,) float64 array
        Overwritten.
    """
    total = 0.0
    for i in range(n):
        total += nodes[i, _PT]
    for i in range(n):
        shares[i] = nodes[i, _PT] / total
    e2, e3 = 0.0, 0.0
    for i in range(n):
        for j in range(i):
            pairs[i, j] = distance(nodes[i], nodes[j])
            weighted = shares[i] * shares[j] * pairs[i, j]
            e2 += weighted
            triples = 0.0
            for k in range(j):
                triples += shares[k] * pairs[i, k] * pairs[j, k]
            e3 += weighted * triples
    return e2, e3


@compiled
def fill_substructure(
    pt: np.ndarray, rapidity: np.ndarray, phi: np.ndarray, radius: float, values: np.ndarray
) -> None:
    """Compute `SUBSTRUCTURE` of jets.

    Parameters
    ----------
    pt, rapidity, phi : (n_jets, M) float64 arrays
        Constituents about their jet's axis, padding (pT 0) at the end.
    radius : float
        R of the jets, the unit of soft drop's angles.
    values : (n_jets, 7) float64 array
        Overwritten.
    """
    n_jets, rows = pt.shape
    nodes = np.zeros((2 * rows - 1, 4))
    children = np.zeros((2 * rows - 1, 2), np.int64)
    parent = np.zeros(2 * rows - 1, np.int64)
    active, neighbour = np.empty(rows, np.int64), np.empty(rows, np.int64)
    nearest, shares, pairs = np.empty(rows), np.empty(rows), np.empty((rows, rows))
    for jet in range(n_jets):
        n = 0
        while n < rows and pt[jet, n] > 0:
            nodes[n, _PT], nodes[n, _M2] = pt[jet, n], 0.0
            nodes[n, _Y], nodes[n, _PHI] = rapidity[jet, n], phi[jet, n]
            n += 1
        cluster(nodes, n, False, children, parent, active, neighbour, nearest)
        count, mass = soft_drop(nodes, n, children, radius)
        values[jet, 0], values[jet, 1] = count, mass
        cluster(nodes, n, True, children, parent, active, neighbour, nearest)
        for axes in range(1, 4):
            values[jet, 1 + axes] = subjettiness(nodes, n, parent, axes)
        e2, e3 = correlators(nodes, n, pairs, shares)
        values[jet, 5] = e3 / e2**2 if e2 > 0 else 0.0
        values[jet, 6] = e3 / e2**3 if e2 > 0 else 0.0
