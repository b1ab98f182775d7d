"""The folds of a dataset, so that every jet is scored by a tagger that has not seen it.

Of k folds, the tagger of fold i tests on part i, validates on part i + 1 (after the last comes the
first) and trains on all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.randomness import generator
from jetline.inputs.copies import copies_within_parts, leave_out_copies, refuse_shared_jets
from jetline.inputs.near_copies import leave_out_near_copies, refuse_near_copies
from jetline.inputs.parts import DROPPED, PARTS, TEST, TRAIN, VALIDATION, Parts, weights_of
from jetline.jets.index import JetIndex

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: Fewest folds: one part tests, one validates, one trains.
FEWEST = 3
#: Most folds: what each adds to the jets that train is then less than any error.
MOST = 50


@dataclass(frozen=True)
class Folds:
    """The part of every jet of a dataset that is dealt into folds.

    Parameters
    ----------
    number : int
        How many folds there are.
    files : list of str
        Names of the dataset's jet files, in its order.
    parts : list of (n_jets,) uint8 arrays
        One array a file: from 0 on the fold whose tagger tests on a jet; `number` if it is left out
        as a copy of another.
    sha256 : list of str
        Of each jet file.
    dropped : (n_files, number) int64 array
        How many jets of each file were left out of each part as copies.
    weights : list of (n_jets,) float32 arrays, optional
        Of the jets of each file; all count the same if not given.
    """

    number: int
    files: list[str]
    parts: list[np.ndarray]
    sha256: list[str]
    dropped: np.ndarray
    weights: list[np.ndarray] | None = None

    def split_of(self, fold: int) -> Parts:
        """Give what trains, validates and tests in a fold, from 0 on.

        Raises
        ------
        JetlineError
            If there is no such fold.
        """
        if not 0 <= fold < self.number:
            raise JetlineError(
                f"fold {fold}",
                found=f"{self.number} folds",
                expected=f"a fold from 0 to {self.number - 1}",
                remedy="name one of these",
            )
        roles = np.full(self.number + 1, TRAIN, np.uint8)
        roles[(fold + 1) % self.number] = VALIDATION
        roles[fold], roles[self.number] = TEST, DROPPED
        dropped = np.zeros((len(self.files), len(PARTS)), np.int64)
        for part in range(self.number):
            dropped[:, roles[part]] += self.dropped[:, part]
        parts = [roles[part] for part in self.parts]
        return Parts(self.files, parts, self.sha256, dropped, self.weights)

    @property
    def together(self) -> Parts:
        """Give the split of all folds together: each jet has trained one of the taggers."""
        parts = [
            np.where(part == self.number, DROPPED, TRAIN).astype(np.uint8) for part in self.parts
        ]
        dropped = np.zeros((len(self.files), len(PARTS)), np.int64)
        dropped[:, TRAIN] = self.dropped.sum(axis=1)
        return Parts(self.files, parts, self.sha256, dropped, self.weights)

    def summary(self) -> list[str]:
        """Say how many jets each fold tests on, and how many were left out."""
        everything = np.concatenate(self.parts)
        counts = [int(np.sum(everything == fold)) for fold in range(self.number)]
        lines = [f"{self.number} folds that test on {_listed(counts)} jets"]
        if copies := int(self.dropped.sum()):
            lines.append(f"{copies} jets left out as copies")
        return lines


def _listed(counts: Iterable[int]) -> str:
    *first, last = map(str, counts)
    return f"{', '.join(first)} and {last}"


def fold_by_jet(seed: int, source: str, file: str, n_jets: int, number: int) -> np.ndarray:
    """Draw the fold of each jet of a file.

    The draw is the one that `jetline.inputs.split.split_by_jet` makes: it depends on the seed, the
    source, the file's name and the jet's index alone.

    Returns
    -------
    (n_jets,) uint8 array
    """
    draws = generator(seed, "split", source, file).random(n_jets)
    # A draw just below 1 may round up.
    return np.minimum(np.floor(draws * number), number - 1).astype(np.uint8)


def split_into_folds(
    indices: list[Path], *, seed: int, source: str, by: str, number: int, duplicates: str = "refuse"
) -> Folds:
    """Deal the jets of a dataset, given by the index of each of its files, into folds.

    Copies are looked for once, over all parts: the one that stays is in the first part that has
    any, so that each jet is in one part alone and no tagger tests on what trains or validates it.

    Parameters
    ----------
    indices : list of Path
        Index of each file, in the dataset's order.
    seed : int
        The configuration's seed.
    source : str
        Key of the source of jets.
    by : str
        `jet`, or `file` for whole files in turn.
    number : int
        How many folds.
    duplicates : str
        As for `jetline.inputs.split.split_dataset`.

    Raises
    ------
    JetlineError
        If there are too few files or jets, or identical jets lie in two parts and are refused.
    """
    read = [JetIndex.read(path) for path in indices]
    require_folds(number, by, len(read))
    names = [f"fold {fold}" for fold in range(number)]
    parts = [
        np.full(len(index), position % number, np.uint8)
        if by == "file"
        else fold_by_jet(seed, source, index.file, len(index), number)
        for position, index in enumerate(read)
    ]
    dropped = np.zeros((len(read), number), np.int64)
    if duplicates == "drop":
        parts, dropped, relabelled = leave_out_copies(list(zip(read, parts, strict=True)), names)
        parts, near, more = leave_out_near_copies(list(zip(read, parts, strict=True)), names)
        dropped, relabelled = dropped + near, relabelled + more
        if near.any():
            print(f"{near.sum()} copies are not identical: they are rotated, shifted or smeared")
        if relabelled:
            print(f"{relabelled} copies have another label than the jet that stays")
    _require_jets(parts, names, dropped)
    if duplicates != "drop":
        split = list(zip(read, parts, strict=True))
        refuse_shared_jets(split, names)
        if copies_of := copies_within_parts(split, names):
            print(f"within one part {copies_of}; `duplicates: drop` leaves them out")
        for told in refuse_near_copies(split, names):
            print(told)
    files, sha256 = [one.file for one in read], [one.sha256 for one in read]
    return Folds(number, files, parts, sha256, dropped, weights_of(read, parts, names))


def require_folds(folds: int, by: str, n_files: int) -> None:
    """Refuse a number of folds that cannot be, and one that whole files do not fill.

    Raises
    ------
    JetlineError
        Says what can be.
    """
    if not FEWEST <= folds <= MOST:
        raise JetlineError(
            "folds",
            found=str(folds),
            expected=f"{FEWEST} to {MOST}: one part tests, one validates, the others train",
            remedy="choose such a number",
        )
    if by == "file" and n_files < folds:
        raise JetlineError(
            f"folds of a dataset of {n_files} files, split by file",
            found=f"{folds} folds",
            expected=f"at least one file for each, so {n_files} or fewer",
            remedy="lower `folds`, take more files, or write `split: {by: jet}`"
            if n_files >= FEWEST
            else "take more files, or write `split: {by: jet}`",
        )


def _require_jets(parts: list[np.ndarray], names: list[str], dropped: np.ndarray) -> None:
    everything = np.concatenate(parts)
    for fold, name in enumerate(names):
        if not np.any(everything == fold):
            copies = dropped[:, fold].sum()
            raise JetlineError(
                f"dataset of {len(parts)} files and {len(everything)} jets, in {len(names)} folds",
                found=f"no jet in {name}"
                + (f", without {copies} copies of other jets" if copies else ""),
                expected="jets in each fold",
                remedy="take more jets, or lower `folds`",
            )
