"""A compiled glance at jets: whether they keep to the format of a jet file."""

from __future__ import annotations

import numpy as np

from jetline.core.compiled import compiled
from jetline.jets.constituents import PDG_ID, PHI, PT, RAPIDITY
from jetline.jets.species import PDG_IDS

_LARGEST_ID = max(map(abs, PDG_IDS))
# A table by PDG id, handed over each time: what is kept on disk must not hold it.
_KNOWN = np.isin(np.arange(-_LARGEST_ID, _LARGEST_ID + 1), PDG_IDS)


def sound(constituents: np.ndarray) -> bool:
    """Whether all jets keep to the format; what it doubts is to be looked at more closely.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        pT [GeV], rapidity, azimuth [rad], PDG id.
    """
    return _sound(constituents, _KNOWN)


@compiled
def _sound(constituents: np.ndarray, known: np.ndarray) -> bool:
    n_jets, rows = constituents.shape[:2]
    largest = len(known) // 2
    for jet in range(n_jets):
        particles = constituents[jet]
        n = 0
        while n < rows and 0 < particles[n, PT] < np.inf:
            species = int(particles[n, PDG_ID]) if abs(particles[n, PDG_ID]) <= largest else 0
            if species != particles[n, PDG_ID] or not known[species + largest]:
                return False
            if not (abs(particles[n, RAPIDITY]) < np.inf and abs(particles[n, PHI]) < np.inf):
                return False
            n += 1
        if n == 0:
            return False
        rest = particles[n:].reshape(-1)
        clean = True
        for i in range(len(rest)):
            clean &= rest[i] == 0
        if not clean:
            return False
    return True
