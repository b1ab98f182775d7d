"""The taggers of all folds put together: every jet has the score of one that has not seen it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import sha256_of, short_hash
from jetline.records.history import COLUMNS, HISTORY, History
from jetline.records.predictions import Predictions
from jetline.records.training import TRAINING, Data, FoldRecord, TrainingRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: What the trainings of all folds have in common.
_SAME_FOR_ALL = (
    "run",
    "label",
    "seed",
    "dataset",
    "architecture",
    "inputs",
    "identity",
    "settings",
    "view",
    "recipe",
    "columns",
    "code",
)


def join_folds(
    trainings: Sequence[Path],
    predictions: Mapping[str, Sequence[Path]],
    validations: Sequence[Path],
    parts: Path,
    predicted: Path,
    output: Path,
) -> TrainingRecord:
    """Join the trainings of all folds of one label and seed, and what their taggers say.

    Writes into `predicted` a prediction file for each dataset and ``validation/scores.npz``, and
    into `output` the joint ``history.csv`` and, last, ``training.json``.

    Parameters
    ----------
    trainings : sequence of Path
        Folder of each fold's training, in their order.
    predictions : mapping
        Of each test dataset the prediction file of each fold. The test parts of the dataset which
        is trained on are put together; of another one, which no tagger has seen, the score is the
        mean of the taggers'.
    validations : sequence of Path
        Prediction file of each fold's validation part.
    parts : Path
        Split of the dataset that is trained on, of all folds together.
    predicted, output : Path
        Folders to write to.

    Raises
    ------
    JetlineError
        If a file is missing or broken, the trainings differ in more than the fold, scores are of
        another tagger, or test parts have a jet in common or are of other files.
    """
    records = [TrainingRecord.read(Path(folder) / TRAINING) for folder in trainings]
    histories = [History.read(Path(folder) / HISTORY) for folder in trainings]
    _require_folds(trainings, records)
    joint = joined_record(records, histories, sha256_of(parts))
    for dataset, files in predictions.items():
        read = _read(files, records)
        join = _put_together if dataset == joint.dataset else _mean
        join(read, files, joint.key).write(predicted / f"{dataset}.npz")
    validated = _put_together(_read(validations, records), validations, joint.key)
    validated.write(predicted / "validation" / "scores.npz")
    joined_history(histories).write(output / HISTORY)
    joint.write(output / TRAINING)
    return joint


def joined_record(
    records: Sequence[TrainingRecord], histories: Sequence[History], parts: str
) -> TrainingRecord:
    """Describe the trainings of all folds as one, given the SHA-256 of the split of them together.

    Its key is that of the folds' keys. Of the longest training are its epochs, so that what ended
    by its limit in one fold is said to have done so.
    """
    first = records[0]
    longest = max(records, key=lambda one: (one.epochs, one.best_epoch))
    seconds = sum(one.seconds for one in records)
    return first.model_copy(
        update={
            "fold": None,
            "start": None,
            "data": Data(jets=first.data.jets, shards=first.data.shards, parts=parts),
            "key": short_hash(["folds", *(one.key for one in records)]),
            "jets": {
                part: {
                    kind: round(fmean(one.jets[part][kind] for one in records)) for kind in classes
                }
                for part, classes in first.jets.items()
            },
            "device": _each(one.device for one in records),
            "host": _each(one.host for one in records),
            "slurm_job": None,
            "versions": {
                name: _each(one.versions.get(name, "none") for one in records)
                for name in first.versions
            },
            "numerics": {
                name: _each(one.numerics.get(name, "none") for one in records)
                for name in first.numerics
            },
            "commit": _each(one.commit for one in records if one.commit) or None,
            "parameters": round(fmean(one.parameters for one in records)),
            "epochs": longest.epochs,
            "best_epoch": longest.best_epoch,
            "seconds": seconds,
            "jets_per_second": sum(one.training_jets * one.epochs for one in records) / seconds,
            "waiting_share": sum(one.waiting_share * one.seconds for one in records) / seconds,
            "mlflow_run_id": None,
            "folds": [
                FoldRecord(
                    key=record.key,
                    epochs=record.epochs,
                    best_epoch=record.best_epoch,
                    best_validation_loss=history.rows[record.best_epoch - 1]["validation_loss"],
                    mlflow_run_id=record.mlflow_run_id,
                )
                for record, history in zip(records, histories, strict=True)
            ],
        }
    )


def joined_history(histories: Sequence[History]) -> History:
    """Take the mean of each epoch over the folds that have it."""
    by_epoch: dict[int, list[dict[str, float]]] = defaultdict(list)
    for history in histories:
        for row in history.rows:
            by_epoch[int(row["epoch"])].append(row)
    return History(
        [
            {name: fmean(row[name] for row in rows) for name in COLUMNS} | {"epoch": epoch}
            for epoch, rows in sorted(by_epoch.items())
        ]
    )


def _each(words: Iterable[str]) -> str:
    return ", ".join(sorted(set(words)))


def _require_folds(trainings: Sequence[Path], records: Sequence[TrainingRecord]) -> None:
    """Refuse trainings that are not those of all folds of one label and seed, in their order."""
    first = records[0]
    for number, (folder, record) in enumerate(zip(trainings, records, strict=True)):
        differing = [
            name for name in _SAME_FOR_ALL if getattr(record, name) != getattr(first, name)
        ]
        differing += [] if record.data.jets == first.data.jets else ["jet files"]
        if differing or record.fold != number:
            raise JetlineError(
                str(folder),
                found=f"{', '.join(differing)} unlike those of {trainings[0]}"
                if differing
                else f"the training of fold {record.fold}",
                expected=f"the training of fold {number}, which differs in the split alone",
                remedy="give the folds of one label and seed in their order; in the workflow, "
                "remove the older one and run it again",
            )


def _read(files: Sequence[Path], records: Sequence[TrainingRecord]) -> list[Predictions]:
    """Read the prediction file of each fold."""
    read = [Predictions.read(Path(file)) for file in files]
    for file, one, record in zip(files, read, records, strict=True):
        if one.training != record.key:
            raise JetlineError(
                str(file),
                found=f"scores by another tagger (key {one.training})",
                expected=f"scores by that of fold {record.fold} (key {record.key})",
                remedy="predict again: the tagger was trained again since, or give the files in "
                "the order of the folds",
            )
        if not np.array_equal(one.file_names, read[0].file_names):
            raise _others(file, files[0], "jet files")
    return read


def _put_together(read: Sequence[Predictions], files: Sequence[Path], key: str) -> Predictions:
    """Put scores of different jets of the same files one after the other, by file and jet."""
    arrays = {
        name: np.concatenate([getattr(one, name) for one in read]) for name in read[0].of_jets
    }
    order = np.lexsort((arrays["jets"], arrays["files"]))
    arrays = {name: array[order] for name, array in arrays.items()}
    twice = (np.diff(arrays["jets"]) == 0) & (np.diff(arrays["files"]) == 0)
    if twice.any():
        raise JetlineError(
            f"{files[0]} and those of the other folds",
            found=f"{np.count_nonzero(twice)} jets in more than one of them",
            expected="each jet in the part of one fold",
            remedy="split, train and predict again with one configuration",
        )
    whole: dict[str, Any] = dict(arrays)
    return replace(read[0], **whole, training=key)


def _mean(read: Sequence[Predictions], files: Sequence[Path], key: str) -> Predictions:
    """Take the mean of scores of the same jets."""
    first = read[0]
    for file, one in zip(files, read, strict=True):
        if not all(
            np.array_equal(getattr(one, name), getattr(first, name))
            for name in ("labels", "jets", "files")
        ):
            raise _others(file, files[0], "jets")
    scores = np.mean([one.scores for one in read], axis=0, dtype=np.float64)
    return replace(first, scores=np.asarray(scores, np.float32), training=key)


def _others(file: Path, first: Path, what: str) -> JetlineError:
    return JetlineError(
        str(file),
        found=f"scores of other {what} than {first}",
        expected=f"the same {what} for each fold",
        remedy="predict again with one configuration",
    )
