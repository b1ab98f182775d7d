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
    """Parquet: a row of the table is a jet, a list its constituents; or it is an event of lists.

    A field of records, or of lists of records, is a column `list/field`.
    """

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
        #: Of each column what is read of the file, and the fields that lead to it.
        self._places: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.described: dict[str, Column] = {}
        with reading(path, _WHOLE):
            schema, rows = file.schema_arrow, file.metadata.num_rows
            leaves = [file.schema.column(number).path for number in range(len(file.schema))]
            first = 0
            whole = len(leaves) == sum(_leaves_of(field.type) for field in schema)
            for field in schema:
                for name, leaf, fields, dtype, shape in _columns_of(field.name, field.type, first):
                    self.described[name] = Column(dtype, shape, rows)
                    self._places[name] = (leaves[leaf] if whole and fields else field.name, fields)
                first += _leaves_of(field.type)

    def blocks(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        require_rows(self.described, names, self._path)
        read = list(dict.fromkeys(self._places[name][0] for name in names))
        batches = self._file.iter_batches(batch_size=rows, columns=read, use_threads=False)
        for batch in in_turn(batches, self._path, _WHOLE):
            block = {}
            with reading(self._path, _WHOLE):
                for name in names:
                    fields = self._places[name][1]
                    column = name.removesuffix("".join(f"/{field}" for field in fields))
                    block[name] = _values(batch.column(column), fields)
            yield block


def _columns_of(
    name: str,
    kind: Any,
    leaf: int,
    fields: tuple[str, ...] = (),
    shape: tuple[None, ...] = (),
) -> Iterator[tuple[str, int, tuple[str, ...], np.dtype, tuple[int | None, ...]]]:
    """Give name, number of the leaf, fields, dtype and shape of a row of columns of a field."""
    import pyarrow.types as types

    if types.is_struct(kind):
        for number in range(kind.num_fields):
            child = kind.field(number)
            path = (*fields, child.name)
            yield from _columns_of(f"{name}/{child.name}", child.type, leaf, path, shape)
            leaf += _leaves_of(child.type)
    elif (types.is_list(kind) or types.is_large_list(kind)) and not _type_of(kind):
        yield from _columns_of(name, kind.value_type, leaf, fields, (*shape, None))
    elif told := _type_of(kind):
        yield name, leaf, fields, told[0], (*shape, *told[1])


def _leaves_of(kind: Any) -> int:
    """Count what a field is split into in the file."""
    fields = [kind.field(number) for number in range(kind.num_fields)]
    return sum(_leaves_of(field.type) for field in fields) if fields else 1


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


def _values(column: Any, fields: tuple[str, ...] = ()) -> Any:
    """Give (n, ...) array or `Jagged` of a column; a missing number becomes NaN."""
    import pyarrow.compute as pc
    import pyarrow.types as types

    kind = column.type
    if types.is_struct(kind):
        return _values(pc.struct_field(column, fields[0]), fields[1:])
    if types.is_dictionary(kind):
        column = column.dictionary_decode()
    if types.is_fixed_size_list(kind):
        return np.asarray(_values(column.flatten())).reshape(len(column), kind.list_size, -1)[
            ..., 0
        ]
    if types.is_list(kind) or types.is_large_list(kind):
        # A missing list counts as an empty one.
        counts = np.nan_to_num(column.value_lengths().to_numpy(zero_copy_only=False))
        return Jagged(_values(column.flatten(), fields), counts.astype(np.int64))
    if types.is_string(column.type) or types.is_large_string(column.type):
        return np.array(["" if text is None else text for text in column.to_pylist()], "U")
    return column.to_numpy(zero_copy_only=False)
