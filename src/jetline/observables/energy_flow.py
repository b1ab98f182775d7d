"""The 36 energy-flow polynomials of degree below five (arXiv:1712.07124, equation 1.1).

A polynomial is a multigraph: each vertex j is a sum over the constituents with ``z_j``, each edge a
factor ``dR_jk``. They are a linear basis of what is safe against soft and collinear emissions.
Those of degree (number of edges) below five, disconnected ones included, are what the Fréchet and
kernel physics distances look at (arXiv:2211.10295).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.compiled import compiled

if TYPE_CHECKING:
    from jetline.jets.kinematics import Frame

#: Edges of each connected graph, in the order in which they are computed; the one without edges,
#: ``sum z``, is 1.
CONNECTED: tuple[tuple[tuple[int, int], ...], ...] = (
    ((0, 1),),
    ((0, 1), (0, 1)),
    ((0, 1), (0, 2)),
    ((0, 1), (0, 1), (0, 1)),
    ((0, 1), (0, 1), (0, 2)),
    ((0, 1), (0, 2), (1, 2)),
    ((0, 1), (0, 2), (0, 3)),
    ((0, 1), (0, 2), (1, 3)),
    ((0, 1), (0, 1), (0, 1), (0, 1)),
    ((0, 1), (0, 1), (0, 1), (0, 2)),
    ((0, 1), (0, 1), (0, 2), (0, 2)),
    ((0, 1), (0, 1), (0, 2), (1, 2)),
    ((0, 1), (0, 1), (0, 2), (0, 3)),
    ((0, 1), (0, 1), (0, 2), (1, 3)),
    ((0, 1), (0, 2), (0, 2), (1, 3)),
    ((0, 1), (0, 2), (1, 3), (2, 3)),
    ((0, 1), (0, 2), (0, 3), (1, 2)),
    ((0, 1), (0, 2), (0, 3), (0, 4)),
    ((0, 1), (0, 2), (0, 3), (1, 4)),
    ((0, 1), (0, 2), (1, 3), (2, 4)),
)

#: Each polynomial as the connected ones that it is the product of, none for the constant; in the
#: order of EnergyFlow's `EFPSet("d<=4")`.
POLYNOMIALS: tuple[tuple[int, ...], ...] = (
    (),
    *((one,) for one in (0, 1, 3, 8, 2, 4, 9, 10, 5, 11, 6, 12, 7, 14, 13, 16, 15, 17, 18, 19)),
    *((0, 0), (0, 1), (0, 3), (1, 1), (0, 2), (1, 2), (0, 4), (0, 5), (0, 0, 0), (0, 6), (0, 7)),
    *((2, 2), (0, 0, 1), (0, 0, 2), (0, 0, 0, 0)),
)


def energy_flow_polynomials(jets: Frame) -> np.ndarray:
    """Compute the polynomials, with ``z = pT / sum pT`` and ``dR`` in rapidity and azimuth.

    That is EnergyFlow's measure `hadr` with beta = 1, normed.

    Returns
    -------
    (n_jets, 36) float64 array
        In the order of `POLYNOMIALS`.
    """
    connected = np.empty((len(jets.pt), len(CONNECTED)))
    _fill(jets.z, jets.rapidity, jets.phi, connected)
    return np.stack([connected[:, list(one)].prod(axis=1) for one in POLYNOMIALS], axis=1)


@compiled
def _fill(z: np.ndarray, rapidity: np.ndarray, phi: np.ndarray, values: np.ndarray) -> None:
    """Fill in the connected polynomials (n_jets, 20); `z` is 0 for padding, at the end.

    Trees are sums over vertices, from the leaves inwards. What has a cycle needs the sums over a
    vertex between two others, ``sum_k z_k dR_ik dR_kj``: n^3 steps for n constituents.
    """
    rows = z.shape[1]
    apart, between = np.empty((rows, rows)), np.empty((rows, rows))
    # Sums over one neighbour of its z times powers 1 to 4 of the distance; and over one of two.
    near, arms = np.empty((4, rows)), np.empty(rows)
    for jet in range(len(z)):
        n = 0
        while n < rows and z[jet, n] > 0:
            n += 1
        share = z[jet]
        for i in range(n):
            for j in range(n):
                dy, dphi = rapidity[jet, i] - rapidity[jet, j], phi[jet, i] - phi[jet, j]
                # The short way round: angles about the axis lie within pi of it.
                dphi = min(abs(dphi), 2 * np.pi - abs(dphi))
                apart[i, j] = np.sqrt(dy * dy + dphi * dphi)
                between[i, j] = 0.0
        near[:, :n] = 0.0
        for i in range(n):
            for k in range(n):
                d = apart[i, k]
                weighted = share[k] * d
                near[0, i] += weighted
                near[1, i] += weighted * d
                near[2, i] += weighted * d * d
                near[3, i] += weighted * d * d * d
                for j in range(i):
                    between[i, j] += weighted * apart[k, j]
        found = values[jet]
        found[:] = 0.0
        for i in range(n):
            arms[i] = 0.0
            for j in range(n):
                arms[i] += apart[i, j] * share[j] * near[0, j]
        for i in range(n):
            one, two, three, four = near[0, i], near[1, i], near[2, i], near[3, i]
            own = share[i]
            found[0] += own * one
            found[1] += own * two
            found[2] += own * one**2
            found[3] += own * three
            found[4] += own * two * one
            found[6] += own * one**3
            found[7] += own * one * arms[i]
            found[8] += own * four
            found[9] += own * three * one
            found[10] += own * two**2
            found[12] += own * two * one**2
            found[14] += own * two * arms[i]
            found[17] += own * one**4
            found[18] += own * one**2 * arms[i]
            found[19] += own * arms[i] ** 2
            # i = j: a walk to a neighbour and back.
            found[15] += own**2 * two**2
            for j in range(i):
                both, d, path = own * share[j], apart[i, j], between[i, j]
                found[5] += 2 * both * d * path
                found[11] += 2 * both * d**2 * path
                found[13] += 2 * both * d**2 * one * near[0, j]
                found[15] += 2 * both * path**2
                found[16] += both * d * path * (one + near[0, j])
