"""Jets of files whose rows are events: lists of lists, or tables by which jets have candidates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.containers.container import Column, Columns, Jagged
from jetline.jets.layouts.layout import OF_JET
from jetline.jets.layouts.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from jetline.jets.layouts.layout import Layout
    from jetline.jets.layouts.resolved import Resolved

#: What an event is taken to have, to bound the memory of a block of events [bytes].
_CANDIDATES, _JETS = 1000, 10
_BLOCK_BYTES = 2**26

#: Of an event: a damaged file must not fill the memory by a number alone.
_MOST_JETS = 10_000

#: Rows of a list of lists: of jets, and of each one's constituents.
_NESTED = (None, None)


def by_jet(layout: Layout, described: Mapping[str, Column]) -> Mapping[str, Column]:
    """Describe columns as jets have them, where the rows of a file are events.

    Parameters
    ----------
    layout : Layout
        What the columns are.
    described : mapping of Column
        Those of the file.

    Returns
    -------
    mapping of Column
        The same object if the rows are jets.
    """
    constituents = _of_constituents(layout, described)
    nested = any(described[name].shape == _NESTED for name in constituents)
    if layout.index is None and not nested:
        return described
    shapes = {
        name: column.shape[1:] if column.shape[:1] == (None,) else column.shape
        for name, column in described.items()
    }
    if layout.index:
        # All candidates of an event, of which each jet takes some.
        shapes |= {name: described[name].shape for name in constituents}
    return {name: replace(column, shape=shapes[name]) for name, column in described.items()}


def _of_constituents(layout: Layout, described: Mapping[str, Column]) -> set[str]:
    texts = [text for quantity, text in layout.quantities.items() if quantity not in OF_JET]
    found = [Selection.of(text, described) for text in (*texts, *layout.features.values())]
    return {name for one in found if one for name in one.columns}


@dataclass(frozen=True)
class _Event:
    """Where the jets of a block of events are among the rows of its columns.

    Parameters
    ----------
    jets : (n_events,) int64 array
        How many each has.
    candidates : (n_constituents,) int64 array or None
        Place of the constituents of one jet after the other among all candidates of the block.
    counts : (n_jets,) int64 array or None
        How many of them each jet has.
    """

    jets: np.ndarray
    candidates: np.ndarray | None = None
    counts: np.ndarray | None = None


class EventColumns(Columns):
    """Columns of a file of events, whose rows are jets: event by event, in the order there.

    Parameters
    ----------
    path : Path
        The file, for errors.
    columns : Columns
        Of the opened file.
    resolved : Resolved
        What is read for what; its columns are described as jets have them.

    Raises
    ------
    JetlineError
        If the table by which jets have their constituents is none.
    """

    def __init__(self, path: Path, columns: Columns, resolved: Resolved) -> None:
        self._path, self._columns = path, columns
        self._where = f"{path}, layout {resolved.name}"
        self.described = resolved.described
        self._raw = columns.described
        self._index = resolved.layout.index
        self._constituents = set(resolved.columns_of_constituents)
        self._leading = resolved.quantities[resolved.leading].columns[0]
        if self._index:
            self._require(self._index.jets, (), "iu", "a whole number for each event", "`index`")
            for name in self._pair:
                told = "a list of whole numbers for each event"
                self._require(name, (None,), "iu", told, "`index`")
            for name in self._constituents:
                told = "a list of each event's candidates"
                self._require(name, (None,), "fiub", told, "`columns`")

    def _require(self, name: str, shape: Any, kinds: str, expected: str, key: str) -> None:
        if self._raw[name].shape != shape or self._raw[name].dtype.kind not in kinds:
            raise self._error(
                f"{name}, which is {self._raw[name]}",
                expected,
                f"name the columns of events, and of the table of their jets, by {key}",
            )

    @property
    def _pair(self) -> tuple[str, str]:
        assert self._index
        return self._index.jet, self._index.constituent

    def blocks(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        """Give consecutive jets, as `Columns.blocks` does, from some events at a time."""
        wanted = set(names)
        if self._index:
            wanted |= {self._index.jets} | (
                set(self._pair) if wanted & self._constituents else set()
            )
        elif all(not self._raw[name].shape for name in wanted):
            wanted.add(self._leading)
        read = [name for name in self._raw if name in wanted]
        first = 0
        for block in self._columns.blocks(read, self._events(read, rows)):
            event = self._by_index(block, first) if self._index else self._by_lists(block, first)
            of_jets = {name: self._of_jets(name, block[name], event, first) for name in names}
            first += len(event.jets)
            yield from _split(of_jets, int(event.jets.sum()), rows)

    def _events(self, names: Sequence[str], rows: int) -> int:
        """Choose how many events are read at once: no more than jets, and some 64 MB."""
        row_bytes = 0
        for name in names:
            lengths = {0: 1, 1: _CANDIDATES if name in self._constituents else _JETS}
            length = lengths.get(len(self._raw[name].shape), _CANDIDATES)
            row_bytes += length * (self._raw[name].dtype.itemsize or 16)
        return max(1, min(rows, _BLOCK_BYTES // max(1, row_bytes)))

    def _by_lists(self, block: Mapping[str, Any], first: int) -> _Event:
        """Count the jets of events by the lists of the first column that has such."""
        listed = {name: one.counts for name, one in block.items() if isinstance(one, Jagged)}
        name, jets = next(iter(listed.items()))
        for other, counts in listed.items():
            self._require_equal(name, jets, other, counts, first)
        return _Event(jets)

    def _by_index(self, block: Mapping[str, Any], first: int) -> _Event:
        """Find the constituents of jets by the table of the layout."""
        assert self._index
        numbers = np.asarray(block[self._index.jets])
        # What is missing in a file is no number, and neither less nor more than any.
        if (wrong := ~((numbers >= 0) & (numbers <= _MOST_JETS))).any():
            event = int(wrong.argmax())
            raise self._error(
                f"{self._index.jets} {numbers[event]} in event {first + event}",
                f"a number of jets, at most {_MOST_JETS:,}",
                "name the right column by `index`",
            )
        jets = numbers.astype(np.int64)
        candidates = {name: one for name, one in block.items() if name in self._constituents}
        if not candidates:
            return _Event(jets)
        (leading, of_leading), *others = candidates.items()
        for name, one in others:
            self._require_equal(leading, of_leading.counts, name, one.counts, first)
        of_jet, of_candidate = (block[name] for name in self._pair)
        self._require_equal(self._pair[0], of_jet.counts, self._pair[1], of_candidate.counts, first)
        events = np.repeat(np.arange(len(jets)), of_jet.counts)
        sides = ((of_jet, jets, "jets"), (of_candidate, of_leading.counts, "candidates"))
        places = [
            self._places(name, one.values, events, most, what, first)
            for name, (one, most, what) in zip(self._pair, sides, strict=True)
        ]
        order = np.argsort(places[0], kind="stable")
        counts = np.bincount(places[0], minlength=int(jets.sum()))
        return _Event(jets, places[1][order], counts)

    def _places(
        self,
        name: str,
        numbers: np.ndarray,
        events: np.ndarray,
        most: np.ndarray,
        what: str,
        first: int,
    ) -> np.ndarray:
        """Give the places in a block of what has a number in its event, of `most` there."""
        wrong = ~((numbers >= 0) & (numbers < most[events]))
        if wrong.any():
            place = int(wrong.argmax())
            event = int(events[place])
            raise self._error(
                f"{name} {numbers[place]} in event {first + event} (counted from 0), which has "
                f"{most[event]} {what}; {np.count_nonzero(wrong)} of {len(numbers)} entries are so "
                "in these events",
                f"numbers of {what} in their event, from 0 on",
                "name the columns that belong together by `index` and `columns`, or make the file "
                "again",
            )
        return (np.cumsum(most) - most)[events] + numbers.astype(np.int64)

    def _of_jets(self, name: str, values: Any, event: _Event, first: int) -> Any:
        """Give a column's values with a row for each jet."""
        if name in self._constituents and event.candidates is not None:
            assert event.counts is not None
            return Jagged(values.values[event.candidates], event.counts)
        if not isinstance(values, Jagged):
            return np.repeat(values, event.jets, axis=0)
        if self._index:
            self._require_equal(self._index.jets, event.jets, name, values.counts, first)
        return values.values

    def _require_equal(
        self, name: str, counts: np.ndarray, other: str, others: np.ndarray, first: int
    ) -> None:
        if (unequal := counts != others).any():
            event = int(unequal.argmax())
            raise self._error(
                f"{counts[event]} of {name}, {others[event]} of {other} in event {first + event} "
                "(counted from 0)",
                "columns of the same jets, or of the same constituents",
                "name others in the layout, or make the file again",
            )

    def _error(self, found: str, expected: str, remedy: str) -> JetlineError:
        return JetlineError(self._where, found=found, expected=expected, remedy=remedy)


def _split(block: dict[str, Any], jets: int, rows: int) -> Iterator[dict[str, Any]]:
    """Give a block in pieces of at most so many jets."""
    if jets <= rows:
        if jets:
            yield block
        return
    ends = {
        name: np.concatenate([[0], np.cumsum(one.counts)])
        for name, one in block.items()
        if isinstance(one, Jagged)
    }
    for start in range(0, jets, rows):
        end = min(start + rows, jets)
        yield {
            name: Jagged(one.values[ends[name][start] : ends[name][end]], one.counts[start:end])
            if name in ends
            else one[start:end]
            for name, one in block.items()
        }
