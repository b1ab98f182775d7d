"""Padded constituents, made block by block of the columns of a file."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.containers.container import Jagged, require_rows
from jetline.jets.layouts.flat import Flat, flat_constituents
from jetline.jets.layouts.labels import class_numbers, class_of_file
from jetline.jets.layouts.momenta import momenta
from jetline.jets.layouts.species import from_flags, representatives

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jetline.jets.containers.container import Columns
    from jetline.jets.layouts.resolved import Resolved
    from jetline.jets.layouts.selection import Selection

#: Rows of a block of columns, and its bytes where they are known.
_ROWS = 5000
_BLOCK_BYTES = 2**26


class LaidOutRows:
    """The constituents of a file by a layout, as `jetline.jets.formats.jet_format.Rows`.

    Parameters
    ----------
    path : Path
        The file, for errors.
    columns : Columns
        Of the opened file.
    resolved : Resolved
        What is read for what.
    classes : sequence of str or None
        Names of the classes by number, where they are known.
    first : int, optional
        Read only about so many jets, and nothing of the others.

    Attributes
    ----------
    labels : (n_jets,) array or None
        Numbers of classes as far as the layout tells them.
    carried : dict of (n_jets,) arrays
        Further columns.
    identity : str
        What the blocks that have been given tell of species at most: none, experimental or full.
    left_out : int
        Jets without constituents, where the layout leaves them out.
    kept : (n_jets + left_out,) bool array
        Which are not left out.

    Raises
    ------
    JetlineError
        If columns do not go together, or labels are of no class.
    """

    def __init__(
        self,
        path: Path,
        columns: Columns,
        resolved: Resolved,
        classes: Sequence[str] | None,
        first: int | None = None,
    ) -> None:
        self._path, self._columns, self._resolved = path, columns, resolved
        self._first = first
        self._offsets = self._read_offsets()
        kinds = {"pdg_id": "full", "flags": "experimental", "none": "none"}
        self.identity = kinds[resolved.species]
        row_bytes = sum(
            int(np.prod([length or 64 for length in described.shape])) * described.dtype.itemsize
            for described in (resolved.described[name] for name in self._names())
        )
        self._fitting = _BLOCK_BYTES // max(1, row_bytes)
        used = [resolved.described[one.columns[0]].dtype for one in resolved.quantities.values()]
        exact = all(dtype.kind in "bf" and dtype.itemsize <= 4 for dtype in used[:4])
        #: Single precision where the momenta have no more.
        self.dtype = np.dtype(np.float32 if exact else np.float64)
        largest = self._first_pass(classes)
        self.shape = (self._n_jets, largest, 4)

    def blocks(self, rows: int) -> Iterator[np.ndarray]:
        """Give padded constituents (n, M, 4) of consecutive jets."""
        names, first = self._names(), 0
        for block in self._read(names, rows):
            # A number that a damaged file makes too large is refused afterwards, by its jet.
            with np.errstate(over="ignore", invalid="ignore"):
                flat = self._flat(block, first)
                padded = self._padded(self._without_empty(flat, first), first)
            first += len(flat.counts)
            if len(padded):
                yield padded
        if first != self._n_jets + self.left_out and self._first is None:
            raise self._error(
                f"{first} jets, of which {self._n_jets} were counted before",
                "a file that does not change while it is read",
                "wait until it is whole, and start again",
            )

    # How the file is read

    def _selections(self) -> dict[str, Selection]:
        one = self._resolved
        marked = {"mask": one.mask, "count": one.count}
        return one.quantities | {name: place for name, place in marked.items() if place}

    def _names(self) -> list[str]:
        return _columns_of(self._selections().values())

    def _read_offsets(self) -> np.ndarray | None:
        """Read where the constituents of each jet begin, if the layout says so."""
        if (place := self._resolved.offsets) is None:
            return None
        read = self._columns.blocks(place.columns, _ROWS)
        offsets = np.concatenate([block[place.columns[0]] for block in read]).astype(np.int64)
        particles = require_rows(
            self._resolved.described,
            _columns_of(self._resolved.of_constituents.values()),
            self._path,
        )
        if len(offsets) < 2 or (np.diff(offsets) < 0).any() or offsets[-1] > particles:
            raise self._error(
                f"{place.columns[0]} of {len(offsets)} places, up to {offsets.max(initial=0)}",
                f"rising places, of each jet's first constituent and of the end, up to {particles}",
                "name the right column by `offsets`",
            )
        return offsets

    def _read(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        """Give blocks of columns, or the first alone."""
        blocks = self._blocks(names, max(1, min(rows, _ROWS, self._fitting, self._first or rows)))
        return blocks if self._first is None else itertools.islice(blocks, 1)

    def _blocks(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        """Give blocks of columns; constituents that stand one after the other as `Jagged`."""
        if self._offsets is None:
            yield from self._columns.blocks(names, rows)
            return
        slices = getattr(self._columns, "slices", None)
        if slices is None:
            raise self._error(
                "constituents of all jets one after the other",
                "an HDF5 file",
                "write lists instead",
            )
        flat = set(_columns_of(self._resolved.of_constituents.values()))
        constituents = [name for name in names if name in flat]
        of_jets = [name for name in names if name not in flat]
        offsets = self._offsets
        for start in range(0, len(offsets) - 1, rows):
            end = min(start + rows, len(offsets) - 1)
            counts = np.diff(offsets[start : end + 1])
            block = slices(constituents, int(offsets[start]), int(offsets[end]))
            block = {name: Jagged(values, counts) for name, values in block.items()}
            yield block | slices(of_jets, start, end)

    def _first_pass(self, classes: Sequence[str] | None) -> int:
        """Count the jets, read labels and what is carried; give the largest multiplicity."""
        one = self._resolved
        leading = one.quantities[one.leading]
        length = None if self._offsets is not None else one.row_shape(leading)[-1:]
        if length == ():
            raise self._error(
                f"{leading.columns[0]} with one number for each jet",
                "a list, or an array, of each jet's constituents",
                "name columns of constituents in the layout",
            )
        drop = one.layout.empty_jets == "drop"
        counted = length is None or length[0] is None or drop
        selections = {"": leading} if counted else {}
        selections |= self._selections() if drop else {}
        selections |= {f"carry {name}": place for name, place in one.carry.items()}
        if one.label:
            selections["label"] = one.label
        # Without any of them the number of rows is known.
        self._n_jets = one.described[leading.columns[0]].rows
        if self._offsets is not None:
            self._n_jets = len(self._offsets) - 1
        found: dict[str, list[np.ndarray]] = {name: [] for name in selections}
        filled: list[np.ndarray] = []
        largest = 0 if counted else int((length or (0,))[0] or 0)
        if selections:
            n_jets = 0
            for block in self._read(_columns_of(selections.values()), _ROWS):
                for name, place in selections.items():
                    values = place.values(block, one.features)
                    rows = len(values)
                    if name == "label" or name.startswith("carry "):
                        found[name].append(np.array(values))
                    elif not name and not drop:
                        largest = max(largest, int(values.counts.max(initial=0)))
                if drop:
                    counts = self._flat(block, n_jets).counts
                    largest = max(largest, int(counts.max(initial=0)))
                    filled.append(counts > 0)
                n_jets += rows
            self._n_jets = n_jets
        kept = np.concatenate(filled) if filled else np.ones(self._n_jets, bool)
        self.kept = kept
        self.left_out = len(kept) - int(kept.sum())
        self._n_jets -= self.left_out
        self.carried = {
            name.removeprefix("carry "): np.concatenate(parts)[kept]
            for name, parts in found.items()
            if name.startswith("carry ") and parts
        }
        self.labels = self._labels(found.get("label"), kept, classes)
        return largest

    def _labels(
        self, found: list[np.ndarray] | None, kept: np.ndarray, classes: Sequence[str] | None
    ) -> np.ndarray | None:
        one = self._resolved
        if found:
            assert one.label
            where = f"{self._path}, labels {', '.join(one.label.columns)[:80]}"
            values = np.concatenate(found)[kept]
            return class_numbers(values, one.label.columns, one.layout, classes, where)
        if one.layout.label_of_file:
            number = class_of_file(self._path.name, one.layout.label_of_file, classes)
            return np.full(self._n_jets, number, np.uint8)
        return None

    # How jets are made of it

    def _without_empty(self, flat: Flat, first: int) -> Flat:
        empty = flat.counts == 0
        if empty.any() and self._resolved.layout.empty_jets == "refuse":
            raise self._error(
                f"a jet without constituents: jet {first + int(empty.argmax())} (counted from 0; "
                f"{np.count_nonzero(empty)} of {len(empty)} jets from {first} on are)",
                "one constituent or more",
                "write `empty_jets: drop` into the layout, which leaves them out",
            )
        return Flat(flat.quantities, flat.counts[flat.counts > 0])

    def _flat(self, block: dict[str, Any], first: int) -> Flat:
        one = self._resolved
        values = {
            name: place.values(block, one.features) for name, place in self._selections().items()
        }
        return flat_constituents(values, one, f"{self._path}, jets from {first} on")

    def _padded(self, flat: Flat, first: int) -> np.ndarray:
        layout = self._resolved.layout
        pt, rapidity, phi = momenta(
            flat.quantities,
            mev=layout.units == "MeV",
            degrees=layout.angles == "degrees",
            relative=layout.relative,
        )
        self._require_sense(pt, flat.counts, first)
        ids = self._ids(flat)
        n, most = len(flat.counts), self.shape[1]
        padded = np.zeros((n, most, 4), self.dtype)
        present = np.arange(most) < flat.counts[:, None]
        padded[present] = np.stack([pt, rapidity, phi, ids], axis=-1)
        return padded

    def _ids(self, flat: Flat) -> np.ndarray:
        n = int(flat.counts.sum())
        if self._resolved.species == "pdg_id":
            column = self._resolved.quantities["pdg_id"].columns[0]
            ids, exact = representatives(flat.quantities["pdg_id"], f"{self._path}, {column}")
            self.identity = self.identity if exact else "experimental"
            return ids
        return from_flags(flat.quantities, n) if self._resolved.species == "flags" else np.zeros(n)

    def _require_sense(self, pt: np.ndarray, counts: np.ndarray, first: int) -> None:
        """Refuse what stands for padding, and is not said to."""
        bad = np.isnan(pt) | (pt < 0)
        if not bad.any():
            return
        place = int(bad.argmax())
        jet = first + int(np.searchsorted(np.cumsum(counts), place, side="right"))
        text = "nan" if np.isnan(pt[place]) else f"{pt[place]:g}"
        raise self._error(
            f"pT {text} in jet {jet} (counted from 0)",
            "pT > 0, or padding as the layout says, now "
            f"`padding: {self._resolved.layout.padding}`",
            f"if that stands for padding, write `padding: {text}` into the layout",
        )

    def _error(self, found: str, expected: str, remedy: str) -> JetlineError:
        where = f"{self._path}, layout {self._resolved.name}"
        return JetlineError(where, found=found, expected=expected, remedy=remedy)


def _columns_of(selections: Any) -> list[str]:
    return list(dict.fromkeys(name for place in selections for name in place.columns))
