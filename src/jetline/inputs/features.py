"""Features that particle models take, computed batch by batch from flat particles."""

from __future__ import annotations

import numpy as np

from jetline.errors import JetlineError
from jetline.jets.angles import wrap
from jetline.jets.format import PDG_ID, PDG_IDS, PHI, PT, RAPIDITY

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

_CODES = {"experimental": EXPERIMENTAL_CODES, "full": FULL_CODES}


def pfn_features(particles: np.ndarray, multiplicities: np.ndarray, identity: str) -> np.ndarray:
    """Features of the Particle Flow Network: arXiv:1810.05165, sections 4.1 and 4.2.

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
    starts = np.concatenate([[0], np.cumsum(multiplicities)[:-1]])
    pt = particles[:, PT].astype(np.float64)
    rapidity = particles[:, RAPIDITY].astype(np.float64)
    hardest_phi = particles[starts, PHI].astype(np.float64)
    phi = wrap(particles[:, PHI] - np.repeat(hardest_phi, multiplicities))
    z = pt / np.repeat(np.add.reduceat(pt, starts), multiplicities)
    features = [
        z,
        rapidity - np.repeat(np.add.reduceat(z * rapidity, starts), multiplicities),
        phi - np.repeat(np.add.reduceat(z * phi, starts), multiplicities),
    ]
    if identity != "none":
        features.append(species_codes(particles[:, PDG_ID], _CODES[identity]))
    return np.stack(features, axis=1).astype(np.float32)


def species_codes(pdg_ids: np.ndarray, codes: dict[int, float]) -> np.ndarray:
    """(n_particles,) float64: the number that `codes` gives each known PDG id.

    Raises
    ------
    JetlineError
        If there are partons among the particles.
    """
    order = np.array(sorted(PDG_IDS))
    values = np.array([codes[pdg_id] for pdg_id in order])
    places = np.searchsorted(order[:-1], pdg_ids)
    if (strange := order[places] != pdg_ids).any():
        raise JetlineError(
            "particles of the jets",
            found=f"PDG id {pdg_ids[strange][0]:.0f}, a quark or gluon",
            expected="hadrons, leptons and photons, whose species a tagger can be told",
            remedy="train on these jets with `identity: none`",
        )
    return values[places]
