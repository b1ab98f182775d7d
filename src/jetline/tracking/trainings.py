"""The MLflow run of a training: while it runs, and completed afterwards.

Tracking never breaks a training: while one runs, an outage is a warning, and `complete` fills in
what is missing afterwards.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param

from jetline.core.errors import JetlineError
from jetline.core.files import write_json
from jetline.records.evaluation import EvaluationRecord
from jetline.records.history import History
from jetline.records.training import StartedTraining, TrainingRecord
from jetline.tracking.client import (
    KEY,
    connect,
    outage,
    reachable,
    start,
    tested_metrics,
    tracking_uri,
)

if TYPE_CHECKING:
    from pathlib import Path

    import mlflow


class TrackedTraining:
    """The MLflow run of a training in progress.

    Parameters
    ----------
    results : Path
        The results folder.
    training : StartedTraining
        What is known of it before its first epoch. An unfinished run of the same key is
        continued.
    """

    def __init__(self, results: Path, training: StartedTraining) -> None:
        self.run_id: str | None = None
        self._results = results
        try:
            self._client = connect(results)
            self.run_id = _unfinished_run(self._client, results, training)
        except Exception as error:  # noqa: BLE001 - an outage of any kind is a warning
            _warn(results, error)

    def epoch(self, row: dict[str, float]) -> None:
        """Log one row of the history, its epoch as the step."""
        if self.run_id is None:
            return
        try:
            self._client.log_batch(self.run_id, metrics=_epoch_metrics(row))
        except Exception as error:  # noqa: BLE001 - an outage of any kind is a warning
            _warn(self._results, error)
            self.run_id = None


def _warn(results: Path, error: Exception) -> None:
    print(
        f"warning: {outage(results, error)}\n"
        "The training goes on, and the workflow's last step fills in what is missing.",
        flush=True,
    )


def _epoch_metrics(row: dict[str, float]) -> list[Metric]:
    now = int(time.time() * 1000)
    step = int(row["epoch"])
    return [Metric(key, float(row[key]), now, step) for key in row if key != "epoch"]


def _unfinished_run(client: mlflow.MlflowClient, results: Path, training: StartedTraining) -> str:
    """Id of the training's unfinished run, or of a new one with all its parameters."""
    experiment = start(results)
    found = client.search_runs(
        [experiment],
        f"tags.`{KEY}` = '{training.key}' and attributes.status != 'FINISHED'",
    )
    run = found[0] if found else _new_run(client, experiment, training)
    attempt = int(run.data.tags.get("jetline.attempt", 0)) + 1
    # What differs between attempts cannot be a parameter: those never change.
    tags = {"attempt": attempt, "host": training.host, "slurm_job": training.slurm_job}
    for name, value in tags.items():
        if value is not None:
            client.set_tag(run.info.run_id, f"jetline.{name}", str(value))
    return run.info.run_id


def _new_run(client: mlflow.MlflowClient, experiment: str, training: StartedTraining) -> Any:
    tags = {
        KEY: training.key,
        "jetline.run": training.run,
        "jetline.label": training.label,
        "jetline.device": training.device,
        "mlflow.source.git.commit": training.commit or "",
    }
    name = f"{training.run}/{training.label}/seed-{training.seed}"
    run = client.create_run(experiment, tags=tags, run_name=name)
    parameters = training.settings | {
        "seed": training.seed,
        "dataset": training.dataset,
        "run": training.run,
        "training_jets": training.training_jets,
    }
    client.log_batch(
        run.info.run_id, params=[Param(key, str(value)) for key, value in parameters.items()]
    )
    hashes = json.dumps(training.data.model_dump(), sort_keys=True).encode()
    dataset = Dataset(
        name=training.dataset,
        digest=hashlib.sha256(hashes).hexdigest()[:16],
        source_type="jet files",
        # MLflow takes 65,535 characters, and refuses the whole dataset for one more.
        source=json.dumps({"files": len(training.data.jets), "sha256": training.data.jets[:500]}),
        profile=json.dumps(training.jets),
    )
    tag = InputTag("mlflow.data.context", "training")
    client.log_inputs(run.info.run_id, datasets=[DatasetInput(dataset, [tag])])
    return run


def complete(results: Path, training: Path, evaluations: list[Path], output: Path) -> None:
    """Complete a finished training's run: epochs that are missing, final metrics, artifacts.

    Whatever is there already is not logged again. A run that does not exist is created.

    Parameters
    ----------
    results : Path
        The results folder.
    training : Path
        The training's folder.
    evaluations : list of Path
        Its evaluations' folders, one a test dataset.
    output : Path
        JSON file to write: tracking address and run id.

    Raises
    ------
    JetlineError
        If MLflow cannot be reached, or an evaluation is of another training.
    """
    _require_evaluations_of(training, evaluations)
    with reachable(results):
        run_id = _complete(connect(results), results, training, evaluations)
    write_json(output, {"tracking_uri": tracking_uri(results), "run_id": run_id})


def _require_evaluations_of(training: Path, evaluations: list[Path]) -> None:
    key = TrainingRecord.read(training / "training.json").key
    for evaluation in evaluations:
        found = EvaluationRecord.read(evaluation / "metrics.json").training
        if found != key:
            raise JetlineError(
                str(evaluation),
                found=f"the evaluation of another training (key {found})",
                expected=f"that of {training} (key {key})",
                remedy="predict and evaluate again: the tagger was trained again since",
            )


def _complete(
    client: mlflow.MlflowClient, results: Path, training: Path, evaluations: list[Path]
) -> str:
    record = TrainingRecord.read(training / "training.json")
    history = History.read(training / "history.csv")
    run_id = _tracked_run(client, results, record)
    run = client.get_run(run_id)

    logged = {metric.step for metric in client.get_metric_history(run_id, "validation_loss")}
    for row in history.rows:
        if int(row["epoch"]) not in logged:
            client.log_batch(run_id, metrics=_epoch_metrics(row))

    final: dict[str, float] = {
        "parameters": record.parameters,
        "best_epoch": record.best_epoch,
        "jets_per_second": record.jets_per_second,
    }
    for evaluation in evaluations:
        metrics = EvaluationRecord.read(evaluation / "metrics.json")
        final |= tested_metrics(metrics.dataset, metrics.figures)
        client.log_artifacts(run_id, str(evaluation), f"evaluation/{metrics.dataset}")
    now = int(time.time() * 1000)
    changed = [
        Metric(name, float(value), now, 0)
        for name, value in final.items()
        if run.data.metrics.get(name) != float(value)
    ]
    client.log_batch(run_id, metrics=changed)
    for name in ("model.keras", "history.csv", "training.json"):
        client.log_artifact(run_id, str(training / name))
    client.set_terminated(run_id, "FINISHED")
    return run_id


def _tracked_run(client: mlflow.MlflowClient, results: Path, training: TrainingRecord) -> str:
    """Find the run that the training logged to; where tracking was down, or is new, another one."""
    experiment = start(results)
    found = client.search_runs([experiment], f"tags.`{KEY}` = '{training.key}'")
    ids = [run.info.run_id for run in found]
    if training.mlflow_run_id and training.mlflow_run_id in ids:
        return training.mlflow_run_id
    return ids[0] if ids else _new_run(client, experiment, training).info.run_id
