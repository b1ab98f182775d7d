"""Sums of what particles add to a decision: by species, share of pT, distance from the axis."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from jetline.inputs.flat import from_centroid, pt_shares
from jetline.inputs.kinds.images.recipe import DETECTOR_GROUPS
from jetline.jets.constituents import PDG_ID
from jetline.records.explanation import GroupSums, Mean

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def groups_of(particles: np.ndarray, counts: np.ndarray) -> list[Groups]:
    """Group the particles of jets in three ways.

    Parameters
    ----------
    particles : (n_particles, 4) float32 array
    counts : (n_jets,) integer array
        As `jetline.inputs.flat` has them.
    """
    pdg_ids = particles[:, PDG_ID]
    species = np.full(len(pdg_ids), len(SPECIES))
    for number, ids in enumerate(SPECIES.values()):
        species[np.isin(pdg_ids, ids)] = number
    z = pt_shares(particles, counts)
    distance = np.hypot(*from_centroid(particles, counts))
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


def records_of(
    groups: Groups,
    labels: np.ndarray,
    classes: Sequence[str],
    added: np.ndarray,
    presence: np.ndarray,
    left_out: np.ndarray,
    particles: np.ndarray,
) -> list[GroupSums]:
    """Average what groups add over the jets of each class that there are jets of.

    Parameters
    ----------
    groups : Groups
        Of any jets: their names.
    labels : (n_jets,) integer array
    classes : sequence of str
        Names by number.
    added, presence, left_out, particles : (n_jets, n_groups) float arrays
        As `GroupSums` has them of single jets; NaN where nothing would be left.
    """
    return [
        GroupSums(
            of=classes[kind],
            by=groups.by,
            groups=groups.names,
            added=[_required(mean_of(column)) for column in added[labels == kind].T],
            presence=presence[labels == kind].mean(axis=0).tolist(),
            left_out=[mean_of(column) for column in left_out[labels == kind].T],
            particles=particles[labels == kind].mean(axis=0).tolist(),
        )
        for kind in np.unique(labels)
    ]


def mean_of(values: np.ndarray) -> Mean | None:
    """Average over jets, those without a value left out; None if there are no others."""
    found = values[~np.isnan(values)]
    if not len(found):
        return None
    error = found.std(ddof=1) / np.sqrt(len(found)) if len(found) > 1 else 0.0
    return Mean(value=float(found.mean()), error=float(error))


def _required(mean: Mean | None) -> Mean:
    assert mean is not None  # of each class that is asked for there are jets
    return mean
