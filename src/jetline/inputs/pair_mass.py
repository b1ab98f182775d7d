"""ln m2 of pairs of particles with the rounding errors of weaver-core, in single precision.

weaver computes E2 - p2 of the sum of two four-momenta. Of particles that are collinear, and of a
particle with itself, nothing but the rounding of the single steps is left, and weights that were
trained so have adapted to it. So every step here is weaver's, in its order and precision. NumPy
computes them, because a compiler may fuse two steps of a network into one, which rounds otherwise.
"""

from __future__ import annotations

import numpy as np

from jetline.jets.constituents import PHI, PT, RAPIDITY

#: Smallest argument of the logarithm, as in the code of arXiv:2202.03772.
_LEAST = np.float32(1e-8)


def momenta(particles: np.ndarray) -> np.ndarray:
    """Compute px, py, pz and E of massless particles, as files for weaver are made of these jets.

    Parameters
    ----------
    particles : (n_particles, 4) float32 array
        Constituents, as they stand in a shard.

    Returns
    -------
    (n_particles, 4) float32 array
        In the laboratory's frame [GeV].
    """
    pt, y, phi = (particles[:, column] for column in (PT, RAPIDITY, PHI))
    return pt[:, None] * np.stack([np.cos(phi), np.sin(phi), np.sinh(y), np.cosh(y)], axis=1)


def log_mass_squared(momenta: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Compute ln(E2 - p2) of the sum of the momenta of each pair, of 1e-8 GeV2 at least.

    Parameters
    ----------
    momenta : (n_particles, 4) float32 array
        px, py, pz and E [GeV].
    pairs : (n_pairs, 2) integer array
        Rows of them.

    Returns
    -------
    (n_pairs,) float32 array
    """
    squares = np.square(momenta[pairs[:, 0]] + momenta[pairs[:, 1]])
    mass = squares[:, 3] - (squares[:, 0] + squares[:, 1] + squares[:, 2])
    result: np.ndarray = np.log(np.maximum(mass, _LEAST))
    return result
