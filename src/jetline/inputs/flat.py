"""Flat particles: the constituents of several jets one after the other, and how many each has.

Everywhere `particles` is (n_particles, 4) float32, with pT [GeV], rapidity, azimuth [rad] and PDG
id; `counts` is (n_jets,) integer, at least one for each jet, and its sum is n_particles.
"""

from __future__ import annotations

import numpy as np

from jetline.jets.constituents import PHI, PT, RAPIDITY
from jetline.jets.kinematics import wrap


def first_rows(counts: np.ndarray) -> np.ndarray:
    """Give the first row of each jet, (n_jets,) integer."""
    starts: np.ndarray = np.cumsum(counts) - counts
    return starts


def pt_shares(particles: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Give each particle's share z of its jet's scalar sum of pT, (n_particles,) float64."""
    pt = particles[:, PT].astype(np.float64)
    shares: np.ndarray = pt / np.repeat(np.add.reduceat(pt, first_rows(counts)), counts)
    return shares


def from_centroid(particles: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give rapidity and azimuth of particles from their jet's pT-weighted centroid.

    Returns
    -------
    rapidity, azimuth : (n_particles,) float64 arrays
        The azimuth [rad] is wrapped about the hardest particle, so that the seam tears no jet.
    """
    starts, z = first_rows(counts), pt_shares(particles, counts)
    rapidity = particles[:, RAPIDITY].astype(np.float64)
    phi = particles[:, PHI].astype(np.float64)
    phi = wrap(phi - np.repeat(phi[starts], counts))
    rapidity -= np.repeat(np.add.reduceat(z * rapidity, starts), counts)
    phi -= np.repeat(np.add.reduceat(z * phi, starts), counts)
    return rapidity, phi


def soft(particles: np.ndarray, counts: np.ndarray, z: float, pt: float) -> np.ndarray:
    """Tell which particles have less than a share `z` of their jet's pT, or than `pt` [GeV].

    Returns
    -------
    (n_particles,) bool array
        False for each jet's hardest particle, which is its first.
    """
    found: np.ndarray = (pt_shares(particles, counts) < z) | (particles[:, PT] < pt)
    found[first_rows(counts)] = False
    return found


def by_falling_pt(particles: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Sort each jet's particles by falling pT; those of equal pT keep their order."""
    # The bits of a positive float32 rise with it, so that one integer has both jet and pT.
    bits = np.ascontiguousarray(particles[:, PT], np.float32).view(np.uint32).astype(np.int64)
    keys = (np.repeat(np.arange(len(counts)), counts) << 32) - bits
    if (keys[1:] >= keys[:-1]).all():
        return particles
    return particles[np.argsort(keys, kind="stable")]
