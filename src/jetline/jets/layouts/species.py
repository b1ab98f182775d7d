"""Species as files tell them, in the PDG ids of the format: exact, by charge and type, or none.

Hadrons and nuclei other than those that reach a detector stand as the representative of what a
detector tells apart: a pion of their charge, or K_L if they are neutral. Their charge follows from
the numbers of their quarks in the PDG's numbering scheme (S. Navas et al., Phys. Rev. D 110 (2024)
030001, section 45). A neutral pion stands as the photon that a detector sees of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.layouts.layout import FLAGS
from jetline.jets.species import PARTON_IDS, PDG_IDS

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a tagger can be told of jets, from nothing on; each includes those before it.
IDENTITIES = ("none", "experimental", "full")

_PHOTON, _PION, _NEUTRAL, _ELECTRON, _MUON = 22, 211, 130, 11, 13
_PI0 = 111

#: Charges in thirds of quarks 1 to 8, of which those of even number are up-like.
_THIRDS = {number: 2 if number % 2 == 0 else -1 for number in range(1, 9)}


def charge_of(pdg_id: int) -> int | None:
    """Tell the charge of a hadron or a nucleus by its PDG id; None of what is neither."""
    sign, number = (1 if pdg_id > 0 else -1), abs(pdg_id)
    if number >= 1_000_000_000:  # 10LZZZAAAI
        charge = number // 10_000 % 1000
        return sign * charge if number < 1_100_000_000 else None
    if number >= 10_000_000 or (number % 10 == 0 and number not in (130, 310)):
        return None
    first, second, third = (number // place % 10 for place in (1000, 100, 10))
    if not second or not third or max(first, second, third) > 8:
        return None
    if first:
        thirds = _THIRDS[first] + _THIRDS[second] + _THIRDS[third]
    elif second % 2 == 0:  # the heavier quark of a meson, if it is up-like
        thirds = _THIRDS[second] - _THIRDS[third]
    else:  # the heavier one is the antiquark
        thirds = _THIRDS[third] - _THIRDS[second]
    return sign * thirds // 3 if thirds % 3 == 0 else None


def representatives(pdg_ids: np.ndarray, where: str) -> tuple[np.ndarray, bool]:
    """Bring PDG ids to those of the format.

    Parameters
    ----------
    pdg_ids : (n,) array
        Numbers of any type.
    where : str
        File and column, for the error.

    Returns
    -------
    (n,) float64 array
        Ids of `jetline.jets.species`.
    exact : bool
        Whether all were such already.

    Raises
    ------
    JetlineError
        If an id is of nothing that a jet in a detector consists of.
    """
    ids = np.asarray(pdg_ids, np.float64)
    known = np.isin(ids, PDG_IDS + PARTON_IDS)
    if known.all():
        return ids, True
    ids = ids.copy()
    for strange in np.unique(ids[~known]):
        ids[ids == strange] = _representative(strange, where)
    return ids, False


def _representative(pdg_id: float, where: str) -> int:
    whole = np.isfinite(pdg_id) and pdg_id == round(pdg_id)
    if whole and pdg_id == _PI0:
        return _PHOTON
    if not whole or (charge := charge_of(int(pdg_id))) is None:
        raise JetlineError(
            where,
            found=f"PDG id {pdg_id:g}",
            expected="photons, electrons, muons, hadrons and nuclei",
            remedy="leave out neutrinos and particles that decay before they reach a detector; "
            "a file with codes of its own has no `pdg_id` among the layout's columns",
        )
    return _PION * int(np.sign(charge)) if charge else _NEUTRAL


def from_flags(given: Mapping[str, np.ndarray], n: int) -> np.ndarray:
    """Give a representative PDG id by charge and flags, the first flag that is set deciding.

    What has no flag is a hadron, charged or neutral as its charge says.

    Parameters
    ----------
    given : mapping of (n,) arrays
        `charge` and some of `FLAGS`.
    n : int
        Particles.
    """
    charge = np.sign(np.asarray(given["charge"], np.float64))
    hadron = np.where(charge == 0, _NEUTRAL, _PION * charge)
    # A positive electron or muon has the negative number.
    choices = {
        "photon": np.full(n, _PHOTON),
        "electron": np.where(charge > 0, -_ELECTRON, _ELECTRON),
        "muon": np.where(charge > 0, -_MUON, _MUON),
        "charged_hadron": np.where(charge < 0, -_PION, _PION),
        "neutral_hadron": np.full(n, _NEUTRAL),
    }
    flags = [name for name in FLAGS if name in given]
    return np.select([np.asarray(given[f]) > 0 for f in flags], [choices[f] for f in flags], hadron)
