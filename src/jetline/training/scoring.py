"""Scores of the user's own jets, directly from their files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from jetline.inputs.kinds.images.imaging import image_file
from jetline.inputs.kinds.images.recipe import Recipe
from jetline.inputs.kinds.observables import observe_file
from jetline.inputs.kinds.particles import flatten_file
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import open_shard
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
    kind, _, name = record.inputs.partition("/")
    with tempfile.TemporaryDirectory(prefix="jetline-") as temporary:
        shards = []
        for number, path in enumerate(jet_files):
            folder = Path(temporary) / str(number)
            if kind == "images":
                image_file(path, name, Recipe(**(record.recipe or {})), folder)
            elif kind == "observables":
                observe_file(path, folder)
            else:
                flatten_file(path, folder)
            shards.append(open_shard(folder, verify=False))
        sample = JetSample.choose(shards, [np.arange(len(shard)) for shard in shards])
        write_scores(output, model, record, sample, [str(path) for path in jet_files])
