"""Transverse momentum, rapidity and azimuth from whatever form a momentum has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping


def momenta(
    given: Mapping[str, np.ndarray],
    *,
    mev: bool = False,
    degrees: bool = False,
    relative: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute pT [GeV], rapidity and azimuth [rad] of particles.

    The rapidity is that of a mass or an energy, ``y = arsinh(pz / m_T)`` with
    ``m_T^2 = pT^2 + m^2 = E^2 - pz^2`` (RPP, section on kinematics), never a larger one than that
    of a massless particle, as rounded energies would have it. Without either, particles count as
    massless.

    Parameters
    ----------
    given : mapping of (n,) float64 arrays
        Quantities as `jetline.jets.layouts.layout` names them.
    mev : bool
        Momenta, energies and masses are in MeV.
    degrees : bool
        Azimuths are in degrees.
    relative : bool
        pT is a share of the jet's, and angles are relative to the jet's.

    Returns
    -------
    pt, rapidity, phi : (n,) float64 arrays
    """
    unit = 1e-3 if mev else 1.0
    if "px" in given:
        px, py, pz = (given[name] * unit for name in ("px", "py", "pz"))
        pt, phi = np.hypot(px, py), np.arctan2(py, px)
    else:
        angle = np.pi / 180 if degrees else 1.0
        pt, phi = given["pt"] * unit, given["phi"] * angle
        if relative:
            pt = given["pt"] * (given["jet_pt"] * unit)
            phi = phi + given.get("jet_phi", 0) * angle
        if "rapidity" in given:
            shift = given.get("jet_rapidity", given.get("jet_eta", 0)) if relative else 0
            return pt, given["rapidity"] + shift, phi
        shift = given.get("jet_eta", given.get("jet_rapidity", 0)) if relative else 0
        eta = given["eta"] + shift
        if not {"energy", "mass"} & set(given):
            return pt, eta, phi
        with np.errstate(over="ignore", invalid="ignore"):
            pz = pt * np.sinh(eta)
    squared = pt**2
    if "energy" in given:
        energy = given["energy"] * unit
        # E^2 - pz^2, in the form that loses least.
        squared = np.maximum(squared, (energy - pz) * (energy + pz))
    elif "mass" in given:
        squared = squared + (given["mass"] * unit) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        rapidity = np.arcsinh(pz / np.sqrt(squared))
    # A particle of no transverse momentum and no mass has none; it is refused by its pT.
    return pt, np.where(squared > 0, rapidity, 0), phi
