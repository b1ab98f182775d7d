"""One training, from its input files to its output files."""

from __future__ import annotations

import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import keras
import numpy as np

from jetline.core.classes import classes_in, count_by_class
from jetline.core.errors import JetlineError
from jetline.core.files import atomic, sha256_of, short_hash
from jetline.inputs.dataset import identity_of, open_dataset
from jetline.inputs.parts import Parts
from jetline.models.architecture import Network
from jetline.records.history import HISTORY, History
from jetline.records.statistics import Statistics
from jetline.records.training import TRAINING, StartedTraining, TrainingRecord, Weights
from jetline.training.checkpoint import Checkpoint
from jetline.training.chosen_jets import choose_jets
from jetline.training.circumstances import commit, rounding, versions
from jetline.training.numerics import numerics_in_force
from jetline.training.starting_point import StartingPoint
from jetline.training.trainers import TRAINERS
from jetline.training.trainers.trainer import Assignment

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from jetline.inputs.sample import JetSample
    from jetline.models.architecture import Architecture
    from jetline.training.trained import Trained


@dataclass(frozen=True)
class Request:
    """What to train, on what.

    Parameters
    ----------
    run, label, seed
        Name of the run, of the configuration's entry, and the training's seed.
    architecture : Architecture
        The entry's settings.
    dataset : str
        Name of the dataset.
    shards : list of Path
        Shards of the dataset's files, in its order.
    parts, statistics : Path
        The split of the dataset, and the statistics of its training part.
    code : str
        Version of the code that trains.
    checkpoint_minutes : float
        Time after which to save within an epoch.
    start : Path, optional
        Weights to start from, where the settings say so.
    fold : int, optional
        Which fold the split is of, from 0, where there are folds.
    """

    run: str
    label: str
    seed: int
    architecture: Architecture
    dataset: str
    shards: list[Path]
    parts: Path
    statistics: Path
    code: str
    checkpoint_minutes: float = 10
    start: Path | None = None
    fold: int | None = None


class Tracker(Protocol):
    """Where a training is tracked."""

    run_id: str | None

    def epoch(self, row: dict[str, float]) -> None:
        """Log one row of the history."""


def run_training(
    request: Request,
    device: str,
    folder: Path,
    checkpoints: Path,
    start_tracking: Callable[[StartedTraining], AbstractContextManager[Tracker]],
) -> None:
    """Train, and write ``model.keras``, ``history.csv`` and, last, ``training.json``.

    Parameters
    ----------
    request : Request
        What to train, on what.
    device : str
        What the training runs on.
    folder : Path
        The training's folder.
    checkpoints : Path
        Folder of all the checkpoints of this label and seed; each lies under the hash of all that
        decides the training, so that none is ever continued with other settings or data.
    start_tracking : callable
        Given what is known of the training, gives a context with the tracker of its epochs, which
        is told how the training ends.

    Raises
    ------
    JetlineError
        If a shard is damaged or of another file than was split, or the statistics are of other
        shards or another split.
    """
    prepared = prepare(request, device)
    checkpoint = Checkpoint(checkpoints / prepared.started.key)
    with checkpoint.locked():
        with start_tracking(prepared.started) as tracker:
            asked = prepared.assignment(request, checkpoint, tracker)
            trained = TRAINERS[request.architecture.trainer]().train(asked)
            write_training(trained, prepared.started, tracker, Path(folder))
        checkpoint.remove()


class Prepared(NamedTuple):
    """What a training begins with.

    Parameters
    ----------
    started : StartedTraining
        What is known of it.
    training, validation : JetSample
        Its jets.
    statistics : dict
        Content of ``statistics.json``.
    start : StartingPoint or None
        Weights to start from.
    """

    started: StartedTraining
    training: JetSample
    validation: JetSample
    statistics: dict[str, Any]
    start: StartingPoint | None

    def assignment(self, request: Request, checkpoint: Checkpoint, tracker: Tracker) -> Assignment:
        """Give what a trainer is asked for."""
        return Assignment(
            architecture=request.architecture,
            seed=request.seed,
            training=self.training,
            validation=self.validation,
            statistics=self.statistics,
            start=self.start,
            checkpoint=checkpoint,
            checkpoint_minutes=request.checkpoint_minutes,
            on_epoch=tracker.epoch,
        )


def prepare(request: Request, device: str) -> Prepared:
    """Open the jets of a training, and describe it; raises as `run_training` does."""
    split = Parts.read(request.parts)
    shards = list(open_dataset(request.shards, split))
    statistics = Statistics.read(request.statistics)
    if statistics.made_of != identity_of([shard.manifest for shard in shards], split):
        raise JetlineError(
            str(request.statistics),
            found="statistics of other shards, or of another split",
            expected=f"those of the shards that are given, split as {request.parts} says",
            remedy=Statistics.remedy,
        )
    classes = classes_in(statistics.inputs)
    training, validation = choose_jets(
        shards, split, request.architecture.training_jets, request.seed, classes
    )
    start = _start_of(request)
    started = _started(request, device, start, training, validation, classes)
    return Prepared(started, training, validation, statistics.inputs, start)


def _start_of(request: Request) -> StartingPoint | None:
    """Find where a training starts.

    Raises
    ------
    JetlineError
        If the settings and the command do not agree whether it starts from given weights.
    """
    settings = (
        request.architecture.start_from if isinstance(request.architecture, Network) else None
    )
    if (settings is None) != (request.start is None):
        raise JetlineError(
            "--start",
            found=f"{request.start}, and start_from {settings and settings.model_dump()}",
            expected="both, or neither",
            remedy="give the command that the workflow has printed",
        )
    if settings is None or request.start is None:
        return None
    return StartingPoint(settings, request.start, sha256_of(request.start))


def _started(
    request: Request,
    device: str,
    start: StartingPoint | None,
    training: JetSample,
    validation: JetSample,
    classes: tuple[str, ...],
) -> StartedTraining:
    """Describe what is known before the training starts."""
    architecture, manifests = request.architecture, [shard.manifest for shard in training.shards]
    settings = architecture.model_dump(mode="json")
    decisive = {
        "run": request.run,
        "label": request.label,
        "seed": request.seed,
        "settings": settings,
        "dataset": request.dataset,
        "data": {
            "jets": [manifest.source.sha256 for manifest in manifests],
            "shards": [
                {name: array.xxh3_128 for name, array in manifest.arrays.items()}
                for manifest in manifests
            ],
            "parts": sha256_of(request.parts),
        },
        "code": request.code,
        "classes": classes,
    }
    weights = Weights(file=str(start.weights), sha256=start.sha256) if start else None
    return StartedTraining(
        **decisive,
        # A checkpoint of one backend must not go on with another, which rounds otherwise.
        key=short_hash(
            decisive | {"backend": keras.backend.backend(), "start": weights and weights.sha256}
        ),
        start=weights,
        fold=request.fold,
        architecture=architecture.architecture,
        inputs=architecture.inputs,
        recipe=manifests[0].recipe,
        columns=training.columns,
        view=asdict(architecture.view) if architecture.view else None,
        # Of particles the model is told what it asks for, of images what the recipe shows.
        identity=settings.get("identity") or manifests[0].identity or "none",
        jets={
            "train": count_by_class(training.labels, classes),
            "validation": count_by_class(validation.labels, classes),
        },
        device=device,
        host=socket.gethostname(),
        slurm_job=os.environ.get("SLURM_JOB_ID"),
        versions=versions(),
        numerics=numerics_in_force() | rounding(architecture, device),
        commit=commit(),
    )


def _finished(started: StartedTraining, trained: Trained, run_id: str | None) -> TrainingRecord:
    """Add to a record what came of the training."""
    progress = trained.progress
    seconds = sum(row["seconds"] for row in progress.history)
    weights = trained.model.trainable_variables
    return TrainingRecord(
        **started.model_dump(),
        parameters=int(sum(np.prod(weight.shape) for weight in weights)),
        epochs=progress.epochs,
        best_epoch=progress.best_epoch,
        seconds=seconds,
        jets_per_second=started.training_jets * progress.epochs / seconds,
        waiting_share=progress.waited / seconds,
        mlflow_run_id=run_id,
    )


def write_training(
    trained: Trained, started: StartedTraining, tracker: Tracker, folder: Path
) -> None:
    """Write the files of a training, its record last."""
    write_model(trained.model, folder / "model.keras")
    History(trained.progress.history).write(folder / HISTORY)
    _finished(started, trained, tracker.run_id).write(folder / TRAINING)


def write_model(model: keras.Model, path: Path) -> None:
    """Write a model without optimiser and loss: at the name of our loss Keras elsewhere stops."""
    # What was never compiled, such as trees, has neither.
    plain = keras.Model(model.input, model.output, name=model.name) if model.compiled else model
    with atomic(path) as temporary:
        plain.save(temporary)
