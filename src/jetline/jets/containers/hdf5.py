"""HDF5 files: datasets, and the fields of compound ones, as h5py, pandas and salt write them."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from jetline.core.errors import JetlineError
from jetline.jets.containers.container import (
    LARGEST_PIECE,
    Column,
    Columns,
    Container,
    Jagged,
    reading,
    require_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_WHOLE = "a whole HDF5 file"


class Hdf5Container(Container):
    """HDF5: the first axis of each dataset counts the jets.

    Links to other files and pickled attributes are not followed; nothing is unpickled.
    """

    endings: ClassVar = (".h5", ".hdf5", ".hdf")
    beginnings: ClassVar = (b"\x89HDF\r\n\x1a\n",)
    packages: ClassVar = ("h5py", "hdf5plugin")

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path, tree: str | None) -> Iterator[Columns]:  # noqa: ARG003
        """Open a file; a dataset is named by its path in it."""
        import h5py
        import hdf5plugin  # noqa: F401 - the compressions that h5py alone cannot unpack

        with reading(path, _WHOLE):
            file = h5py.File(path, "r")
        with file:
            yield _Hdf5Columns(path, file)


class _Hdf5Columns(Columns):
    def __init__(self, path: Path, file: Any) -> None:
        self._path = path
        self.described: dict[str, Column] = {}
        #: Dataset of each column, and the field of it, or None.
        self._places: dict[str, tuple[Any, str | None]] = {}
        with reading(path, _WHOLE):
            # Neither soft links nor those to other files are visited.
            file.visititems(self._describe)

    def _describe(self, name: str, dataset: Any) -> None:
        shape = getattr(dataset, "shape", None)
        if not shape or dataset.external or dataset.is_virtual:
            return
        fields = dataset.dtype.fields
        members = fields and {f"{name}/{field}": (field, told[0]) for field, told in fields.items()}
        for column, (field, dtype) in (members or {name: (None, dataset.dtype)}).items():
            if told := _type_of(dtype):
                inner, row = told
                described = Column(inner, (*shape[1:], *row), shape[0])
                self.described[column], self._places[column] = described, (dataset, field)

    def blocks(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        n_rows = require_rows(self.described, names, self._path)
        for start in range(0, n_rows, rows):
            yield self.slices(names, start, min(start + rows, n_rows))

    def slices(self, names: Sequence[str], start: int, end: int) -> dict[str, Any]:
        """Give consecutive rows of columns, the fields of one dataset read at once."""
        together: dict[Any, list[str]] = {}
        for name in names:
            together.setdefault(self._places[name][0], []).append(name)
        block: dict[str, Any] = {}
        for dataset, columns in together.items():
            self._require_small(dataset)
            fields = [self._places[name][1] for name in columns]
            with reading(self._path, _WHOLE):
                if fields[0] is None:
                    read = {columns[0]: dataset[start:end]}
                else:
                    content = dataset.fields(fields)[start:end]
                    read = {name: content[f] for name, f in zip(columns, fields, strict=True)}
                block |= {name: _values(array) for name, array in read.items()}
        return block

    def _require_small(self, dataset: Any) -> None:
        """Refuse what can only be unpacked at once, and is larger than that may be."""
        shape = dataset.chunks or (1, *dataset.shape[1:])
        if (size := math.prod(shape) * dataset.dtype.itemsize) > LARGEST_PIECE:
            raise JetlineError(
                f"{self._path}, dataset {dataset.name.removeprefix('/')}",
                found=f"chunks of {size / 1e9:.1f} GB, which are unpacked at once",
                expected=f"at most {LARGEST_PIECE / 1e9:.1f} GB",
                remedy="write it again with smaller chunks, such as 1,000 jets",
            )


def _type_of(dtype: np.dtype) -> tuple[np.dtype, tuple[int | None, ...]] | None:
    """Give dtype and shape of one entry of a dataset; None for what is no number or text."""
    import h5py

    if h5py.check_string_dtype(dtype):
        return np.dtype("U"), ()
    if inner := h5py.check_vlen_dtype(dtype):
        return (np.dtype(inner), (None,)) if np.dtype(inner).kind in "fiub" else None
    if dtype.subdtype:
        return (dtype.base, dtype.shape) if dtype.base.kind in "fiub" else None
    return (dtype, ()) if dtype.kind in "fiub" else None


def _values(array: np.ndarray) -> Any:
    if array.dtype.kind == "S":
        return np.char.decode(array, "utf-8")
    if array.dtype.kind == "O" and isinstance(next(iter(array.flat), None), np.ndarray):
        counts = np.array([len(row) for row in array], np.int64)
        return Jagged(np.concatenate(list(array)), counts)
    if array.dtype.kind == "O":
        return np.array([t.decode() if isinstance(t, bytes) else str(t) for t in array], "U")
    return array
