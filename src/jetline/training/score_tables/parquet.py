"""Scores as a Parquet table."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import UNLABELLED
from jetline.core.files import atomic
from jetline.training.score_tables.score_table import ScoreTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jetline.training.score_tables.score_table import ScoredBlock, ScoredJets


class ParquetScores(ScoreTable):
    """A table whose column ``file`` has names, and ``label`` null where there is none."""

    @classmethod
    @contextlib.contextmanager
    def written(cls, output: Path, scored: ScoredJets) -> Iterator[Callable[[ScoredBlock], None]]:
        """Write each block as a row group."""
        # Only now: pyarrow takes half a second to import.
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = [("file", pa.dictionary(pa.int32(), pa.string())), ("jet", pa.int64())]
        kinds += [("label", pa.uint8()), *((name, pa.float32()) for name in scored.score_columns)]
        kinds += [(name, pa.from_numpy_dtype(dtype)) for name, dtype in scored.carried.items()]
        schema = pa.schema(kinds, metadata=scored.told)
        with atomic(output) as temporary, pq.ParquetWriter(temporary, schema) as writer:

            def write(block: ScoredBlock) -> None:
                numbers = pa.array(np.full(len(block), block.file, np.int32))
                columns = [
                    pa.DictionaryArray.from_arrays(numbers, pa.array(scored.files)),
                    pa.array(block.jets),
                    pa.array(block.labels, mask=block.labels == UNLABELLED),
                    *map(pa.array, block.scores_of_columns),
                    *(block.carried[name].astype(kind) for name, kind in scored.carried.items()),
                ]
                writer.write_table(pa.table(columns, schema=schema))

            yield write
