"""Sums of what particles add to a decision: by species, share of pT, distance from the axis."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from jetline.inputs.flat import from_centroid, pt_shares
from jetline.inputs.kinds.images.recipe import DETECTOR_GROUPS
from jetline.jets.constituents import PDG_ID

if TYPE_CHECKING:
    from jetline.explanation.clouds import Cloud

#: Species that are told apart; quarks and gluons, of jets that did not hadronise, are others.
SPECIES = {
    name.replace("_", " "): DETECTOR_GROUPS[name]
    for name in ("charged_hadrons", "neutral_hadrons", "photons", "electrons", "muons")
}

#: Edges of bins in z, a particle's share of its jet's sum of pT.
Z_EDGES = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 1.0)

#: Edges of bins in the distance from the pT-weighted centroid, in rapidity and azimuth.
DISTANCE_EDGES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, np.inf)


@dataclass(frozen=True)
class Groups:
    """Which of several groups each particle, or pixel, is of.

    Attributes
    ----------
    by : str
        What they are told apart by.
    names : list of str
        Of the groups.
    number : integer array
        Each one's.
    """

    by: str
    names: list[str]
    number: np.ndarray


def groups_of(cloud: Cloud) -> list[Groups]:
    """Group the particles of jets in three ways."""
    pdg_ids = cloud.particles[:, PDG_ID]
    species = np.full(len(pdg_ids), len(SPECIES))
    for number, ids in enumerate(SPECIES.values()):
        species[np.isin(pdg_ids, ids)] = number
    z = pt_shares(cloud.particles, cloud.counts)
    distance = np.hypot(*from_centroid(cloud.particles, cloud.counts))
    return [
        Groups("species", [*SPECIES, "others"], species),
        in_bins("z", Z_EDGES, z),
        in_bins("distance", DISTANCE_EDGES, distance),
    ]


def in_bins(by: str, edges: tuple[float, ...], values: np.ndarray) -> Groups:
    """Group values in bins; the last edge belongs to the last bin."""
    number = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    names = [_bin(low, high) for low, high in pairwise(edges)]
    return Groups(by, names, number)


def _bin(low: float, high: float) -> str:
    return f"{low:g} to {high:g}" if np.isfinite(high) else f"above {low:g}"


def sums_of_groups(groups: Groups, values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Sum values over the particles of each group in each jet.

    Parameters
    ----------
    groups : Groups
        Of the particles.
    values : (n_particles,) array
        What each particle has.
    counts : (n_jets,) integer array
        Particles of each jet.

    Returns
    -------
    (n_jets, n_groups) float64 array
    """
    n_groups = len(groups.names)
    place = np.repeat(np.arange(len(counts)), counts) * n_groups + groups.number
    sums = np.bincount(place, values, minlength=len(counts) * n_groups)
    return sums.reshape(len(counts), n_groups)
