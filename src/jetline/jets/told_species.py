"""What jet files tell of species, by their first jets, and taggers that are told more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jetline.core.errors import JetlineError
from jetline.jets.constituents import PDG_ID
from jetline.jets.formats import JET_FORMATS
from jetline.jets.reading import format_by_name, open_jets

#: From what tells least to what tells most.
IDENTITIES = ("none", "experimental", "full")

#: What a file does of which a tagger can be told no more.
WHY = {
    "none": "tells no species",
    "experimental": "tells charge and type alone, or has other hadrons than the benchmark",
}

#: How many jets are looked at: a program that writes any species writes them in every jet.
_FIRST_JETS = 100


def identity_in(path: Path, layout: Any = None) -> str:
    """Tell what a jet file's first jets tell of species at most, reading little of it.

    Parameters
    ----------
    path : Path
        The file.
    layout : Layout or str, optional
        As `jetline.jets.reading.open_jets` takes it.

    Returns
    -------
    str
        One of `IDENTITIES`.

    Raises
    ------
    JetlineError
        If it is no valid jet file.
    """
    path = Path(path)
    if layout is not None or format_by_name(path) not in (None, "npz"):
        laid_out: Any = JET_FORMATS["laid-out"]
        return str(laid_out.identity_of(path, layout, _FIRST_JETS))
    blocks: Any = open_jets(path).blocks(_FIRST_JETS)
    try:
        return "full" if next(blocks)[..., PDG_ID].any() else "none"
    finally:
        blocks.close()


def require_identity(path: Path, told: str, layout: Any = None) -> None:
    """Refuse a file that tells less of species than a tagger is told.

    Parameters
    ----------
    path : Path
        The jet file.
    told : str
        Identity that the tagger was trained with.
    layout : Layout or str, optional
        As `identity_in` takes it.

    Raises
    ------
    JetlineError
        If it does, or is no valid jet file.
    """
    if told != "none":
        require_told(path, identity_in(path, layout), told)


def require_told(path: Path, identity: str, told: str) -> None:
    """Refuse what a file tells of species, `identity`, where a tagger is told more, likewise.

    Raises
    ------
    JetlineError
        If it is.
    """
    if IDENTITIES.index(identity) < IDENTITIES.index(told):
        raise JetlineError(
            str(path),
            found=f"a file that {WHY[identity]}",
            expected=f"the {told} identity of particles, which a tagger is told",
            remedy=f"use taggers that are told {identity} identity (`identity: {identity}`)",
        )
