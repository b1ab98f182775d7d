"""Further features of padded constituents, made block by block of the columns of a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.further import require_finite
from jetline.jets.layouts.flat import flat_constituents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jetline.jets.containers.container import Columns
    from jetline.jets.layouts.laid_out_rows import LaidOutRows
    from jetline.jets.layouts.resolved import Resolved

#: Rows of a block of columns.
_ROWS = 2000


class FurtherRows:
    """The features of a file's constituents, as `jetline.jets.formats.jet_format.Rows`.

    They are read in a pass of their own, with what tells constituents from padding.

    Parameters
    ----------
    path : Path
        The file, for errors.
    columns : Columns
        Of the opened file, whose rows are jets.
    resolved : Resolved
        What is read for what; it has further features.
    jets : LaidOutRows
        The constituents: their number, and which jets are left out.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, path: Path, columns: Columns, resolved: Resolved, jets: LaidOutRows) -> None:
        self._path, self._columns, self._jets = path, columns, jets
        self._further = {f"feature {name}": one for name, one in resolved.further.items()}
        marks = {q: one for q in (resolved.leading, "py") if (one := resolved.quantities.get(q))}
        self._resolved = replace(resolved, quantities=marks | self._further)
        told = {"mask": resolved.mask, "count": resolved.count}
        self._selections = self._resolved.quantities | {q: one for q, one in told.items() if one}
        self._places = [
            f"{path}, column {one.columns[0]} ({name})" for name, one in resolved.further.items()
        ]
        self.names = tuple(resolved.further)
        self.shape = (*jets.shape[:2], len(self.names))

    def blocks(self, rows: int) -> Iterator[np.ndarray]:
        """Give padded features (n, M, n_features) float32 of consecutive jets, 0 for padding.

        Raises
        ------
        JetlineError
            If a constituent has no finite number.
        """
        names = list(dict.fromkeys(n for one in self._selections.values() for n in one.columns))
        first = 0
        for block in self._columns.blocks(names, max(1, min(rows, _ROWS))):
            values = {
                name: place.values(block, self._resolved.features)
                for name, place in self._selections.items()
            }
            where = f"{self._path}, jets from {first} on"
            flat = flat_constituents(values, self._resolved, where)
            # What single precision cannot hold is refused below.
            with np.errstate(over="ignore", invalid="ignore"):
                features = np.stack(
                    [flat.quantities[name].astype(np.float32) for name in self._further], axis=-1
                )
            kept = self._jets.kept[first : first + len(flat.counts)]
            if len(kept) != len(flat.counts):
                break
            of_kept = np.repeat(kept, flat.counts)
            require_finite(
                self._places, np.where(of_kept[:, None], features, 0), flat.counts, first
            )
            first += len(kept)
            if kept.any():
                counts = flat.counts[kept]
                padded = np.zeros((len(counts), *self.shape[1:]), np.float32)
                padded[np.arange(self.shape[1]) < counts[:, None]] = features[of_kept]
                yield padded
        if first != len(self._jets.kept):
            raise JetlineError(
                str(self._path),
                found=f"another number of jets than the {len(self._jets.kept)} counted before",
                expected="a file that does not change while it is read",
                remedy="wait until it is whole, and start again",
            )
