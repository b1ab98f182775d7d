"""Observables of single jets, from their constituents, in double precision.

Constituents count as massless, since the benchmark's files do not hold their masses. A jet's axis
is that of its four-vector, the sum over the constituents (the E scheme): the window in transverse
momentum and rapidity and the radius that define the jets refer to it, and it is exact for a jet of
one particle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jetline.jets.formats.npz import PDG_ID, PDG_IDS, PHI, PT, RAPIDITY
from jetline.jets.kinematics import wrap


@dataclass(frozen=True)
class Frame:
    """Constituents relative to their jets' axes; padding is 0 throughout and never counts.

    Parameters
    ----------
    present : (n_jets, M) bool array
        False for padding.
    pt : (n_jets, M) float64 array
        Transverse momentum [GeV].
    rapidity, phi : (n_jets, M) float64 arrays
        Relative to the jet's axis, the azimuth in [-pi, pi).
    jet_pt, jet_rapidity : (n_jets,) float64 arrays
        Of the sum of the constituents' four-vectors; pT in GeV.
    """

    present: np.ndarray
    pt: np.ndarray
    rapidity: np.ndarray
    phi: np.ndarray
    jet_pt: np.ndarray
    jet_rapidity: np.ndarray

    @classmethod
    def of(cls, constituents: np.ndarray) -> Frame:
        """Find the axes of padded constituents (n_jets, M, 4).

        Angles are taken about the hardest constituent first, so that a jet across the seam of the
        azimuth is not torn apart and one of collinear particles keeps its axis exactly.
        """
        pt = constituents[..., PT].astype(np.float64)
        present = pt > 0
        hardest = pt.argmax(axis=1)[:, None]

        def about_hardest(column: int) -> tuple[np.ndarray, np.ndarray]:
            angle = constituents[..., column].astype(np.float64)
            reference = np.take_along_axis(angle, hardest, axis=1)
            return np.where(present, angle - reference, 0), reference[:, 0]

        rapidity, hardest_rapidity = about_hardest(RAPIDITY)
        phi = wrap(about_hardest(PHI)[0])
        px, py = (pt * np.cos(phi)).sum(axis=1), (pt * np.sin(phi)).sum(axis=1)
        # E + pz and E - pz, up to factors that cancel in their ratio.
        forward, backward = ((pt * np.exp(s * rapidity)).sum(axis=1) for s in (1, -1))
        shift = np.log(forward / backward) / 2
        return cls(
            present=present,
            pt=pt,
            rapidity=np.where(present, rapidity - shift[:, None], 0),
            phi=np.where(present, wrap(phi - np.arctan2(py, px)[:, None]), 0),
            jet_pt=np.hypot(px, py),
            jet_rapidity=hardest_rapidity + shift,
        )

    @cached_property
    def z(self) -> np.ndarray:
        """(n_jets, M) float64: share of each constituent in the scalar sum of pT."""
        return self.pt / self.pt.sum(axis=1, keepdims=True)

    @cached_property
    def distance(self) -> np.ndarray:
        """(n_jets, M) float64: distance from the axis, in rapidity and azimuth."""
        return np.hypot(self.rapidity, self.phi)


def multiplicity(jets: Frame) -> np.ndarray:
    """Number of constituents."""
    return np.count_nonzero(jets.present, axis=1).astype(np.float64)


def mass(jets: Frame) -> np.ndarray:
    """Invariant mass of the sum of massless constituents.

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
    """Mean distance from the axis, weighted by pT: ``sum z dR`` (arXiv:1106.3076)."""
    return (jets.z * jets.distance).sum(axis=1)


def ptd(jets: Frame) -> np.ndarray:
    """``sqrt(sum z^2)``: 1 if one particle has all, 1 / sqrt(n) if n share equally."""
    return np.sqrt((jets.z**2).sum(axis=1))


def z_max(jets: Frame) -> np.ndarray:
    """Share of the hardest constituent in the scalar sum of pT."""
    return jets.z.max(axis=1)


@dataclass(frozen=True)
class Observable:
    """An observable of single jets.

    Parameters
    ----------
    label : str
        What a table or an axis calls it.
    unit : str
        Empty for a pure number.
    compute : callable
        From a `Frame` to an (n_jets,) float64 array.
    """

    label: str
    unit: str
    compute: Callable[[Frame], np.ndarray]


#: Every observable, by the name under which it is stored.
OBSERVABLES = {
    "multiplicity": Observable("multiplicity", "", multiplicity),
    "pt": Observable("jet pT", "GeV", lambda jets: jets.jet_pt),
    "rapidity": Observable("jet rapidity", "", lambda jets: jets.jet_rapidity),
    "mass": Observable("jet mass", "GeV", mass),
    "girth": Observable("girth", "", girth),
    "ptd": Observable("pTD", "", ptd),
    "z_max": Observable("leading constituent's z", "", z_max),
}


def observe(constituents: np.ndarray) -> dict[str, np.ndarray]:
    """Every observable of every jet; some ten times the memory of the pT alone.

    Not finite where constituents are hundreds of units of rapidity apart.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        Padded constituents, at least one a jet.

    Returns
    -------
    dict of (n_jets,) float64 arrays
        By the names in `OBSERVABLES`.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        frame = Frame.of(constituents)
        return {name: observable.compute(frame) for name, observable in OBSERVABLES.items()}


def count_species(constituents: np.ndarray) -> np.ndarray:
    """Constituents of each species.

    Returns
    -------
    (n_jets, 14) int64 array
        In the order of `jetline.jets.formats.npz.PDG_IDS`.
    """
    pdg_ids = constituents[..., PDG_ID]
    return np.stack([np.count_nonzero(pdg_ids == pdg_id, axis=1) for pdg_id in PDG_IDS], axis=1)
