"""The kinds of jets that Pythia makes: the hard process of each, and what decays how."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What makes one kind of jets.

    Attributes
    ----------
    lines : tuple of str
        Settings of Pythia: the hard process and its decays.
    resonance : int
        PDG id of the heavy particle whose decay makes the jet; 0 where a parton makes it.
    quarks : int
        How many quarks the decays of the hard process must give.
    quarks_of_one : int
        How many of them are of one resonance, and belong into its jet.
    colourless : bool
        Whether the hard process sends out no colour, so that Pythia would let initial-state
        radiation be harder than it; docs/generation.md says why it may not.
    """

    lines: tuple[str, ...]
    resonance: int = 0
    quarks: int = 0
    quarks_of_one: int = 0
    colourless: bool = False


_TO_NEUTRINOS = ("23:onMode = off", "23:onIfAny = 12 14 16")
_W_TO_QUARKS = ("24:onMode = off", "24:onIfAny = 1 2 3 4 5")


def _parton(process: str) -> Kind:
    return Kind((f"WeakBosonAndParton:{process} = on", "WeakZ0:gmZmode = 2", *_TO_NEUTRINOS))


#: Kinds by the names that a configuration gives.
KINDS: dict[str, Kind] = {
    "gluon": _parton("qqbar2gmZg"),
    "quark": _parton("qg2gmZq"),
    "w": Kind(
        (
            "WeakDoubleBoson:ffbar2ZW = on",
            *_TO_NEUTRINOS,
            *_W_TO_QUARKS,
        ),
        resonance=24,
        quarks=2,
        quarks_of_one=2,
        colourless=True,
    ),
    # Both Z may decay either way; events in which not exactly one gives quarks are given up.
    "z": Kind(
        (
            "WeakDoubleBoson:ffbar2gmZgmZ = on",
            "WeakZ0:gmZmode = 2",
            "23:onMode = off",
            "23:onIfAny = 1 2 3 4 5 12 14 16",
        ),
        resonance=23,
        quarks=2,
        quarks_of_one=2,
        colourless=True,
    ),
    "higgs": Kind(
        (
            "HiggsSM:ffbar2HZ = on",
            *_TO_NEUTRINOS,
            "25:onMode = off",
            "25:onIfAny = 5",
        ),
        resonance=25,
        quarks=2,
        quarks_of_one=2,
        colourless=True,
    ),
    "top": Kind(
        (
            "Top:gg2ttbar = on",
            "Top:qqbar2ttbar = on",
            "6:onMode = off",
            "6:onIfAny = 5",
            *_W_TO_QUARKS,
        ),
        resonance=6,
        quarks=6,
        quarks_of_one=3,
    ),
}
