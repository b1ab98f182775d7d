"""Padded constituents, made block by block of the columns of a file."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.layouts.flat import Flat, flat_constituents
from jetline.jets.layouts.labels import class_numbers, class_of_file, of_a_class
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
        Of the opened file, whose rows are jets.
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
    kept : (n_rows,) bool array
        Which jets of the file are not left out.
    of_no_class : int
        Jets whose labels are of no class, likewise.
    other_labels : tuple of str
        Those labels.

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
        #: Of all jets of the file, which are of a class; None where all have to be.
        self._of_a_class: np.ndarray | None = None
        self.other_labels: tuple[str, ...] = ()
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
                padded = self._padded(self._chosen(flat, first), first)
            first += len(flat.counts)
            if len(padded):
                yield padded
        before = self._n_jets + self.left_out + self.of_no_class
        if first != before and self._first is None:
            raise self._error(
                f"{first} jets, of which {before} were counted before",
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

    def _read(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        """Give blocks of columns, or the first alone."""
        blocks = self._columns.blocks(
            names, max(1, min(rows, _ROWS, self._fitting, self._first or rows))
        )
        return blocks if self._first is None else itertools.islice(blocks, 1)

    def _first_pass(self, classes: Sequence[str] | None) -> int:
        """Count the jets, read labels and what is carried; give the largest multiplicity."""
        one = self._resolved
        leading = one.quantities[one.leading]
        length = one.row_shape(leading)[-1:]
        if not length:
            raise self._error(
                f"{leading.columns[0]} with one number for each jet",
                "a list, or an array, of each jet's constituents",
                "name columns of constituents in the layout",
            )
        drop = one.layout.empty_jets == "drop"
        selections = {"": leading} if length[0] is None or drop else {}
        selections |= self._selections() if drop else {}
        selections |= {f"carry {name}": place for name, place in one.carry.items()}
        if one.label:
            selections["label"] = one.label
        found: dict[str, list[np.ndarray]] = {name: [] for name in selections}
        counts: list[np.ndarray] = []
        # Without any of them the number of rows is known.
        n_jets = 0 if selections else one.described[leading.columns[0]].rows
        for block in self._read(_columns_of(selections.values()), _ROWS) if selections else ():
            for name, place in selections.items():
                values = place.values(block, one.features)
                rows = len(values)
                if name == "label" or name.startswith("carry "):
                    found[name].append(np.array(values))
                elif not name and not drop:
                    counts.append(values.counts)
            if drop:
                counts.append(self._flat(block, n_jets).counts)
            n_jets += rows
        read = {name: np.concatenate(parts) for name, parts in found.items() if parts}
        kept = np.ones(n_jets, bool)
        if "label" in read and one.layout.other_labels == "drop":
            kept, self.other_labels = self._known_labels(read["label"])
            self._of_a_class = kept
        self.of_no_class = n_jets - int(kept.sum())
        multiplicities = np.concatenate(counts) if counts else np.zeros(n_jets, np.int64)
        if drop:
            kept = kept & (multiplicities > 0)
        self.kept = kept
        self._n_jets = int(kept.sum())
        self.left_out = n_jets - self.of_no_class - self._n_jets
        self.carried = {
            name.removeprefix("carry "): values[kept]
            for name, values in read.items()
            if name.startswith("carry ")
        }
        self.labels = self._labels(read["label"][kept] if "label" in read else None, classes)
        return int(multiplicities[kept].max(initial=0)) if counts else int(length[0] or 0)

    def _known_labels(self, values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
        one = self._resolved
        assert one.label
        known, others = of_a_class(
            values, one.label.columns, one.layout.label_values, self._where_of_labels()
        )
        if not known.any():
            raise self._error(
                f"no jet of a class, but labels {', '.join(others[:20])}",
                f"labels {', '.join(one.layout.label_values)}",
                "name the right column by `label`, or its values by `label_values`",
            )
        return known, others

    def _where_of_labels(self) -> str:
        assert self._resolved.label
        return f"{self._path}, labels {', '.join(self._resolved.label.columns)[:80]}"

    def _labels(
        self, values: np.ndarray | None, classes: Sequence[str] | None
    ) -> np.ndarray | None:
        one = self._resolved
        if values is not None:
            assert one.label
            told = one.layout
            return class_numbers(values, one.label.columns, told, classes, self._where_of_labels())
        if one.layout.label_of_file:
            number = class_of_file(self._path.name, one.layout.label_of_file, classes)
            return np.full(self._n_jets, number, np.uint8)
        return None

    # How jets are made of it

    def _chosen(self, flat: Flat, first: int) -> Flat:
        """Leave out jets of no class and without constituents, as the layout says."""
        kept = np.ones(len(flat.counts), bool)
        if self._of_a_class is not None:
            kept = self._of_a_class[first : first + len(kept)]
        empty = kept & (flat.counts == 0)
        if empty.any() and self._resolved.layout.empty_jets == "refuse":
            raise self._error(
                f"a jet without constituents: jet {first + int(empty.argmax())} (counted from 0; "
                f"{np.count_nonzero(empty)} of {len(empty)} jets from {first} on are)",
                "one constituent or more",
                "write `empty_jets: drop` into the layout, which leaves them out",
            )
        kept = kept & ~empty
        if kept.all():
            return flat
        of_kept = np.repeat(kept, flat.counts)
        quantities = {quantity: values[of_kept] for quantity, values in flat.quantities.items()}
        return Flat(quantities, flat.counts[kept])

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
