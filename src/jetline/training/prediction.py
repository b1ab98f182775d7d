"""Scores of a trained tagger."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import read_json
from jetline.inputs.shards import open_shard
from jetline.inputs.split import TEST, Parts
from jetline.models import register_layers
from jetline.models.architecture import ParticleView
from jetline.records.predictions import Predictions
from jetline.training.batches import Batches, JetSample

register_layers()


def jit_compile(view: ParticleView | None) -> bool | str:
    """What Keras is told by this name: whether XLA compiles a model's steps.

    Left to Keras but for particles on TensorFlow, whose XLA compiles anew for each of the few
    dozen shapes that occur, far longer than a step takes; one graph runs on all of them as fast.

    Parameters
    ----------
    view : ParticleView or None
        For particles: what the model is given of them.
    """
    return False if view and keras.backend.backend() == "tensorflow" else "auto"


def quark_scores(
    model: keras.Model, sample: JetSample, batch_size: int, view: ParticleView | None
) -> np.ndarray:
    """Quark probability of each jet.

    Parameters
    ----------
    model : keras.Model
        Ends in a softmax over (gluon, quark).
    sample : JetSample
        The jets; labels are not used.
    batch_size : int
        Jets in one step.
    view : ParticleView or None
        For particles: what the model is given of them.

    Returns
    -------
    (n_jets,) float32 array
    """
    batches = Batches(sample, np.arange(len(sample)), batch_size, view)
    return model.predict(batches.stream(), verbose=0)[: len(sample), 1]


def load_training(training: Path) -> tuple[keras.Model, dict]:
    """Model and ``training.json`` of a training's folder.

    Raises
    ------
    JetlineError
        If one is missing.
    """
    path = training / "model.keras"
    facts = read_json(training / "training.json")
    try:
        model = keras.saving.load_model(path, compile=False)
        model.compile(jit_compile=jit_compile(facts["view"]))
        return model, facts
    except (OSError, ValueError) as error:
        raise JetlineError(
            str(path),
            found=f"no readable model ({str(error).splitlines()[0]})",
            expected="a model saved by `jetline train`",
            remedy="run the training again",
        ) from None


def predict_test_part(
    training: Path, shards: dict[str, list[Path]], parts: dict[str, Path], output: Path
) -> None:
    """Score the test part of each dataset, and write one prediction file each.

    Parameters
    ----------
    training : Path
        Folder of the training.
    shards : dict
        Dataset to the shards of its files, in its order.
    parts : dict
        Dataset to its split.
    output : Path
        Folder; ``<dataset>.npz`` has labels uint8, scores float32, jets int64 (index within the
        file), files int32 (which of file_names), file_names.
    """
    model, facts = load_training(training)
    for dataset, folders in shards.items():
        split = Parts.read(parts[dataset])
        rows = [np.flatnonzero(part == TEST) for part in split.parts]
        sample = JetSample.choose([open_shard(folder) for folder in folders], rows)
        write_scores(output / f"{dataset}.npz", model, facts, sample, split.files)


def write_scores(
    path: Path, model: keras.Model, facts: dict, sample: JetSample, files: list[str]
) -> None:
    """Score the jets of a sample and write the prediction file.

    Raises
    ------
    JetlineError
        If they are tables of other observables than the model was trained on.
    """
    if sample.columns != facts.get("columns"):
        raise JetlineError(
            str(sample.shards[0].folder),
            found=f"observables {', '.join(sample.columns or ['none'])}",
            expected=", ".join(facts.get("columns") or ["none"]),
            remedy="train again: this version of jetline measures other observables",
        )
    view = ParticleView(**facts["view"]) if facts["view"] else None
    scores = quark_scores(model, sample, facts["settings"]["batch_size"], view)
    Predictions.of(sample.labels, scores, sample.row, sample.shard, files).write(path)
