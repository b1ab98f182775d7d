"""Angles of constituents relative to their jet."""

from __future__ import annotations

import numpy as np

from jetline.jets.angles import wrap
from jetline.jets.format import PHI, PT, RAPIDITY


def centred(constituents: np.ndarray, real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rapidity and azimuth relative to each jet's pT-weighted centroid, in double precision.

    The azimuth is wrapped about the hardest constituent before it is averaged, so that a jet
    across the seam of the azimuth is not torn apart.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        pT [GeV], rapidity, azimuth [rad], PDG id.
    real : (n_jets, M) bool array
        False for padding, whose pT is 0 and which weighs nothing.

    Returns
    -------
    rapidity, phi : (n_jets, M) float64 arrays
        Meaningless where `real` is False.
    """
    pt = np.where(real, constituents[..., PT], 0).astype(np.float64)
    rapidity = constituents[..., RAPIDITY].astype(np.float64)
    phi = constituents[..., PHI].astype(np.float64)
    hardest = pt.argmax(axis=1)[:, None]
    phi = wrap(phi - np.take_along_axis(phi, hardest, axis=1))
    total = pt.sum(axis=1, keepdims=True)
    rapidity -= (pt * rapidity).sum(axis=1, keepdims=True) / total
    phi -= (pt * phi).sum(axis=1, keepdims=True) / total
    return rapidity, phi
