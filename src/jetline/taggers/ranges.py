"""Where the jets lie that a tagger was trained on, and how many of others lie outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.jets.kinematics import Frame
from jetline.jets.reading import open_jets
from jetline.records.card import Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

#: What is looked at of a jet, by name: in words, and the unit.
RANGED = {
    "pt": ("transverse momentum", "GeV"),
    "absolute_rapidity": ("absolute rapidity", ""),
    "multiplicity": ("number of constituents", ""),
    "reach": ("distance of the farthest constituent from the axis", ""),
}

#: Jets of a file that are looked at before it is scored: what differs, differs in most jets.
_FIRST_JETS = 10_000
#: Share of jets outside that is worth a warning: chance alone leaves one in thousands there.
_WORTH_TELLING = 0.01
_JETS_AT_ONCE = 2000


def ranges_of(jet_files: Iterable[Path], chosen: Iterable[np.ndarray]) -> dict[str, Range]:
    """Find the least and largest values among chosen jets of some files.

    Parameters
    ----------
    jet_files : iterable of Path
        Jet files.
    chosen : iterable of (n_jets,) bool arrays
        Which jets of each file count.
    """
    low = dict.fromkeys(RANGED, np.inf)
    high = dict.fromkeys(RANGED, -np.inf)
    for path, which in zip(jet_files, chosen, strict=True):
        start = 0
        for block in open_jets(path).blocks(_JETS_AT_ONCE) if which.any() else ():
            here = which[start : start + len(block)]
            start += len(block)
            for name, values in _measured(block[here]).items():
                low[name] = min(low[name], values.min(initial=np.inf))
                high[name] = max(high[name], values.max(initial=-np.inf))
    return {name: Range(low=low[name], high=high[name]) for name in RANGED if low[name] < np.inf}


def outside(path: Path, ranges: Mapping[str, Range], layout: Any = None) -> list[str]:
    """Tell in what the first jets of a file lie outside of ranges, if more than a few do.

    Parameters
    ----------
    path : Path
        The jet file.
    ranges : mapping of Range
        By the names of `RANGED`.
    layout : Layout or str, optional
        As `jetline.jets.reading.open_jets` takes it.

    Returns
    -------
    list of str
        Such as ``98 % in transverse momentum (20.3 to 98 GeV; trained on 500 to 550 GeV)``.
    """
    measured: list[dict[str, np.ndarray]] = []
    jets = 0
    blocks: Any = open_jets(path, None, layout).blocks(_JETS_AT_ONCE)
    try:
        for block in blocks:
            measured.append(_measured(block))
            jets += len(block)
            if jets >= _FIRST_JETS:
                break
    finally:
        blocks.close()
    told = []
    for name in (name for name in RANGED if name in ranges and jets):
        trained = ranges[name]
        values = np.concatenate([part[name] for part in measured])
        share = np.mean((values < trained.low) | (values > trained.high))
        if share > _WORTH_TELLING:
            here = in_words(name, Range(low=values.min(), high=values.max()))
            told.append(
                f"{100 * share:.0f} % in {RANGED[name][0]} ({here}; trained on "
                f"{in_words(name, trained)})"
            )
    return told


def in_words(name: str, of: Range) -> str:
    """Write a range with its unit."""
    return f"{of.low:.3g} to {of.high:.3g} {RANGED[name][1]}".rstrip()


def _measured(block: np.ndarray) -> dict[str, np.ndarray]:
    frame = Frame.of(block)
    return {
        "pt": frame.jet_pt,
        "absolute_rapidity": np.abs(frame.jet_rapidity),
        "multiplicity": np.count_nonzero(frame.present, axis=1).astype(np.float64),
        "reach": frame.distance.max(axis=1, initial=0.0),
    }
