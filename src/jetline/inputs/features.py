"""Features that particle models take, computed batch by batch from flat particles.

Azimuths are wrapped about the hardest constituent before any average is taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.constituents import PDG_ID, PHI, PT, RAPIDITY
from jetline.jets.kinematics import wrap
from jetline.jets.species import PDG_IDS

#: PFN-ID's number for each species: arXiv:1810.05165, section 4.2.
FULL_CODES = {
    22: 0.0,
    211: 0.1,
    -211: 0.2,
    321: 0.3,
    -321: 0.4,
    130: 0.5,
    2112: 0.6,
    -2112: 0.7,
    2212: 0.8,
    -2212: 0.9,
    11: 1.0,
    -11: 1.1,
    13: 1.2,
    -13: 1.3,
}

#: Ours for what a detector tells apart, charge and type; the paper does not print its own:
#: photon, positive, negative and neutral hadron, electron, positron, muon, antimuon.
EXPERIMENTAL_CODES = {
    22: 0.0,
    **dict.fromkeys((211, 321, 2212), 0.1),
    **dict.fromkeys((-211, -321, -2212), 0.2),
    **dict.fromkeys((130, 2112, -2112), 0.3),
    11: 0.4,
    -11: 0.5,
    13: 0.6,
    -13: 0.7,
}

_CODES: dict[str, dict[int, Any]] = {"experimental": EXPERIMENTAL_CODES, "full": FULL_CODES}


def pfn_features(particles: np.ndarray, multiplicities: np.ndarray, identity: str) -> np.ndarray:
    """Compute the features of the Particle Flow Network: arXiv:1810.05165, sections 4.1 and 4.2.

    Parameters
    ----------
    particles : (n_particles, 4) float32 array
        Constituents of several jets one after the other, each jet's by falling pT.
    multiplicities : (n_jets,) integer array
        Constituents of each jet, at least one; their sum is n_particles.
    identity : "none", "experimental" or "full"
        What the species column tells.

    Returns
    -------
    (n_particles, 3 or 4) float32 array
        z = pT / sum pT, rapidity and azimuth relative to the pT-weighted centroid, and, unless
        `identity` is "none", the species' number (`FULL_CODES`, `EXPERIMENTAL_CODES`).
    """
    starts, pt, rapidity, phi = _kinematics(particles, multiplicities)
    z = pt / np.repeat(np.add.reduceat(pt, starts), multiplicities)
    features = [
        z,
        rapidity - np.repeat(np.add.reduceat(z * rapidity, starts), multiplicities),
        phi - np.repeat(np.add.reduceat(z * phi, starts), multiplicities),
    ]
    if identity != "none":
        features.append(species_codes(particles[:, PDG_ID], _CODES[identity]))
    return np.stack(features, axis=1).astype(np.float32)


#: Of each species: charge, and the flags charged hadron, neutral hadron, photon, electron, muon.
EXPERIMENTAL_FLAGS: dict[int, Any] = {
    22: (0, 0, 0, 1, 0, 0),
    **dict.fromkeys((211, 321, 2212), (1, 1, 0, 0, 0, 0)),
    **dict.fromkeys((-211, -321, -2212), (-1, 1, 0, 0, 0, 0)),
    **dict.fromkeys((130, 2112, -2112), (0, 0, 1, 0, 0, 0)),
    11: (-1, 0, 0, 0, 1, 0),
    -11: (1, 0, 0, 0, 1, 0),
    13: (-1, 0, 0, 0, 0, 1),
    -13: (1, 0, 0, 0, 0, 1),
}

#: The same with hadrons told apart: pi 1, K 0.5, p 0.2; K_L 1, n 0.2.
FULL_FLAGS = EXPERIMENTAL_FLAGS | {
    321: (1, 0.5, 0, 0, 0, 0),
    -321: (-1, 0.5, 0, 0, 0, 0),
    2212: (1, 0.2, 0, 0, 0, 0),
    -2212: (-1, 0.2, 0, 0, 0, 0),
    **dict.fromkeys((2112, -2112), (0, 0, 0.2, 0, 0, 0)),
}

_FLAGS: dict[str, dict[int, Any]] = {"experimental": EXPERIMENTAL_FLAGS, "full": FULL_FLAGS}

#: Shift a and scale b of (x - a) b for ln pT, ln E, ln pT/pT_jet, ln E/E_jet and dR.
CLOUD_SHIFTS = np.array([1.7, 2.0, -4.7, -4.7, 0.2])
CLOUD_SCALES = np.array([0.7, 0.7, 0.7, 0.7, 4.0])


def cloud_features(particles: np.ndarray, multiplicities: np.ndarray, identity: str) -> np.ndarray:
    """Compute the features of ParticleNet and the Particle Transformer.

    arXiv:1902.08570, table 1, and arXiv:2202.03772, table 2, in the standardisation that the
    latter's authors publish for these jets. The jet axis is the sum of the constituents, each
    massless.

    Parameters
    ----------
    particles : (n_particles, 4) float32 array
        Constituents of several jets one after the other, each jet's by falling pT.
    multiplicities : (n_jets,) integer array
        Constituents of each jet, at least one; their sum is n_particles.
    identity : "none", "experimental" or "full"
        What charge and flags tell.

    Returns
    -------
    (n_particles, 7 or 13) float32 array
        ln pT, ln E, ln pT/pT_jet, ln E/E_jet and dR, shifted, scaled and kept in [-5, 5], with pT
        and E in GeV; unless `identity` is "none", charge and five flags (`EXPERIMENTAL_FLAGS`,
        `FULL_FLAGS`); pseudorapidity relative to the axis, times the sign of the axis', and
        azimuth relative to it.
    """
    starts, pt, eta, phi = _kinematics(particles, multiplicities)
    energy = pt * np.cosh(eta)
    x, y, z, jet_energy = (
        np.add.reduceat(values, starts)
        for values in (pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), energy)
    )
    jet_pt = np.hypot(x, y)
    jet_eta = np.arcsinh(z / jet_pt)
    sign = np.where(jet_eta >= 0, 1.0, -1.0)
    d_eta = (eta - np.repeat(jet_eta, multiplicities)) * np.repeat(sign, multiplicities)
    d_phi = wrap(phi - np.repeat(np.arctan2(y, x), multiplicities))
    logarithms = [
        np.log(pt),
        np.log(energy),
        np.log(pt / np.repeat(jet_pt, multiplicities)),
        np.log(energy / np.repeat(jet_energy, multiplicities)),
    ]
    scaled = np.stack([*logarithms, np.hypot(d_eta, d_phi)], axis=1)
    features = [np.clip((scaled - CLOUD_SHIFTS) * CLOUD_SCALES, -5, 5)]
    if identity != "none":
        features.append(species_codes(particles[:, PDG_ID], _FLAGS[identity]))
    return np.column_stack([*features, d_eta, d_phi]).astype(np.float32)


#: Species in the order of their numbers in `generation_features`.
SPECIES = tuple(FULL_CODES)

#: Shift and scale of ln z, and the angle [rad] at which asinh turns from linear to logarithmic:
#: most of a jet lies in its core, which a network has to resolve.
LN_Z_SHIFT, LN_Z_SCALE = -5.0, 1.7
CORE_ANGLE, ANGLE_SCALE = 0.02, 2.0


def generation_features(
    particles: np.ndarray, multiplicities: np.ndarray, identity: str
) -> np.ndarray:
    """Compute what generative models are given of particles.

    Parameters
    ----------
    particles, multiplicities, identity
        As those of `pfn_features`.

    Returns
    -------
    (n_particles, 6) float32 array
        (ln z + 5) / 1.7 with z = pT / sum pT; asinh(d / 0.02) / 2 of the rapidity and of the
        azimuth d relative to the pT-weighted centroid; the number of the species in `SPECIES`, 0
        for all where `identity` is "none"; and, alike for all particles of a jet, the logarithm of
        the scalar sum of pT [GeV] and the rapidity of the centroid.
    """
    starts, pt, rapidity, phi = _kinematics(particles, multiplicities)
    total = np.add.reduceat(pt, starts)
    z = pt / np.repeat(total, multiplicities)
    centre = np.add.reduceat(z * rapidity, starts)
    angles = (
        rapidity - np.repeat(centre, multiplicities),
        phi - np.repeat(np.add.reduceat(z * phi, starts), multiplicities),
    )
    numbers = {pdg_id: number for number, pdg_id in enumerate(SPECIES)}
    told = identity != "none"
    return np.stack(
        [
            (np.log(z) - LN_Z_SHIFT) / LN_Z_SCALE,
            *(np.arcsinh(angle / CORE_ANGLE) / ANGLE_SCALE for angle in angles),
            species_codes(particles[:, PDG_ID], numbers) if told else np.zeros(len(z)),
            np.repeat(np.log(total), multiplicities),
            np.repeat(centre, multiplicities),
        ],
        axis=1,
    ).astype(np.float32)


#: Features by the name that an architecture's `view` gives them.
FEATURES = {
    "energy_flow": pfn_features,
    "particle_cloud": cloud_features,
    "generation": generation_features,
}


def _kinematics(particles: np.ndarray, multiplicities: np.ndarray) -> tuple[np.ndarray, ...]:
    """Give each jet's first row, then pT, rapidity and azimuth from the hardest, in float64."""
    starts = np.concatenate([[0], np.cumsum(multiplicities)[:-1]])
    pt, rapidity, phi = (particles[:, n].astype(np.float64) for n in (PT, RAPIDITY, PHI))
    return starts, pt, rapidity, wrap(phi - np.repeat(phi[starts], multiplicities))


def species_codes(pdg_ids: np.ndarray, codes: dict[int, Any]) -> np.ndarray:
    """Look up the number or numbers that `codes` gives each PDG id, (n_particles, ...) float64.

    Raises
    ------
    JetlineError
        If there are partons among the particles, or particles of no species.
    """
    order = np.array(sorted(PDG_IDS))
    values = np.array([codes[pdg_id] for pdg_id in order], np.float64)
    places = np.searchsorted(order[:-1], pdg_ids)
    if (strange := order[places] != pdg_ids).any():
        raise JetlineError(
            "particles of the jets",
            found=f"PDG id {pdg_ids[strange][0]:.0f}, "
            + ("a quark or gluon" if pdg_ids[strange][0] else "which stands for no species"),
            expected="hadrons, leptons and photons, whose species a tagger can be told",
            remedy="train on these jets with `identity: none`",
        )
    return values[places]
