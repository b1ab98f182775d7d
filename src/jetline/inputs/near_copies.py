"""Jets that are the same but for rotation, reflection, shift or smearing: refused, or left out.

Identical jets are the business of `jetline.inputs.copies` and do not count here. Parts are numbers
into names, as they are there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.copies import SplitJets, leave_out_copies
from jetline.inputs.parts import DROPPED, PARTS, TEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.inputs.copies import Split

#: Pairs that an error shows.
_EXAMPLES = 3


@dataclass(frozen=True)
class _NearCopies:
    """The jets of a split that are like an earlier one: of an earlier part, file or row."""

    jets: SplitJets
    rows: np.ndarray
    originals: np.ndarray
    names: Sequence[str]

    @classmethod
    def of(cls, split: Split, names: Sequence[str] = PARTS) -> _NearCopies:
        """Search the jets that are not left out."""
        from jetline.inputs.likeness import earliest_alike

        jets = SplitJets(split, names)
        indices = [index for index, _ in split]
        files = np.unique([index.file for index in indices], return_inverse=True)[1]
        kept = np.flatnonzero(jets.parts != len(names))
        # Stable, and by name, as for identical copies.
        order = kept[np.lexsort((files[jets.file[kept]], jets.parts[kept]))]
        invariants = np.concatenate([index.invariants for index in indices])[order]
        multiplicities = np.concatenate([index.multiplicities for index in indices])[order]
        species = np.concatenate([index.species for index in indices])[order]
        rank = np.arange(len(order))
        earliest = earliest_alike(invariants, multiplicities, species, rank)
        copies = np.flatnonzero(earliest != rank)
        return cls(jets, order[copies], order[earliest[copies]], names)

    def among(self, chosen: np.ndarray) -> _NearCopies:
        """Take some of them."""
        return _NearCopies(self.jets, self.rows[chosen], self.originals[chosen], self.names)

    @property
    def parts(self) -> tuple[np.ndarray, np.ndarray]:
        """Part of each, and of the jet that it is like."""
        return self.jets.parts[self.rows], self.jets.parts[self.originals]

    @property
    def relabelled(self) -> int:
        """How many have another label than the jet that they are like."""
        return int(np.sum(self.jets.labels[self.rows] != self.jets.labels[self.originals]))

    def left_out(self, split: Split) -> tuple[list[np.ndarray], np.ndarray]:
        """Give the parts without them, and their counts by file and part."""
        dropped = np.zeros((len(split), len(self.names)), np.int64)
        np.add.at(dropped, (self.jets.file[self.rows], self.parts[0]), 1)
        parts = self.jets.parts.copy()
        parts[self.rows] = len(self.names)
        return np.split(parts, np.cumsum([len(part) for _, part in split])[:-1]), dropped

    def by_parts(self) -> str:
        """Count them by the two parts."""
        counts = Counter(zip(*map(np.ndarray.tolist, self.parts[::-1]), strict=True))
        return ", ".join(
            f"{count} in {self.names[first]} and {self.names[second]}"
            for (first, second), count in sorted(counts.items())
        )


def leave_out_near_copies(
    split: Split, names: Sequence[str] = PARTS
) -> tuple[list[np.ndarray], np.ndarray, int]:
    """Leave out each jet that is like an earlier one, as `leave_out_copies` does identical jets.

    The earlier one is in an earlier part, in the first file by name or the first row.

    Returns
    -------
    parts, dropped, relabelled
        As `leave_out_copies` gives them.
    """
    found = _NearCopies.of(split, names)
    return *found.left_out(split), found.relabelled


def leave_out_nearly_trained(trained: Split, tested: Split) -> tuple[list[np.ndarray], np.ndarray]:
    """Leave out test jets of one dataset that are like those another trains or validates on.

    Returns
    -------
    parts, dropped
        Of the tested dataset, as `leave_out_copies` gives them.
    """
    split = _seen(trained) + [
        (index, np.where(part == TEST, TEST, DROPPED)) for index, part in tested
    ]
    found = _NearCopies.of(split)
    parts, dropped = found.among(_tests_of_trained(found)).left_out(split)
    made = [
        np.where((new == DROPPED) & (part == TEST), DROPPED, part).astype(np.uint8)
        for new, (_, part) in zip(parts[len(trained) :], tested, strict=True)
    ]
    return made, dropped[len(trained) :]


def refuse_near_copies(split: Split, names: Sequence[str] = PARTS) -> list[str]:
    """Refuse jets alike in two parts where there are more than chance gives.

    Returns
    -------
    list of str
        What is to be told of those that are not refused.

    Raises
    ------
    JetlineError
        Names the first pairs, how many there are and how many by chance.
    """
    distinct = leave_out_copies(split, names)[0]
    split = [(index, part) for (index, _), part in zip(split, distinct, strict=True)]
    found = _NearCopies.of(split, names)
    parts, originals = found.parts
    told = _judge(found.among(parts != originals), split)
    if within := np.count_nonzero(parts == originals):
        counts = ", ".join(
            f"{np.sum((parts == originals) & (parts == n))} {part}" for n, part in enumerate(names)
        )
        told.append(
            f"within one part {within} jets like other ones but for rotation, reflection, shift or "
            f"smearing ({counts}); `duplicates: drop` leaves them out"
        )
    return told


def refuse_nearly_trained(trained: Split, tested: Split) -> list[str]:
    """Refuse test jets like those that another dataset trains or validates on.

    Returns, raises
        As `refuse_near_copies`.
    """
    tests = [(index, np.where(part == TEST, TEST, DROPPED)) for index, part in tested]
    split = _seen(trained) + tests
    found = _NearCopies.of(split)
    return _judge(found.among(_tests_of_trained(found)), split)


def _seen(trained: Split) -> Split:
    """Keep the jets that a tagger is trained or validated on."""
    return [(index, np.where(part < TEST, part, DROPPED)) for index, part in trained]


def _tests_of_trained(found: _NearCopies) -> np.ndarray:
    parts, originals = found.parts
    return (parts == TEST) & (originals < TEST)


def _judge(found: _NearCopies, split: Split) -> list[str]:
    """Refuse near copies in two parts, or say that chance may give so many."""
    from jetline.inputs.likeness import FEWEST, expected_by_chance, most_by_chance

    count = len(found.rows)
    if not count:
        return []
    numbers = np.concatenate([index.multiplicities for index, _ in split])
    length = int(numbers.max()) + 1
    counts = [
        np.bincount(numbers[found.jets.parts == part], minlength=length)
        for part in range(len(found.names))
    ]
    expected = expected_by_chance(np.array(counts))
    most = most_by_chance(expected)
    chance = f"chance gives {expected:.2g} or fewer among so many independent jets"
    pairs = list(zip(found.originals[:_EXAMPLES], found.rows[:_EXAMPLES], strict=True))
    if count <= most:
        first = " and ".join(map(found.jets.place, pairs[0]))
        return [
            f"warning: {count} jets of two parts are alike but for rotation, reflection, shift or "
            f"smearing ({found.by_parts()}), such as {first}; up to {most} are not refused, since "
            f"{chance}; `duplicates: drop` leaves them out"
        ]
    examples = "; ".join(" and ".join(map(found.jets.place, pair)) for pair in pairs)
    concerned = np.concatenate([found.originals, found.rows])
    raise JetlineError(
        found.jets.place(found.originals[0]),
        found=f"jets of two parts that are the same but for rotation, reflection, shift or "
        f"smearing: {count} ({found.by_parts()}), in {found.jets.files(concerned)}; such as "
        f"{examples}",
        expected=f"at most {most}: {chance} (jets of {FEWEST} constituents and more are compared). "
        "A tagger would be tested on what it was trained on",
        remedy="leave the copies out by `duplicates: drop` under `split`; or augment the training "
        "part alone, after the split; or take the dataset out of `test_on`",
    )
