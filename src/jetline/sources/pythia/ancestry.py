"""Read in Pythia's event record where a jet comes from: its resonance, and its heavy hadrons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Status of a resonance of the hardest process, and the tens of that of a decay product.
_RESONANCE, _DECAYED = 22, 9
_W = 24
#: PDG ids of quarks that others decay to, at most.
_BOTTOM, _CHARM = 5, 4
#: PDG ids from here on are of hadrons; the digits of their quarks are those before the last.
_HADRONS = 100


@dataclass(frozen=True)
class Decay:
    """A resonance when it decays, and the quarks that it decays to, before they radiate.

    Attributes
    ----------
    mass : float
        Of the resonance [GeV].
    direction : tuple of float
        Its rapidity and azimuth [rad].
    quarks : tuple of such directions
        Of a top's three quarks two are its W's.
    """

    mass: float
    direction: tuple[float, float]
    quarks: tuple[tuple[float, float], ...]


def decays_to_quarks(event: Any, n_hard: int, resonance: int) -> list[Decay]:
    """List the decays to quarks of the hard process's resonances.

    Parameters
    ----------
    event : Pythia's event record
    n_hard : int
        Number of entries of the hard process, with which the record begins.
    resonance : int
        PDG id, of particle and antiparticle.
    """
    found = []
    for index in range(min(n_hard, event.size())):
        if event[index].statusAbs() == _RESONANCE and event[index].idAbs() == resonance:
            last = event[event[index].iBotCopyId()]
            if quarks := _quarks_of(event, last):
                found.append(Decay(last.m(), (last.y(), last.phi()), tuple(quarks)))
    return found


def _quarks_of(event: Any, resonance: Any) -> list[tuple[float, float]]:
    """List the directions of the quarks that a resonance decays to, those of a W included."""
    directions = []
    for index in resonance.daughterList():
        daughter = event[index]
        if 1 <= daughter.idAbs() <= _BOTTOM:
            directions.append((daughter.y(), daughter.phi()))
        elif daughter.idAbs() == _W:
            directions += _quarks_of(event, event[daughter.iBotCopyId()])
    return directions


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Give the distance of two directions in rapidity and azimuth."""
    across = (one[1] - other[1] + math.pi) % (2 * math.pi) - math.pi
    return math.hypot(one[0] - other[0], across)


def heaviest_flavour(event: Any, particles: Iterable[int]) -> str | None:
    """Name the heaviest quark, b or c, of the hadrons that some particles descend from.

    A jet with a b hadron counts as b, although its b hadron decays to a c hadron in most cases.

    Parameters
    ----------
    event : Pythia's event record
    particles : iterable of int
        Numbers of the particles there.
    """
    heaviest, seen = 0, set()
    for index in particles:
        # From each particle up to the hadron that the string gave, each hadron once.
        while index not in seen:
            seen.add(index)
            particle = event[index]
            heaviest = max(heaviest, _heavy_quark(particle.idAbs()))
            if particle.statusAbs() // 10 != _DECAYED:
                break
            index = particle.mother1()
    return {_BOTTOM: "b", _CHARM: "c"}.get(heaviest)


def _heavy_quark(pdg_id: int) -> int:
    """Give the heaviest quark of a hadron, of c and b; 0 of anything else."""
    quarks = [pdg_id // 10 % 10, pdg_id // 100 % 10, pdg_id // 1000 % 10]
    # A diquark or a lepton has no quark in the second digit from the right.
    hadron = pdg_id >= _HADRONS and quarks[0] > 0
    return max((q for q in quarks if q in (_CHARM, _BOTTOM)), default=0) if hadron else 0
