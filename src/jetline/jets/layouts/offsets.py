"""Jets of files that have the constituents of all jets one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.containers.container import Columns, Jagged, require_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jetline.jets.layouts.resolved import Resolved

#: Places that are read at once.
_ROWS = 5000


class OffsetColumns(Columns):
    """Columns whose rows are jets, by the places of their first constituents.

    Parameters
    ----------
    path : Path
        The file, for errors.
    columns : Columns
        Of the opened file.
    resolved : Resolved
        What is read for what, with a column of places.

    Raises
    ------
    JetlineError
        If the places do not rise, lie beyond the constituents, or the file's rows cannot be read
        from any place on.
    """

    def __init__(self, path: Path, columns: Columns, resolved: Resolved) -> None:
        place = resolved.offsets
        assert place
        where = f"{path}, layout {resolved.name}"
        slices = getattr(columns, "slices", None)
        if slices is None:
            raise JetlineError(
                where,
                found="constituents of all jets one after the other",
                expected="an HDF5 file",
                remedy="write lists instead",
            )
        self._slices = slices
        self._constituents = resolved.columns_of_constituents
        read = columns.blocks(place.columns, _ROWS)
        offsets = np.concatenate([block[place.columns[0]] for block in read]).astype(np.int64)
        particles = require_rows(resolved.described, self._constituents, path)
        rising = len(offsets) > 1 and offsets[0] >= 0 and (np.diff(offsets) >= 0).all()
        if not rising or offsets[-1] > particles:
            raise JetlineError(
                where,
                found=f"{place.columns[0]} of {len(offsets)} places, up to "
                f"{offsets.max(initial=0)}",
                expected="rising places, of each jet's first constituent and of the end, up to "
                f"{particles}",
                remedy="name the right column by `offsets`",
            )
        self._offsets = offsets
        jets = len(offsets) - 1
        flat = {name: resolved.described[name] for name in self._constituents}
        self.described = {
            **resolved.described,
            **{n: replace(one, shape=(None, *one.shape), rows=jets) for n, one in flat.items()},
        }

    def blocks(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        """Give consecutive jets, as `Columns.blocks` does."""
        constituents = [name for name in names if name in self._constituents]
        of_jets = [name for name in names if name not in self._constituents]
        offsets = self._offsets
        for start in range(0, len(offsets) - 1, rows):
            end = min(start + rows, len(offsets) - 1)
            counts = np.diff(offsets[start : end + 1])
            flat = self._slices(constituents, int(offsets[start]), int(offsets[end]))
            block = {name: Jagged(values, counts) for name, values in flat.items()}
            yield block | self._slices(of_jets, start, end)
