"""Tables of a shard: one Parquet file with named columns, a row a jet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jetline.core.files import atomic

if TYPE_CHECKING:
    from pathlib import Path


def write_table(path: Path, columns: list[str], values: np.ndarray) -> None:
    """Write a table atomically.

    Parameters
    ----------
    path : Path
        The Parquet file.
    columns : list of str
        Names of the columns.
    values : (n_jets, n_columns) array
        One row a jet.
    """
    table = pa.table(dict(zip(columns, np.ascontiguousarray(values.T), strict=True)))
    with atomic(path) as temporary:
        # Measured values do not repeat, so that a dictionary of them would save nothing.
        pq.write_table(table, temporary, compression="zstd", use_dictionary=False)


def read_table(path: Path) -> tuple[list[str], np.ndarray]:
    """Names of the columns, and the values (n_jets, n_columns).

    Raises
    ------
    OSError, ValueError
        If the file is missing, or no table of numbers.
    """
    # By a path of our own, because Arrow takes a missing file for an empty data set.
    with path.open("rb") as stream:
        table = pq.read_table(stream)
    if not table.column_names:
        raise ValueError("no columns")
    return table.column_names, np.stack([column.to_numpy() for column in table.columns], axis=1)
