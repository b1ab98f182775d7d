"""Further columns of jet files, a number for each jet, which are carried to its scores."""

from __future__ import annotations

import contextlib
import difflib
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.containers import CONTAINERS
from jetline.jets.formats.laid_out import LaidOutFormat
from jetline.jets.layouts.events import EventColumns
from jetline.jets.layouts.selection import Selection, require_place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from jetline.jets.containers.container import Column, Columns
    from jetline.jets.layouts.layout import Layout
    from jetline.jets.reading import JetFile

#: Columns that an error names.
_NAMED = 40

#: Rows that are looked at at a time.
_ROWS = 100_000


@dataclass(frozen=True)
class CarriedColumns:
    """Columns of one jet file.

    Parameters
    ----------
    path : Path
        The file.
    layout : Layout, str or None
        What the columns of the file are.
    rows : int
        Jets of the file, those included that the layout leaves out.
    kept : (n_rows,) bool array or None
        Which jets are not left out; None for all.
    selections : dict of Selection
        What is read, by the name that it is carried under.
    dtypes : dict of dtype
        Of the numbers, in the byte order of the machine, likewise.
    """

    path: Path
    layout: Layout | str | None
    rows: int
    kept: np.ndarray | None
    selections: dict[str, Selection]
    dtypes: dict[str, np.dtype]

    @classmethod
    def of(cls, jets: JetFile, names: Sequence[str], classes: Sequence[str]) -> CarriedColumns:
        """Find columns in a jet file, and look through them once.

        Parameters
        ----------
        jets : JetFile
            The file.
        names : sequence of str
            As the file has them; ``[2]`` after a name picks a number of an array for each jet.
            Of a file of events, what is of the event is each jet's.
        classes : sequence of str
            Names of the classes, to which jets may have to belong.

        Raises
        ------
        JetlineError
            If the file has no such column, or not one number of at most 8 bytes for each jet.
        """
        kept = None
        if not _is_archive(jets.path, jets.layout):
            kept = LaidOutFormat.kept_of(jets.path, jets.layout, classes)
        rows = len(jets) if kept is None else len(kept)
        selections, dtypes = {}, {}
        if names:
            with _opened(jets.path, jets.layout) as (columns, in_table):
                of_rows = rows if in_table is None else in_table
                for name in names:
                    selection = _selected(name, columns.described, of_rows, str(jets.path))
                    kind = columns.described[selection.columns[0]].dtype
                    selections[carried_as(name)] = selection
                    dtypes[carried_as(name)] = kind.newbyteorder("=")
        found = cls(jets.path, jets.layout, rows, kept, selections, dtypes)
        for _ in found.blocks(_ROWS):
            pass
        return found

    @property
    def places(self) -> np.ndarray:
        """Index in the file of each jet that is not left out, (n_jets,) int64."""
        return np.arange(self.rows) if self.kept is None else np.flatnonzero(self.kept)

    def blocks(self, rows: int) -> Iterator[dict[str, np.ndarray]]:
        """Give the numbers of consecutive jets that are not left out.

        Parameters
        ----------
        rows : int
            Jets in each block but the last.

        Yields
        ------
        dict of (rows,) arrays
            By the names that they are carried under.

        Raises
        ------
        JetlineError
            If numbers are missing, or the file has changed.
        """
        if not self.selections:
            yield from ({} for _ in range(0, len(self.places), rows))
            return
        waiting = {name: np.empty(0, dtype) for name, dtype in self.dtypes.items()}
        first = 0
        with _opened(self.path, self.layout) as (columns, _):
            names = list(dict.fromkeys(one.columns[0] for one in self.selections.values()))
            for block in columns.blocks(names, rows):
                read = {name: one.values(block, 2) for name, one in self.selections.items()}
                end = first + len(next(iter(read.values())))
                kept = slice(None) if self.kept is None else self.kept[first:end]
                for name, values in read.items():
                    self._require_numbers(name, values, first)
                    waiting[name] = np.concatenate([waiting[name], values[kept]])
                while len(next(iter(waiting.values()))) >= rows:
                    yield {name: values[:rows] for name, values in waiting.items()}
                    waiting = {name: values[rows:] for name, values in waiting.items()}
                first = end
        if first != self.rows:
            _refuse(
                str(self.path),
                f"{first} rows, of which {self.rows} were counted before",
                "a file that does not change while it is read",
                "wait until it is whole, and start again",
            )
        if len(next(iter(waiting.values()))):
            yield waiting

    def _require_numbers(self, name: str, values: np.ndarray, first: int) -> None:
        """Refuse whole numbers some of which are missing: the others would become inexact."""
        if values.dtype.newbyteorder("=") == self.dtypes[name]:
            return
        jet = first + next(
            (n for n, one in enumerate(values.tolist()) if one is None or one != one), 0
        )
        _refuse(
            f"{self.path}, column {name}, which is carried",
            f"no number for jet {jet} (counted from 0)",
            f"{self.dtypes[name]}, a number for each jet",
            "fill in what is missing, such as by -1, or do not carry the column",
        )


def carried_as(name: str) -> str:
    """Tell under which name a column is carried: no path, and no brackets."""
    return re.sub(r"\[(\d+)\]$", r"_\1", name).replace("/", "_")


def require_names(names: Sequence[str], taken: Collection[str]) -> None:
    """Refuse to carry columns under one name, or under one that scores have.

    Parameters
    ----------
    names : sequence of str
        Of the columns.
    taken : collection of str
        Names that are taken.

    Raises
    ------
    JetlineError
        If a name is taken, or occurs twice.
    """
    given = [carried_as(name) for name in names]
    for place, name in enumerate(given):
        if name in taken or name in given[:place]:
            twice = "a name that scores have themselves" if name in taken else "a name given twice"
            _refuse(
                f"--carry {names[place]}",
                twice,
                f"names other than {', '.join(sorted(taken))}, each once",
                "leave it out, or rename the column in the file",
            )


def common_dtypes(files: Sequence[CarriedColumns]) -> dict[str, np.dtype]:
    """Find for each column the type that holds the numbers of all files, every bit of them.

    Raises
    ------
    JetlineError
        If there is none: whole numbers in one file, fractions in another.
    """
    common: dict[str, np.dtype] = {}
    for name, first in files[0].dtypes.items():
        kinds = [one.dtypes[name] for one in files]
        common[name] = np.result_type(*kinds)
        if (common[name].kind == "f") != all(kind.kind == "f" for kind in kinds):
            other = next(one for one in files if one.dtypes[name].kind != first.kind)
            _refuse(
                f"column {name}, which is carried",
                f"{first} in {files[0].path}, {other.dtypes[name]} in {other.path}",
                "one type, or types of which one holds the numbers of all",
                "write the column in the same type, or score the files apart",
            )
    return common


def _is_archive(path: Path, layout: Layout | str | None) -> bool:
    """Whether a file is an `.npz` in the benchmark's form."""
    return layout is None and zipfile.is_zipfile(path)


@contextlib.contextmanager
def _opened(path: Path, layout: Layout | str | None) -> Iterator[tuple[Columns, int | None]]:
    """Open a jet file as columns whose rows are jets; if it has events, how many."""
    if _is_archive(path, layout):
        with CONTAINERS["npz"].opened(path, None) as columns:
            yield columns, None
        return
    with LaidOutFormat.columns_of(path, layout) as (columns, resolved, _):
        leading = resolved.quantities[resolved.leading].columns[0]
        events = isinstance(columns, EventColumns)
        yield columns, resolved.described[leading].rows if events else None


def _selected(name: str, described: Mapping[str, Column], rows: int, where: str) -> Selection:
    """Find a column that has one number for each jet."""
    fitting = [one for one, column in described.items() if not _fault(column, column.shape, rows)]
    has = ", ".join(fitting[:_NAMED]) + (", ..." if len(fitting) > _NAMED else "")
    expected = f"a column with a number for each of {rows:,} jets"
    expected += f": {has}" if has else ", of which the file has none"
    selection = Selection.of(name.removesuffix("?"), described)
    if selection is None or len(selection.columns) > 1:
        near = difflib.get_close_matches(name, fitting, n=1)
        _refuse(
            f"{where}, --carry",
            f"no column {name!r}",
            expected,
            f"did you mean {near[0]}?" if near else "name it as the file does",
        )
    require_place(where, selection, described)
    column = described[selection.columns[0]]
    row = selection.row_shape(described, 2)
    if fault := _fault(column, row, rows):
        array = row and None not in row and not _fault(column, (), rows)
        remedy = f"name one of them, such as {name}[0]" if array else "name another column"
        _refuse(f"{where}, --carry", f"{name}, {fault}", expected, remedy)
    return selection


def _fault(column: Column, row: tuple[int | None, ...], rows: int) -> str:
    """Tell why a column, of which a row has a shape, cannot be carried; empty if it can."""
    if column.rows != rows:
        return f"which has {column.rows:,} rows, for {rows:,} jets"
    if column.dtype.kind not in "fiub" or column.dtype.itemsize > 8:
        told = "text" if column.dtype.kind in "US" else column.dtype
        return f"which is {told}, not real numbers of at most 8 bytes"
    if row:
        return f"which has {'a list' if None in row else 'several numbers'} for each jet"
    return ""


def _refuse(where: str, found: str, expected: str, remedy: str) -> NoReturn:
    raise JetlineError(where, found=found, expected=expected, remedy=remedy)
