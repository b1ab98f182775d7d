"""Predictions of a trained tagger, from files to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.core.files import sha256_of
from jetline.core.limits import limit_of
from jetline.inputs.dataset import sample_of_part
from jetline.inputs.parts import TEST, VALIDATION, Parts
from jetline.models import register_layers
from jetline.records.predictions import Predictions
from jetline.records.training import ForeignTagger, TrainingRecord, read_tagger, single_taggers
from jetline.training.fitting import require_fitting, require_scorable, view_of
from jetline.training.numerics import settle_products
from jetline.training.safe_loading import Refused, load_safely
from jetline.training.scores import class_scores, jit_compile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import keras
    import numpy as np

    from jetline.inputs.sample import JetSample

register_layers()


def load_training(training: Path) -> tuple[keras.Model, TrainingRecord | ForeignTagger]:
    """Load the model of a training's folder, and read its ``training.json``.

    Raises
    ------
    JetlineError
        If one is missing or says what cannot be, the model is of an earlier version that takes
        other tensors, or it holds what `load_safely` does not load: a stranger may have made both.
    """
    path = training / "model.keras"
    record = read_tagger(training)
    if len(single := single_taggers(training)) > 1:
        raise JetlineError(
            str(training),
            found=f"{len(single)} taggers together, one for each fold",
            expected="the folder of a single tagger",
            remedy=f"give that of a fold, such as {single[0]}",
        )
    require_scorable(training, record)
    try:
        model = load_safely(path)
    except Refused as error:
        if isinstance(error.__context__, OSError) and (limit := limit_of(error.__context__, path)):
            raise limit from None
        raise _unreadable(path, str(error)) from None
    settle_products(record.precision or "float32")
    view = view_of(record)
    if view and "counts" not in {tensor.name for tensor in model.inputs}:
        raise _unreadable(path, "a model of an earlier version, which takes other tensors")
    model.compile(jit_compile=jit_compile(view))
    return model, record


def _unreadable(path: Path, found: str) -> JetlineError:
    return JetlineError(
        str(path),
        found=found,
        expected="a model saved by `jetline train` of this version",
        remedy="run the training again",
    )


def predict_test_part(
    training: Path,
    shards: dict[str, list[Path]],
    parts: dict[str, Path],
    output: Path,
    validated: tuple[Path, Sequence[Path]] | None = None,
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
        file), files int32 (which of file_names), file_names, and the key of the training.
    validated : (Path, sequence of Path), optional
        Split of the dataset that the tagger was trained on, and the shards of its files: its
        validation part is scored too, into ``validation/scores.npz``. What is fitted to scores,
        such as a temperature, is fitted on these.

    Raises
    ------
    JetlineError
        If a shard is damaged or of another file than was split, or the dataset that the tagger
        was trained on is split otherwise than it was then.
    """
    model, record = load_training(training)

    def predict(split_file: Path, folders: Sequence[Path], part: int, name: str) -> None:
        split = Parts.read(split_file)
        sample = sample_of_part(folders, split, part)
        require_fitting(training, model, record, sample)
        write_scores(output / name, model, record, sample, split.files)

    if validated and isinstance(record, TrainingRecord):
        _require_same_split(record, record.dataset, validated[0])
    for dataset, folders in shards.items():
        _require_same_split(record, dataset, parts[dataset])
        predict(parts[dataset], folders, TEST, f"{dataset}.npz")
    if validated:
        predict(*validated, VALIDATION, "validation/scores.npz")


def _require_same_split(record: TrainingRecord | ForeignTagger, dataset: str, parts: Path) -> None:
    """Refuse to test on jets that another split of the same dataset has trained the tagger on."""
    if not isinstance(record, TrainingRecord) or dataset != record.dataset:
        return
    if sha256_of(parts) != record.data.parts:
        raise JetlineError(
            str(parts),
            found=f"another split of {dataset} than the tagger {record.label}, seed "
            f"{record.seed}, was trained with: its test part may have trained the tagger",
            expected="the split of the training",
            remedy="train again with this split, or give that of the training; another dataset of "
            "the same name needs another name",
        )


def write_scores(
    path: Path,
    model: keras.Model,
    record: TrainingRecord | ForeignTagger,
    sample: JetSample,
    files: list[str],
) -> None:
    """Score the jets of a sample and write the prediction file."""
    predictions_of(scores_of(model, record, sample), record, sample, files).write(path)


def scores_of(
    model: keras.Model, record: TrainingRecord | ForeignTagger, sample: JetSample
) -> np.ndarray:
    """Score the jets of a sample: as `Predictions.scores` are, float32."""
    scores = class_scores(model, sample, record.settings["batch_size"], view_of(record))
    return scores[:, 1] if len(record.classes) == 2 else scores


def predictions_of(
    scores: np.ndarray, record: TrainingRecord | ForeignTagger, sample: JetSample, files: list[str]
) -> Predictions:
    """Put the scores of a sample's jets, by that tagger, beside their labels."""
    return Predictions.of(
        sample.labels,
        scores,
        sample.row,
        sample.shard,
        files,
        training=record.key,
        classes=record.classes,
        weights=sample.weights,
    )
