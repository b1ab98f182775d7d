"""What of a column a layout means: all of it, one feature, or every so many of its numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.containers.container import Jagged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jetline.jets.containers.container import Column

_PLACE = re.compile(r"(.+)\[(\d*)(:\d*)?(:[1-9]\d*)?\]")


@dataclass(frozen=True)
class Selection:
    """A column, or several side by side, and what of it is meant.

    Parameters
    ----------
    columns : tuple of str
        Names in the file; several are stacked along a last axis.
    place : int, slice or None
        Which of the features; None for all.
    """

    columns: tuple[str, ...]
    place: int | slice | None = None

    @classmethod
    def of(cls, text: str, described: Mapping[str, Column]) -> Selection | None:
        """Find what a layout names among the columns of a file; None if it has no such."""
        name = text.removesuffix("?")
        if name in described:
            return cls((name,))
        if "*" in name:
            return cls(found) if (found := _numbered(name, described)) else None
        if (match := _PLACE.fullmatch(name)) and match[1] in described:
            return cls((match[1],), _place(match))
        return None

    def row_shape(self, described: Mapping[str, Column], features: int) -> tuple[int | None, ...]:
        """Tell the shape of one row of what is meant; `features` as in `values`."""
        row = described[self.columns[0]].shape
        if len(self.columns) > 1:
            row = (*row, len(self.columns))
        if self.place is None or not row:
            return row
        axis = min(features, len(row)) - 1
        if isinstance(self.place, int):
            return (*row[:axis], *row[axis + 1 :])
        length = row[axis]
        picked = None if length is None else len(range(length)[self.place])
        return (*row[:axis], picked, *row[axis + 1 :])

    def values(self, block: Mapping[str, Any], features: int) -> Any:
        """Give what is meant of the columns of a block.

        Parameters
        ----------
        block : mapping
            (n, ...) array or `Jagged` by name.
        features : int
            Axis of the features, 1 or 2, of arrays with three axes; of two it is the last.
        """
        if len(self.columns) > 1:
            return np.stack([block[name] for name in self.columns], axis=-1)
        values = block[self.columns[0]]
        if self.place is None:
            return values
        if isinstance(values, Jagged):
            return Jagged(values.values[:, self.place], values.counts)
        axis = min(features, values.ndim - 1)
        return values[(slice(None),) * axis + (self.place,)]


def _place(match: re.Match[str]) -> int | slice:
    if match[3] is None and match[4] is None:
        return int(match[2] or 0)
    parts = [match[2], (match[3] or ":")[1:], (match[4] or ":")[1:]]
    return slice(*(int(part) if part else None for part in parts))


def _numbered(pattern: str, names: Mapping[str, Column]) -> tuple[str, ...]:
    """Find the columns of a pattern: by their numbers, or else in the order of the file."""
    form = re.compile(re.escape(pattern).replace(r"\*", "(.+)"))
    found = {name: match[1] for name in names if (match := form.fullmatch(name))}
    if all(part.isdigit() for part in found.values()):
        return tuple(sorted(found, key=lambda name: int(found[name])))
    return tuple(found)


def require_place(where: str, selection: Selection, described: Mapping[str, Column]) -> None:
    """Refuse a feature that an array does not have.

    Raises
    ------
    JetlineError
        Names the file and the column.
    """
    if (place := selection.place) is None:
        return
    column = described[selection.columns[0]]
    lengths: Sequence[int | None] = column.shape
    numbers = [length for length in lengths if length is not None]
    out = isinstance(place, int) and place >= max(numbers, default=0)
    if not numbers or None in lengths or out:
        raise JetlineError(
            f"{where}, column {selection.columns[0]}",
            found=f"no feature {place} (counted from 0) in {column}"
            if isinstance(place, int)
            else f"no features in {column}",
            expected="an array with a last axis of features",
            remedy="correct the number in brackets",
        )
