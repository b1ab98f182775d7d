"""Numbers of a jet that hardly change when it is turned, mirrored, shifted, scaled or smeared.

They are sums over the constituents, so that none of them jumps where two constituents change their
order. Some know nothing of species, and compare files that have lost them; the others know nothing
of angles, whatever was done to them.
"""

from __future__ import annotations

import math

import numpy as np

from jetline.core.compiled import compiled, inner
from jetline.jets.constituents import PDG_ID, PHI, PT, RAPIDITY
from jetline.jets.species import PDG_IDS

#: What `invariants` computes, in the order of its columns. z is a constituent's share of the scalar
#: sum of pT, r its distance from the centroid, a its angle about it; each sum is over constituents.
INVARIANTS = (
    "ln sum sqrt(z)",
    "ln sum z^2",
    "ln sum z r",
    "ln sum sqrt(z) r",
    "ln sum z r^2",
    "|sum z r exp(2ia)| / sum z r",
    "|sum z r exp(3ia)| / sum z r",
    "|sum z r exp(4ia)| / sum z r",
    "|sum sqrt(z) r exp(ia)| / sum sqrt(z) r",
    "|sum sqrt(z) r exp(2ia)| / sum sqrt(z) r",
    "|sum sqrt(z) r exp(3ia)| / sum sqrt(z) r",
    "|sum sqrt(z) r exp(4ia)| / sum sqrt(z) r",
    "sum z of photons",
    "sum z of pi+",
    "sum z of pi-",
)

#: Jets of fewer species are not known by them.
FEWEST_SPECIES = 6

_SUMMED = np.array([22, 211, -211])

#: The largest PDG id, a number that each species adds to a jet's sum, and a bit that stands for it.
_LARGEST_ID = max(map(abs, PDG_IDS))
_NUMBERS = np.zeros(2 * _LARGEST_ID + 1, np.uint64)
_BITS = np.zeros(2 * _LARGEST_ID + 1, np.uint64)
_PLACES = np.array(PDG_IDS) + _LARGEST_ID
_NUMBERS[_PLACES] = np.cumprod(np.full(len(PDG_IDS), 0x9E3779B97F4A7C15, np.uint64))
_BITS[_PLACES] = np.left_shift(np.uint64(1), np.arange(len(PDG_IDS), dtype=np.uint64))

_TURN = 2 * math.pi

#: Sums below it are rounding errors; it keeps logarithms and quotients finite.
_LEAST = 1e-12


def invariants(constituents: np.ndarray) -> np.ndarray:
    """Compute the invariants of each jet.

    They stay the same, but for rounding, under rotation about the jet's centroid in rapidity and
    azimuth, reflection, shifts of either, turns of any constituent's azimuth by 2 pi, a factor on
    all pT, and another order of the constituents.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        Padded constituents.

    Returns
    -------
    (n_jets, 15) float32 array
        The columns are `INVARIANTS`; all are finite.
    """
    found = np.zeros((len(constituents), len(INVARIANTS)))
    _fill(constituents, _SUMMED, found)
    return found.astype(np.float32)


def species_sums(constituents: np.ndarray) -> np.ndarray:
    """Sum a number of each constituent's species, by which jets of the same species are known.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        Padded constituents.

    Returns
    -------
    (n_jets,) uint64 array
        Equal for jets that have as many constituents of each species; 0 for a jet of fewer than
        `FEWEST_SPECIES` species, which tell too little of it.
    """
    places = constituents[..., PDG_ID].astype(np.int64) + _LARGEST_ID
    sums = _NUMBERS[places].sum(axis=1)
    species = np.bitwise_count(np.bitwise_or.reduce(_BITS[places], axis=1))
    return np.where(species >= FEWEST_SPECIES, sums, np.uint64(0))


@inner
def _centred(particles: np.ndarray, z: np.ndarray, y: np.ndarray, phi: np.ndarray) -> int:
    """Fill shares of pT and angles about the centroid, without padding; return how many."""
    n, hardest, total = 0, 0, 0.0
    for i in range(len(particles)):
        if particles[i, PT] > 0:
            z[n], y[n], phi[n] = particles[i, PT], particles[i, RAPIDITY], particles[i, PHI]
            if z[n] > z[hardest]:
                hardest = n
            total += z[n]
            n += 1
    # Relative to the hardest one first, so that no jet is torn apart where the azimuth begins.
    y_hardest, phi_hardest = y[hardest], phi[hardest]
    y_mean, phi_mean = 0.0, 0.0
    for i in range(n):
        z[i] /= total
        y[i] -= y_hardest
        turned = phi[i] - phi_hardest
        phi[i] = turned - _TURN * math.floor(turned / _TURN + 0.5)
        y_mean += z[i] * y[i]
        phi_mean += z[i] * phi[i]
    for i in range(n):
        y[i] -= y_mean
        phi[i] -= phi_mean
    return n


@compiled
def _fill(constituents: np.ndarray, summed: np.ndarray, found: np.ndarray) -> None:
    n_jets, rows = constituents.shape[:2]
    z, y, phi = np.empty(rows), np.empty(rows), np.empty(rows)
    # Real and imaginary parts of sum w r exp(i m a), for w = z and w = sqrt(z).
    real, imaginary = np.empty((2, 5)), np.empty((2, 5))
    for jet in range(n_jets):
        n = _centred(constituents[jet], z, y, phi)
        sum_root, sum_square, sum_r, sum_root_r, sum_r_2 = 0.0, 0.0, 0.0, 0.0, 0.0
        real[:], imaginary[:] = 0.0, 0.0
        for i in range(n):
            root, r = math.sqrt(z[i]), math.hypot(y[i], phi[i])
            sum_root += root
            sum_square += z[i] * z[i]
            sum_r += z[i] * r
            sum_root_r += root * r
            sum_r_2 += z[i] * r * r
            if r == 0:
                continue
            cosine, sine = y[i] / r, phi[i] / r
            c, s = r, 0.0
            for m in range(1, 5):
                c, s = c * cosine - s * sine, c * sine + s * cosine
                real[0, m] += z[i] * c
                imaginary[0, m] += z[i] * s
                real[1, m] += root * c
                imaginary[1, m] += root * s
        values = found[jet]
        values[0] = math.log(max(sum_root, _LEAST))
        values[1] = math.log(max(sum_square, _LEAST))
        values[2] = math.log(max(sum_r, _LEAST))
        values[3] = math.log(max(sum_root_r, _LEAST))
        values[4] = math.log(max(sum_r_2, _LEAST))
        for m in range(2, 5):
            values[3 + m] = math.hypot(real[0, m], imaginary[0, m]) / max(sum_r, _LEAST)
        for m in range(1, 5):
            values[7 + m] = math.hypot(real[1, m], imaginary[1, m]) / max(sum_root_r, _LEAST)
        total = constituents[jet, :, PT].sum()
        for i in range(rows):
            for species in range(len(summed)):
                if constituents[jet, i, PDG_ID] == summed[species]:
                    values[12 + species] += constituents[jet, i, PT] / total
