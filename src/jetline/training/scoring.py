"""Scores of the user's own jets, directly from their files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from jetline.inputs.making import make_scratch_shards, read_inputs
from jetline.inputs.sample import JetSample
from jetline.jets.told_species import require_identity
from jetline.records.training import read_tagger, single_taggers
from jetline.training.fitting import require_fitting
from jetline.training.prediction import load_training, predictions_of, scores_of


def score_files(training: Path, jet_files: list[Path], output: Path) -> None:
    """Score every jet of some jet files, labelled or not, and write one prediction file.

    The score of a training in folds is the mean of those of its taggers.

    Parameters
    ----------
    training : Path
        Folder of the training.
    jet_files : list of Path
        Jet files; ``y`` may be missing.
    output : Path
        The prediction file, as `predict_test_part` writes it; unlabelled jets have label 255.

    Raises
    ------
    JetlineError
        If a file is not valid, or tells less of species than the tagger is told.
    """
    record = read_tagger(training)
    taggers = [(folder, *load_training(folder)) for folder in single_taggers(training)]
    for path in jet_files:
        require_identity(path, record.identity)
    inputs = read_inputs(record.inputs, record.recipe)
    with tempfile.TemporaryDirectory(prefix="jetline-") as temporary:
        shards = make_scratch_shards(inputs, jet_files, Path(temporary), record.classes)
        sample = JetSample.choose(shards, [np.arange(len(shard)) for shard in shards])
        for folder, model, of_tagger in taggers:
            require_fitting(folder, model, of_tagger, sample)
        scores = [scores_of(model, of_tagger, sample) for _, model, of_tagger in taggers]
        mean = scores[0] if len(scores) == 1 else np.mean(scores, axis=0, dtype=np.float64)
        files = [str(path) for path in jet_files]
        predictions_of(np.asarray(mean, np.float32), record, sample, files).write(output)
