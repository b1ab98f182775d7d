"""Observables of single jets that are sums over their constituents, in double precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.jets.constituents import PDG_ID
from jetline.jets.species import PDG_IDS
from jetline.observables.observable import Observable

if TYPE_CHECKING:
    from jetline.jets.kinematics import Frame

#: R of the benchmark's jets, the unit of angles in angularities and soft drop.
RADIUS = 0.4


def multiplicity(jets: Frame) -> np.ndarray:
    """Count the constituents."""
    return np.count_nonzero(jets.present, axis=1).astype(np.float64)


def mass(jets: Frame) -> np.ndarray:
    """Compute the invariant mass [GeV] of the sum of massless constituents.

    About the jet's axis the sums of ``pT sinh y`` and ``pT sin phi`` vanish, so that ``E^2 - p^2``
    is ``(sum pT cosh y)^2 - (sum pT cos phi)^2``. That is the product of the sums below, whose
    terms are all positive: nothing cancels, however narrow the jet.
    """
    aperture = 2 * np.sinh(jets.rapidity / 2) ** 2  # cosh y - 1
    width = 2 * np.sin(jets.phi / 2) ** 2  # 1 - cos phi
    difference = (jets.pt * (aperture + width)).sum(axis=1)
    total = (jets.pt * (2 + aperture - width)).sum(axis=1)
    return np.sqrt(difference * total)


def girth(jets: Frame) -> np.ndarray:
    """Average the distance from the axis, weighted by pT: ``sum z dR`` (arXiv:1106.3076)."""
    return (jets.z * jets.distance).sum(axis=1)


def ptd(jets: Frame) -> np.ndarray:
    """Compute ``sqrt(sum z^2)``: 1 if one particle has all, 1 / sqrt(n) if n share equally."""
    return np.sqrt((jets.z**2).sum(axis=1))


def z_max(jets: Frame) -> np.ndarray:
    """Give the share of the hardest constituent in the scalar sum of pT."""
    return jets.z.max(axis=1)


def les_houches_angularity(jets: Frame) -> np.ndarray:
    """Compute ``sum z sqrt(dR / R)`` (arXiv:1704.03878)."""
    return (jets.z * np.sqrt(jets.distance / RADIUS)).sum(axis=1)


def n95(jets: Frame) -> np.ndarray:
    """Count the fewest constituents that carry 95 % of the scalar sum of pT."""
    carried = np.cumsum(-np.sort(-jets.pt, axis=1), axis=1)
    return 1.0 + np.count_nonzero(carried < 0.95 * carried[:, -1:], axis=1)


#: These observables, by the names under which they are stored.
SIMPLE = {
    "multiplicity": Observable("multiplicity", "", "number of constituents", multiplicity),
    "pt": Observable("jet pT", "GeV", "of the sum of the constituents", lambda jets: jets.jet_pt),
    "rapidity": Observable(
        "jet rapidity", "", "of the sum of massless constituents", lambda jets: jets.jet_rapidity
    ),
    "mass": Observable("jet mass", "GeV", "of the sum of massless constituents", mass),
    "girth": Observable("girth", "", "`sum z dR`, the width (arXiv:1106.3076)", girth),
    "lha": Observable(
        "LHA",
        "",
        "Les Houches angularity `sum z sqrt(dR / R)`, R = 0.4 (arXiv:1704.03878)",
        les_houches_angularity,
    ),
    "ptd": Observable("pTD", "", "`sqrt(sum z^2)`", ptd),
    "z_max": Observable("leading constituent's z", "", "`max z`", z_max),
    "n95": Observable(
        "N95", "", "fewest constituents that carry 95 % of the scalar sum of pT", n95
    ),
}


def count_species(constituents: np.ndarray) -> np.ndarray:
    """Count the constituents of each species.

    Returns
    -------
    (n_jets, 14) int64 array
        In the order of `jetline.jets.species.PDG_IDS`.
    """
    pdg_ids = constituents[..., PDG_ID]
    return np.stack([np.count_nonzero(pdg_ids == pdg_id, axis=1) for pdg_id in PDG_IDS], axis=1)
