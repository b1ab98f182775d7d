"""The MLflow run of a training: what it is told, and completed once the tagger is evaluated."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric

from jetline.core.errors import JetlineError
from jetline.core.files import write_json
from jetline.records.evaluation import EvaluationRecord
from jetline.records.history import HISTORY, History
from jetline.records.training import TRAINING, StartedTraining, TrainingRecord, single_taggers
from jetline.tracking.address import masked, tracking_uri
from jetline.tracking.client import connect, start
from jetline.tracking.model import log_tagger
from jetline.tracking.outages import reachable
from jetline.tracking.runs import (
    DESCRIPTION,
    KEY,
    PARENT,
    Described,
    again_after_races,
    create,
    fill_in,
    log_numbers,
    parent_of,
    tags_of,
    tested_metrics,
)
from jetline.tracking.tables import figures_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import mlflow
    from mlflow.entities import Run


def described(training: StartedTraining, parent: str | None) -> Described:
    """Give what the run of a training is told before its first epoch.

    Parameters
    ----------
    training : StartedTraining
        The training.
    parent : str or None
        Id of the run of its comparison, if there is one already.
    """
    # Each its own, so that a table of runs can be sorted by it.
    recipe = training.settings.get("training") or {}
    recipe = {f"training.{name}": value for name, value in recipe.items()}
    own = {name: value for name, value in training.settings.items() if name != "training"}
    parameters = (
        own
        | recipe
        | {
            "architecture": training.architecture,
            "inputs": training.inputs,
            "identity": training.identity,
            "label": training.label,
            "seed": training.seed,
            "dataset": training.dataset,
            "run": training.run,
            "training_jets": training.training_jets,
        }
    )
    if training.fold is not None:
        parameters["fold"] = training.fold
    kind = "training" if training.fold is None else "fold"
    tags = tags_of(kind, training.key, training.run, training.label) | {
        PARENT: parent,
        "jetline.device": training.device,
        "mlflow.source.git.commit": training.commit,
    }
    name = f"{training.run}/{training.label}/seed-{training.seed}"
    if training.fold is not None:
        name += f"/fold-{training.fold}"
    return Described(name, tags, parameters, [_jets(training)])


def _jets(training: StartedTraining) -> DatasetInput:
    """Describe what is trained on: the same for the same jets, whatever is made of them."""
    content = json.dumps([training.data.jets, training.data.parts]).encode()
    dataset = Dataset(
        name=training.dataset,
        digest=hashlib.sha256(content).hexdigest()[:16],
        source_type="jet files",
        # Databases hold 64 kB here: of many files the hashes alone, not each file's.
        source=json.dumps({"files": len(training.data.jets), "sha256": training.data.jets[:500]}),
        profile=json.dumps(training.jets),
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])


def log_epochs(client: mlflow.MlflowClient, run_id: str, rows: Iterable[dict[str, float]]) -> None:
    """Log rows of a history, their epochs as the steps; those that are there already are not."""
    if not (rows := list(rows)):
        return
    logged = {one.step for one in client.get_metric_history(run_id, "validation_loss")}
    now = int(time.time() * 1000)
    metrics = [
        Metric(name, float(row[name]), now, int(row["epoch"]))
        for row in rows
        if int(row["epoch"]) not in logged
        for name in row
        if name != "epoch"
    ]
    # MLflow takes 1,000 at once.
    for first in range(0, len(metrics), 800):
        chunk = metrics[first : first + 800]
        again_after_races(partial(client.log_batch, run_id, metrics=chunk))


def complete(
    results: Path,
    training: Path,
    evaluations: list[Path],
    draw: Callable[[Path], None],
    output: Path,
) -> None:
    """Complete a finished training's run with all that it lacks; create it if it does not exist.

    It gets its epochs, parameters, tags and dataset, final metrics, a description, pictures,
    records, and the tagger as a model that takes raw jets. What is there is not logged again. The
    runs of its folds, if it has some, become its children.

    Parameters
    ----------
    results : Path
        The results folder.
    training : Path
        The training's folder.
    evaluations : list of Path
        Its evaluations' folders, one a test dataset.
    draw : callable
        Draws the pictures of the training into a folder.
    output : Path
        JSON file to write: tracking address and run id.

    Raises
    ------
    JetlineError
        If MLflow cannot be reached, or an evaluation is of another training.
    """
    record = TrainingRecord.read(training / TRAINING)
    history = History.read(training / HISTORY)
    evaluated = [EvaluationRecord.read(folder / "metrics.json") for folder in evaluations]
    for folder, evaluation in zip(evaluations, evaluated, strict=True):
        _require_evaluation_of(record, evaluation, folder, training)
    with tempfile.TemporaryDirectory(prefix="jetline-") as temporary:
        draw(Path(temporary))
        with reachable(results):
            client = connect(results)
            run = _completed(client, results, record, history, evaluated)
            run_id = run.info.run_id
            client.log_artifacts(run_id, temporary, "pictures")
            for folder, evaluation in zip(evaluations, evaluated, strict=True):
                client.log_artifacts(run_id, str(folder), f"evaluation/{evaluation.dataset}")
            for name in (HISTORY, TRAINING):
                client.log_artifact(run_id, str(training / name))
            model = log_tagger(client, run, training)
            if record.folds:
                _adopt_folds(client, run, training)
            client.set_terminated(run_id, "FINISHED")
    told = {"tracking_uri": masked(tracking_uri(results)), "run_id": run_id, "model_id": model}
    write_json(output, told)


def _adopt_folds(client: mlflow.MlflowClient, run: Run, training: Path) -> None:
    """Put the runs of a training's folds below its own."""
    for folder in single_taggers(training):
        record = TrainingRecord.read(folder / TRAINING)
        told = described(record, run.info.run_id)
        fold = _tracked_run(client, run.info.experiment_id, record, told)
        log_epochs(client, fold.info.run_id, History.read(folder / HISTORY).rows)
        client.set_terminated(fold.info.run_id, "FINISHED")


def _require_evaluation_of(
    record: TrainingRecord, evaluation: EvaluationRecord, folder: Path, training: Path
) -> None:
    if evaluation.training != record.key:
        raise JetlineError(
            str(folder),
            found=f"the evaluation of another training (key {evaluation.training})",
            expected=f"that of {training} (key {record.key})",
            remedy="predict and evaluate again: the tagger was trained again since",
        )


def _completed(
    client: mlflow.MlflowClient,
    results: Path,
    record: TrainingRecord,
    history: History,
    evaluated: list[EvaluationRecord],
) -> Run:
    """Find the training's run, or make one, and tell it all but files."""
    experiment = start(results)
    parent = parent_of(client, experiment, record.run)
    told = described(record, parent)
    tested = {one.dataset: one.figures for one in evaluated}
    told.tags[DESCRIPTION] = (
        f"**{record.label}**, seed {record.seed}: {record.architecture} on {record.inputs}, "
        f"{record.parameters:,} parameters, trained on {record.training_jets:,} jets of "
        f"{record.dataset}; {_epochs(record)}.\n\n"
        f"{figures_table(tested, record.classes)}\n\n"
        "Errors: from the test sample (68 %, bootstrap)."
    )
    if parent:
        link = f"#/experiments/{experiment}/runs/{parent}"
        told.tags[DESCRIPTION] += f"\n\n[The comparison, with its report]({link})"
    run = _tracked_run(client, experiment, record, told)
    log_epochs(client, run.info.run_id, history.rows)
    numbers: dict[str, float] = {
        "parameters": record.parameters,
        "best_epoch": record.best_epoch,
        "best_validation_loss": fmean(one.best_validation_loss for one in record.folds)
        if record.folds
        else history.rows[record.best_epoch - 1]["validation_loss"],
        "jets_per_second": record.jets_per_second,
    }
    for dataset, figures in tested.items():
        numbers |= tested_metrics(dataset, figures)
    log_numbers(client, run, numbers)
    return run


def _epochs(record: TrainingRecord) -> str:
    """Tell how long a training took, or those of its folds."""
    if not record.folds:
        return f"best of {record.epochs} epochs: {record.best_epoch}"
    return f"{len(record.folds)} folds, each jet scored by the tagger of one that has not seen it"


def _tracked_run(
    client: mlflow.MlflowClient, experiment: str, training: TrainingRecord, told: Described
) -> Run:
    """Find the run that the training logged to; where tracking was down, or is new, another one."""
    found = client.search_runs([experiment], f"tags.`{KEY}` = '{training.key}'")
    own = [run for run in found if run.info.run_id == training.mlflow_run_id]
    if not found:
        return create(client, experiment, told)
    return fill_in(client, (own or found)[0], told)
