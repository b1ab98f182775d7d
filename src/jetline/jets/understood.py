"""What was understood of jets, in words, and what looks as if it was misunderstood."""

from __future__ import annotations

from typing import Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.constituents import PHI, PT, RAPIDITY
from jetline.jets.kinematics import wrap

#: Energy of a beam of the LHC [GeV], and the largest transverse momentum of a jet that a collider
#: anybody plans can give, half of 100 TeV.
BEAM, LARGEST_PT = 7000.0, 50_000.0

#: Azimuths within two turns are in radians, whatever they count from [rad].
_TWO_TURNS = 4 * np.pi

#: A jet is torn if so large a share of its pT lies so far from its axis in azimuth [rad].
_TORN_SHARE, _TORN_ANGLE = 0.1, 2.0

#: Jets from which on the directions of all tell a pattern.
_MANY = 200


class Understood:
    """Ranges, multiplicities and species of jets that are added block by block."""

    def __init__(self) -> None:
        self._jets = self._far = self._torn = self._fast = 0
        self._constituents = 0
        self._fewest, self._most = np.inf, 0
        self._lowest = np.full(3, np.inf)
        self._highest = np.full(3, -np.inf)
        self._largest_angle = 0.0
        self._pt: list[np.ndarray] = []
        self._directions = np.zeros(2, np.complex128)
        self._rapidities = [np.inf, -np.inf]
        self._species: set[int] = set()

    def add(self, constituents: np.ndarray) -> None:
        """Add jets (n, M, 4), as `jetline.jets.constituents` has them."""
        # Without padding, two thirds of the benchmark's arrays.
        present = constituents[..., PT] > 0
        pt, rapidity, phi, ids = constituents[present].T.astype(np.float64)
        counts = present.sum(axis=1)
        jets = np.repeat(np.arange(len(counts)), counts)
        hardest = constituents[np.arange(len(counts)), constituents[..., PT].argmax(axis=1)]
        y_of_hardest, phi_of_hardest = hardest[:, [RAPIDITY, PHI]].T.astype(np.float64)
        self._jets += len(counts)
        self._constituents += len(pt)
        self._fewest = min(self._fewest, int(counts.min()))
        self._most = max(self._most, int(counts.max()))
        self._largest_angle = max(self._largest_angle, float(np.abs(phi).max(initial=0)))
        with np.errstate(over="ignore", invalid="ignore"):
            y, angle = rapidity - y_of_hardest[jets], phi - phi_of_hardest[jets]
            jet_pt, shift, turn = _axis(pt, y, angle, np.cumsum(counts) - counts)
            self._fast += int(np.count_nonzero(jet_pt * np.cosh(y_of_hardest) > BEAM))
            angle = np.abs(angle - turn[jets])
            angle = np.abs(angle - 2 * np.pi * np.rint(angle / (2 * np.pi)))
            far = np.hypot(y - shift[jets], angle) > np.pi
            self._far += len(np.unique(jets[far]))
            torn = angle > _TORN_ANGLE
            away = np.bincount(jets[torn], pt[torn], len(counts))
            whole = np.add.reduceat(pt, np.cumsum(counts) - counts)
            self._torn += int(np.count_nonzero(away > _TORN_SHARE * whole))
        phi_of_hardest = wrap(phi_of_hardest)
        for place, values in enumerate((jet_pt, y_of_hardest, phi_of_hardest)):
            self._lowest[place] = min(self._lowest[place], np.nanmin(values))
            self._highest[place] = max(self._highest[place], np.nanmax(values))
        self._pt.append(jet_pt)
        self._directions += [np.exp(1j * one).sum() for one in (phi_of_hardest, y_of_hardest)]
        new = np.unique(ids[~np.isin(ids, list(self._species))])
        self._species |= set(new.astype(int).tolist())

    @property
    def ranges(self) -> dict[str, Any]:
        """Numbers of what was understood, as a record keeps them."""
        names = ("jet_pt", "jet_rapidity", "jet_azimuth")
        return {
            "multiplicity": [int(self._fewest), int(self._most)],
            **{
                name: [float(self._lowest[place]), float(self._highest[place])]
                for place, name in enumerate(names)
            },
            "species": sorted(self._species - {0}),
        }

    def told(self) -> str:
        """Tell ranges, multiplicities and species in a sentence."""
        mean = self._constituents / self._jets
        species = self._species - {0}
        named = f"PDG ids {', '.join(map(str, sorted(species)))}" if species else "no species"
        (pt, y, phi), (to_pt, to_y, to_phi) = self._lowest, self._highest
        return (
            f"{self._fewest} to {self._most} constituents a jet, {mean:.1f} on average; jets of pT "
            f"{pt:.4g} to {to_pt:.4g} GeV, rapidity {y:.2f} to {to_y:.2f}, azimuth {phi:.2f} to "
            f"{to_phi:.2f}; {named}"
        )

    def require_sense(self, where: str, *, layout: bool) -> None:
        """Refuse jets that no collider can make, which are in other units.

        Parameters
        ----------
        where : str
            The file.
        layout : bool
            Whether a layout tells its units; otherwise it is an archive in the benchmark's form.

        Raises
        ------
        JetlineError
            Names the likely cause and the line to write.
        """
        median = float(np.median(np.concatenate(self._pt)))
        if median > LARGEST_PT:
            raise JetlineError(
                f"{where}, transverse momentum",
                found=f"jets of {median:.4g} GeV (the median), if these are GeV",
                expected=f"jets of less than {LARGEST_PT:,.0f} GeV",
                remedy="momenta are in MeV, as it seems: "
                + _line("units: MeV", "X[..., 0] /= 1000", layout=layout),
            )
        if self._largest_angle > _TWO_TURNS:
            raise JetlineError(
                f"{where}, azimuth",
                found=f"azimuths up to {self._largest_angle:.4g}, if these are radians",
                expected="angles within -4 pi and 4 pi",
                remedy="azimuths are in degrees, as it seems, or another column: "
                + _line("angles: degrees", "X[..., 2] = np.deg2rad(X[..., 2])", layout=layout),
            )

    def warnings(self, *, layout: bool) -> list[str]:
        """Tell what looks wrong and may be right, each with its likely cause."""
        found = []
        median = float(np.median(np.concatenate(self._pt)))
        if median < 1:
            found.append(
                f"half of the jets have a pT below {median:.3g} GeV: are momenta in TeV, or shares "
                "of the jet's? "
                + _line("relative: true, with jet_pt", "X[..., 0] *= 1000", layout=layout)
            )
        if self._fast:
            found.append(
                f"{self._count(self._fast)} have more energy than a beam of the LHC, {BEAM:,.0f} "
                "GeV: are momenta in MeV, or is the rapidity another column? "
                + _line("units: MeV", "X[..., 0] /= 1000", layout=layout)
            )
        turned = self._turned()
        if turned:
            found.append(
                "rapidities are spread like azimuths, and azimuths are not: are they swapped? "
                + _line(
                    "the columns of rapidity (or eta) and phi the other way round",
                    "X = X[..., [0, 2, 1, 3]]",
                    layout=layout,
                )
            )
        if self._far:
            found.append(
                f"{self._count(self._far)} have constituents farther than pi from their axis: "
                "constituents of other jets, padding that counts, or an angle in another column or "
                "unit"
            )
        if self._torn > 3 and self._torn > 1e-3 * self._jets:
            found.append(
                f"{self._count(self._torn)} have over {_TORN_SHARE:.0%} of their pT more than "
                f"{_TORN_ANGLE:g} from their axis in azimuth, as if torn in two: was the azimuth "
                "wrapped with another period than 2 pi, or scaled? take it as the detector or the "
                "generator gives it"
            )
        return found

    def _count(self, jets: int) -> str:
        return f"{jets} of {self._jets} jets"

    def _turned(self) -> bool:
        """Whether rapidities fill the circle evenly, and azimuths do not.

        The length R of the mean unit vector of n directions that are spread evenly has n R^2 below
        10 but once in 20,000 (Rayleigh's test, P = exp(-n R^2)).
        """
        if self._jets < _MANY:
            return False
        azimuths, rapidities = np.abs(self._directions) ** 2 / self._jets
        low, high = self._lowest[1], self._highest[1]
        around = (low >= -3.15 and high <= 3.15) or (low >= 0 and high <= 6.29)
        return bool(around and high - low > 6 and rapidities < 10 and azimuths > 10)


def _axis(
    pt: np.ndarray, rapidity: np.ndarray, phi: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute pT, rapidity and azimuth of jets, as `jetline.jets.kinematics.Frame` does of padded.

    Parameters
    ----------
    pt, rapidity, phi : (n_constituents,) float64 arrays
        Constituents of one jet after the other, angles about the hardest's.
    starts : (n_jets,) integer array
        Where each jet's begin.
    """
    px, py = (np.add.reduceat(pt * along(phi), starts) for along in (np.cos, np.sin))
    boost = np.exp(rapidity)
    # E + pz and E - pz, up to factors that cancel in their ratio.
    forward, backward = np.add.reduceat(pt * boost, starts), np.add.reduceat(pt / boost, starts)
    return np.hypot(px, py), np.log(forward / backward) / 2, np.arctan2(py, px)


def _line(of_layout: str, of_numpy: str, *, layout: bool) -> str:
    """Give the line to write: of the layout, or of NumPy for an archive."""
    if layout:
        return f"then write `{of_layout}` into the layout"
    return f"then `{of_numpy}`, and save X and y again by `np.savez_compressed`"
