"""Constituents relative to their jet's axis.

Constituents count as massless, since the benchmark's files do not hold their masses. A jet's axis
is that of its four-vector, the sum over the constituents (the E scheme): the window in transverse
momentum and rapidity and the radius that define the jets refer to it, and it is exact for a jet of
one particle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from jetline.jets.constituents import PHI, PT, RAPIDITY

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


def wrap(phi: np.ndarray) -> np.ndarray:
    """Bring an azimuth difference [rad] into [-pi, pi)."""
    return np.mod(phi + np.pi, 2 * np.pi) - np.pi


@dataclass(frozen=True, eq=False)
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
    _found: dict[Any, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, constituents: np.ndarray) -> Frame:
        """Take padded constituents (n_jets, M, 4) relative to their jets' axes.

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

    def once(self, compute: Callable[[Frame], Result]) -> Result:
        """Compute what several observables need of these jets, the first time it is asked for."""
        if compute not in self._found:
            self._found[compute] = compute(self)
        return self._found[compute]
