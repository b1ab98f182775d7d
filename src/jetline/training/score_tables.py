"""Scores of jets as they are written, block by block: to an ``.npz`` or a Parquet file."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.classes import UNLABELLED
from jetline.core.errors import JetlineError
from jetline.core.files import atomic
from jetline.records.predictions import Predictions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jetline.records.training import ForeignTagger, TrainingRecord

    Tagger = TrainingRecord | ForeignTagger
    #: Takes number of the file, index of each jet in it, labels and scores.
    Write = Callable[[int, np.ndarray, np.ndarray, np.ndarray], None]


def require_kind(output: Path) -> None:
    """Refuse to write scores in a format that is none of ours.

    Raises
    ------
    JetlineError
        If the name ends otherwise than a format's.
    """
    if output.suffix not in (".npz", ".parquet"):
        raise JetlineError(
            f"--output {output}",
            found=f"a name that ends in {output.suffix}" if output.suffix else "a name of no kind",
            expected="scores.npz or scores.parquet, which decides the format",
            remedy="change the end of the name",
        )


@contextlib.contextmanager
def scores_written(output: Path, record: Tagger, files: list[str]) -> Iterator[Write]:
    """Give what writes the scores of some jets behind those before; the file is whole or not there.

    Parameters
    ----------
    output : Path
        ``.npz``, as `Predictions` writes it, or ``.parquet``: a row a jet, with ``file``, ``jet``
        (its index in the file), ``label`` (null without one) and ``score``, of the signal, or
        of more than two classes ``score_<class>``. The file's metadata names tagger and classes.
    record : TrainingRecord or ForeignTagger
        The tagger.
    files : list of str
        Names of the jet files.
    """
    with (_parquet if output.suffix == ".parquet" else _npz)(output, record, files) as write:
        yield write


@contextlib.contextmanager
def _npz(output: Path, record: Tagger, files: list[str]) -> Iterator[Write]:
    parts: list[tuple[np.ndarray, ...]] = []

    def write(number: int, jets: np.ndarray, labels: np.ndarray, scores: np.ndarray) -> None:
        parts.append((labels, scores, jets, np.full(len(jets), number)))

    yield write
    labels, scores, jets, numbers = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    told: Any = {"training": record.key, "classes": record.classes}
    Predictions.of(labels, scores, jets, numbers, files, **told).write(output)


@contextlib.contextmanager
def _parquet(output: Path, record: Tagger, files: list[str]) -> Iterator[Write]:
    # Only now: pyarrow takes half a second to import.
    import pyarrow as pa
    import pyarrow.parquet as pq

    two = len(record.classes) == 2
    names = ["score"] if two else [f"score_{name}" for name in record.classes]
    kinds = [("file", pa.dictionary(pa.int32(), pa.string())), ("jet", pa.int64())]
    kinds += [("label", pa.uint8()), *((name, pa.float32()) for name in names)]
    told = {"tagger": record.label, "training": record.key, "classes": json.dumps(record.classes)}
    schema = pa.schema(kinds, metadata=told)
    with atomic(output) as temporary, pq.ParquetWriter(temporary, schema) as writer:

        def write(number: int, jets: np.ndarray, labels: np.ndarray, scores: np.ndarray) -> None:
            numbers = pa.array(np.full(len(jets), number, np.int32))
            columns = [
                pa.DictionaryArray.from_arrays(numbers, pa.array(files)),
                pa.array(jets),
                pa.array(labels, mask=labels == UNLABELLED),
                *map(pa.array, scores.reshape(len(jets), -1).T),
            ]
            writer.write_table(pa.table(columns, schema=schema))

        yield write
