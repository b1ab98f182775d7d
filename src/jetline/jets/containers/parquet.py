"""Parquet files: columns of numbers and of lists, as pandas, awkward and Arrow write them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from jetline.jets.containers.container import (
    Column,
    Columns,
    Container,
    Jagged,
    in_turn,
    reading,
    require_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_WHOLE = "a whole Parquet file"


class ParquetContainer(Container):
    """Parquet: a row of the table is a jet, a list its constituents."""

    endings: ClassVar = (".parquet", ".parq", ".pq")
    beginnings: ClassVar = (b"PAR1",)
    packages: ClassVar = ("pyarrow",)

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path, tree: str | None) -> Iterator[Columns]:  # noqa: ARG003
        """Open a file; there is one table in it."""
        import pyarrow.parquet as pq

        with reading(path, _WHOLE):
            # Pages are read as they are needed: a row group may be larger than the memory.
            file = pq.ParquetFile(path, pre_buffer=False, buffer_size=2**20)
        with file:
            yield _ParquetColumns(path, file)


class _ParquetColumns(Columns):
    def __init__(self, path: Path, file: Any) -> None:
        self._path, self._file = path, file
        with reading(path, _WHOLE):
            schema, rows = file.schema_arrow, file.metadata.num_rows
        self.described = {
            field.name: Column(*told, rows) for field in schema if (told := _type_of(field.type))
        }

    def blocks(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        require_rows(self.described, names, self._path)
        batches = self._file.iter_batches(batch_size=rows, columns=list(names), use_threads=False)
        for batch in in_turn(batches, self._path, _WHOLE):
            with reading(self._path, _WHOLE):
                block = {name: _values(batch.column(name)) for name in names}
            yield block


def _type_of(kind: Any) -> tuple[np.dtype, tuple[int | None, ...]] | None:
    """Give dtype and shape of one row of a column; None for what is neither number nor text."""
    import pyarrow.types as types

    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_fixed_size_list(kind):
        inner = _type_of(kind.value_type)
        return (inner[0], (kind.list_size, *inner[1])) if inner else None
    if types.is_list(kind) or types.is_large_list(kind):
        inner = _type_of(kind.value_type)
        return (inner[0], (None, *inner[1])) if inner else None
    if types.is_string(kind) or types.is_large_string(kind):
        return np.dtype("U"), ()
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind):
        return np.dtype(kind.to_pandas_dtype()), ()
    return None


def _values(column: Any) -> Any:
    """Give (n, ...) array or `Jagged` of a column; a missing number becomes NaN."""
    import pyarrow.types as types

    kind = column.type
    if types.is_dictionary(kind):
        column = column.dictionary_decode()
    if types.is_fixed_size_list(kind):
        return np.asarray(_values(column.flatten())).reshape(len(column), kind.list_size, -1)[
            ..., 0
        ]
    if types.is_list(kind) or types.is_large_list(kind):
        # A missing list counts as an empty one.
        counts = np.nan_to_num(column.value_lengths().to_numpy(zero_copy_only=False))
        values = _values(column.flatten())
        if isinstance(values, Jagged):
            raise ValueError("lists of lists of numbers")
        return Jagged(values, counts.astype(np.int64))
    if types.is_string(column.type) or types.is_large_string(column.type):
        return np.array(["" if text is None else text for text in column.to_pylist()], "U")
    return column.to_numpy(zero_copy_only=False)
