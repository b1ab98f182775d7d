"""Scores of the user's own jets, directly from their files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from jetline.inputs.making import make_scratch_shards, read_inputs
from jetline.inputs.sample import JetSample
from jetline.jets.formats.laid_out import LaidOutFormat
from jetline.jets.told_species import require_identity
from jetline.records.training import read_tagger, single_taggers
from jetline.training.fitting import require_fitting
from jetline.training.prediction import load_training, scores_of
from jetline.training.score_tables.choosing import score_table_of
from jetline.training.score_tables.score_table import ScoredBlock, ScoredJets

#: Jets scored at a time: some MB of scores, whatever the file.
_BLOCK = 100_000


def score_files(training: Path, jet_files: list[Path], output: Path, layout: Any = None) -> None:
    """Score every jet of some jet files, labelled or not, in their order, and write one file.

    One jet file after the other is prepared in a temporary folder, which has room for its jets
    without padding. The score of a training in folds is the mean of those of its taggers.

    Parameters
    ----------
    training : Path
        Folder of the training.
    jet_files : list of Path
        Jet files; ``y`` may be missing.
    output : Path
        ``.npz``, ``.parquet``, ``.root`` or ``.h5``: a row a jet, with ``file``, ``jet`` (its index
        in the file), ``label`` and ``score``, of the signal, or of more than two classes
        ``score_<class>``. It is whole or not there.
    layout : Layout or str, optional
        What the columns of the files are; chosen by them if left out.

    Raises
    ------
    JetlineError
        If the tagger or a jet file cannot be read, they do not go together, or a file tells less of
        species than the tagger is told.
    """
    table = score_table_of(output)
    record = read_tagger(training)
    taggers = [(folder, *load_training(folder)) for folder in single_taggers(training)]
    for path in jet_files:
        require_identity(path, record.identity, layout)
    inputs = read_inputs(record.inputs, record.recipe)
    scored = ScoredJets(record, tuple(map(str, jet_files)))
    with table.written(output, scored) as write:
        for number, path in enumerate(jet_files):
            with tempfile.TemporaryDirectory(prefix="jetline-") as temporary:
                (shard,) = make_scratch_shards(
                    inputs, [path], Path(temporary), record.classes, layout
                )
                in_file = _places(path, layout, len(shard))
                for start in range(0, len(shard), _BLOCK):
                    rows = np.arange(start, min(start + _BLOCK, len(shard)))
                    sample = JetSample.choose([shard], [rows])
                    for folder, model, of_tagger in taggers:
                        require_fitting(folder, model, of_tagger, sample)
                    scores = [scores_of(model, one, sample) for _, model, one in taggers]
                    # Of a single one it is the score itself, to the last bit.
                    mean = np.asarray(np.mean(scores, axis=0, dtype=np.float64), np.float32)
                    write(ScoredBlock(number, in_file[rows], sample.labels, mean))


def _places(path: Path, layout: Any, jets: int) -> np.ndarray:
    """Give the index in the file of each jet that is scored: some may be left out."""
    if getattr(layout, "empty_jets", "") == "drop":
        kept = LaidOutFormat.kept_of(path, layout)
        if kept is not None:
            return np.flatnonzero(kept)
    return np.arange(jets)
