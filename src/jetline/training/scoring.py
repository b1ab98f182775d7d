"""Scores of the user's own jets, directly from their files."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.making import make_scratch_shards, read_inputs
from jetline.inputs.sample import JetSample
from jetline.jets.carried import CarriedColumns, common_dtypes, require_names
from jetline.jets.told_features import require_features
from jetline.jets.told_species import require_identity
from jetline.records.training import read_tagger, single_taggers
from jetline.training.fitting import further_of, require_fitting
from jetline.training.prediction import load_training, scores_of
from jetline.training.score_tables.choosing import score_table_of
from jetline.training.score_tables.score_table import ScoredBlock, ScoredJets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.jets.reading import JetFile

#: Jets scored at a time: some MB of scores, whatever the file.
_BLOCK = 100_000


def score_files(
    training: Path,
    jet_files: Sequence[JetFile],
    output: Path,
    carry: Sequence[str] = (),
) -> None:
    """Score every jet of some jet files, labelled or not, in their order, and write one file.

    One jet file after the other is prepared in a temporary folder, which has room for its jets
    without padding. The score of a training in folds is the mean of those of its taggers.

    Parameters
    ----------
    training : Path
        Folder of the training.
    jet_files : sequence of JetFile
        Jets, labelled or not.
    output : Path
        ``.npz``, ``.parquet``, ``.root`` or ``.h5``: a row a jet, with ``file``, ``jet`` (its index
        in the file), ``label`` and ``score``, of the signal, or of more than two classes
        ``score_<class>``, and what is carried. It is whole or not there.
    carry : sequence of str
        Further columns, which each file has, with a number for each jet.

    Raises
    ------
    JetlineError
        If the tagger or a jet file cannot be read, they do not go together, a file tells less of
        species than the tagger is told or lacks further features that it takes, or a column
        cannot be carried.
    """
    table = score_table_of(output)
    record = read_tagger(training)
    scored = ScoredJets(record, tuple(_name(jets.path) for jets in jet_files))
    require_names(carry, table.taken(scored))
    carried = [CarriedColumns.of(jets, carry, record.classes) for jets in jet_files]
    scored = replace(scored, carried=common_dtypes(carried))
    taggers = [(folder, *load_training(folder)) for folder in single_taggers(training)]
    for jets in jet_files:
        require_identity(jets.path, record.identity, jets.layout)
        require_features(str(jets.path), jets.feature_names, further_of(record))
    inputs = read_inputs(record.inputs, record.recipe)
    with table.written(output, scored) as write:
        for number, (jets, columns) in enumerate(zip(jet_files, carried, strict=True)):
            places = columns.places
            with tempfile.TemporaryDirectory(prefix="jetline-") as temporary:
                (shard,) = make_scratch_shards(
                    inputs, [jets.path], Path(temporary), record.classes, jets.layout
                )
                _require_same(jets.path, len(shard), len(places))
                starts = range(0, len(shard), _BLOCK)
                for start, values in zip(starts, columns.blocks(_BLOCK), strict=True):
                    rows = np.arange(start, min(start + _BLOCK, len(shard)))
                    sample = JetSample.choose([shard], [rows])
                    for folder, model, of_tagger in taggers:
                        require_fitting(folder, model, of_tagger, sample)
                    scores = [scores_of(model, one, sample) for _, model, one in taggers]
                    # Of a single one it is the score itself, to the last bit.
                    mean = np.asarray(np.mean(scores, axis=0, dtype=np.float64), np.float32)
                    write(ScoredBlock(number, places[rows], sample.labels, mean, values))


def _require_same(path: Path, jets: int, before: int) -> None:
    """Refuse a file that has another number of jets than when it was opened."""
    if jets != before:
        raise JetlineError(
            str(path),
            found=f"{jets} jets, of which {before} were counted before",
            expected="a file that does not change while it is read",
            remedy="wait until it is whole, and start again",
        )


def _name(path: Path) -> str:
    """Give a path as text that every file can hold, whatever bytes it has."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
