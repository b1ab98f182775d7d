"""Scores of the user's own jets, directly from their files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from jetline.inputs.making import make_scratch_shards, read_inputs
from jetline.inputs.sample import JetSample
from jetline.training.fitting import require_fitting
from jetline.training.prediction import load_training, write_scores


def score_files(training: Path, jet_files: list[Path], output: Path) -> None:
    """Score every jet of some jet files, labelled or not, and write one prediction file.

    Parameters
    ----------
    training : Path
        Folder of the training.
    jet_files : list of Path
        Jet files; ``y`` may be missing.
    output : Path
        The prediction file, as `predict_test_part` writes it; unlabelled jets have label 255.
    """
    model, record = load_training(training)
    inputs = read_inputs(record.inputs, record.recipe)
    with tempfile.TemporaryDirectory(prefix="jetline-") as temporary:
        shards = make_scratch_shards(inputs, jet_files, Path(temporary))
        sample = JetSample.choose(shards, [np.arange(len(shard)) for shard in shards])
        require_fitting(training, model, record, sample)
        write_scores(output, model, record, sample, [str(path) for path in jet_files])
