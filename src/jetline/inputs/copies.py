"""Jets that occur more than once: where, and which of the copies are left out.

Parts are numbers into their names, `PARTS` where nothing else is said; the number behind the last
name marks what is left out, as `DROPPED` does.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.parts import DROPPED, PARTS, TEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.jets.index import JetIndex

    #: Index of each jet file, and the part of each of its jets.
    Split = list[tuple[JetIndex, np.ndarray]]


class SplitJets:
    """The jets of several files one after the other, equal ones side by side in `order`."""

    def __init__(self, split: Split, names: Sequence[str] = PARTS) -> None:
        self._names = names
        self._indices = [index for index, _ in split]
        self._starts = np.cumsum([0] + [len(index) for index in self._indices])
        self.parts = np.concatenate([part for _, part in split])
        self.labels = np.concatenate([index.labels for index in self._indices])
        prints = np.concatenate([index.fingerprints for index in self._indices])
        # By name, so that the order of the files decides nothing.
        files = np.unique([index.file for index in self._indices], return_inverse=True)[1]
        self.file = np.repeat(np.arange(len(split)), [len(index) for index in self._indices])
        # Stable: jets of one file and part keep their order.
        order = np.lexsort((files[self.file], self.parts, prints))
        self.order = order[self.parts[order] != len(names)]
        ordered = prints[self.order]
        new = np.ones(len(ordered), bool)
        new[1:] = ordered[1:] != ordered[:-1]
        #: Where in `order` each distinct jet begins.
        self.begins = np.flatnonzero(new)
        self.is_copy = ~new

    def place(self, row: int) -> str:
        """Say which jet it is."""
        number = self.file[row]
        jet, file = row - self._starts[number], self._indices[number].file
        return f"jet {jet} of {file} ({self._names[self.parts[row]]} part)"

    def files(self, rows: np.ndarray) -> str:
        """Name the files of some jets, five at most."""
        names = [self._indices[number].file for number in np.unique(self.file[rows])]
        return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def leave_out_copies(
    split: Split, names: Sequence[str] = PARTS
) -> tuple[list[np.ndarray], np.ndarray, int]:
    """Leave out all but one of the jets with the same constituents.

    The one that stays is in the first of train, validation and test that has any: what is trained
    on never depends on what is tested. Within a part it is that of the first file by name.

    Parameters
    ----------
    split : list of (JetIndex, (n_jets,) uint8 array)
        Index of each file of a dataset, and the part of each jet.
    names : sequence of str
        Names of the parts.

    Returns
    -------
    parts : list of (n_jets,) uint8 arrays
        The same with `DROPPED`, or the number of the names, for each copy.
    dropped : (n_files, n_parts) int64 array
        Copies that each file had in each part.
    relabelled : int
        How many copies have another label than the jet that stays.
    """
    jets = SplitJets(split, names)
    copies = jets.order[jets.is_copy]
    kept = np.repeat(jets.order[jets.begins], np.diff(jets.begins, append=len(jets.order)))
    relabelled = int(np.sum(jets.labels[jets.order] != jets.labels[kept]))
    dropped = np.zeros((len(split), len(names)), np.int64)
    np.add.at(dropped, (jets.file[copies], jets.parts[copies]), 1)
    parts = jets.parts.copy()
    parts[copies] = len(names)
    return np.split(parts, np.cumsum([len(part) for _, part in split])[:-1]), dropped, relabelled


def leave_out_trained(trained: Split, tested: Split) -> tuple[list[np.ndarray], np.ndarray]:
    """Leave out the test jets of one dataset that another one trains or validates on.

    Returns
    -------
    parts, dropped
        Of the tested dataset, as `leave_out_copies` gives them.
    """
    known = np.concatenate([index.fingerprints[part < TEST] for index, part in trained])
    parts, dropped = [], np.zeros((len(tested), len(PARTS)), np.int64)
    for number, (index, part) in enumerate(tested):
        seen = (part == TEST) & np.isin(index.fingerprints, known)
        dropped[number, TEST] = np.count_nonzero(seen)
        parts.append(np.where(seen, DROPPED, part).astype(np.uint8))
    return parts, dropped


def copies_within_parts(split: Split, names: Sequence[str] = PARTS) -> str | None:
    """Say how many jets there are more than once, and in which files; None if there are none."""
    jets = SplitJets(split, names)
    copies = jets.order[jets.is_copy]
    if not len(copies):
        return None
    counts = ", ".join(f"{np.sum(jets.parts[copies] == n)} {part}" for n, part in enumerate(names))
    return f"{len(copies)} copies of other jets ({counts}), in {jets.files(copies)}"


def refuse_shared_jets(split: Split, names: Sequence[str] = PARTS) -> None:
    """Refuse identical jets in two parts; those that are left out do not count.

    Raises
    ------
    JetlineError
        Names the first two identical jets, and how many are in which parts and files.
    """
    jets = SplitJets(split, names)
    if not len(jets.order):
        return
    bits = np.left_shift(1, jets.parts[jets.order].astype(np.int64))
    in_parts = np.bitwise_or.reduceat(bits, jets.begins)
    shared = np.bitwise_count(in_parts) > 1
    if not shared.any():
        return
    sizes = np.diff(jets.begins, append=len(jets.order))
    concerned = jets.order[np.repeat(shared, sizes)]
    rows = concerned[: sizes[shared][0]]
    second = rows[jets.parts[rows] != jets.parts[rows[0]]][0]
    counts = Counter(int(one) for one in in_parts[shared])
    told = [
        f"{count} in {' and '.join(p for n, p in enumerate(names) if one >> n & 1)}"
        for one, count in sorted(counts.items())
    ]
    raise JetlineError(
        jets.place(rows[0]),
        found=f"the same constituents as {jets.place(second)}; {shared.sum()} jets are shared in "
        f"all ({', '.join(told)}), in {jets.files(concerned)}",
        expected="no jet in two parts, because a tagger would be tested on what it was trained on",
        remedy="leave the copies out by `duplicates: drop` under `split`, or take the dataset out "
        "of `test_on`",
    )
