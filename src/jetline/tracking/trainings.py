"""MLflow: one experiment, one run a training. The only module that imports mlflow.

Tracking never breaks a training: while one runs, an outage is a warning, and `complete` fills in
what is missing afterwards.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# An unreachable server must cost a training seconds, not the minutes of the default retries.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")

import mlflow
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param

from jetline.core.errors import JetlineError
from jetline.core.files import read_json, short_hash, write_json

EXPERIMENT = "jetline"
_KEY = "jetline.key"


def tracking_uri(results: Path) -> str:
    """``MLFLOW_TRACKING_URI`` if set, else the SQLite database under `results`."""
    database = Path(results).resolve() / "mlflow.db"
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{database}"


def _client(results: Path) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(tracking_uri(results))


def start(results: Path) -> str:
    """Create database and experiment where they are missing, and give the experiment's id.

    The workflow does this once before its first job, because two trainings that both create the
    experiment would race.
    """
    results = Path(results).resolve()
    results.mkdir(parents=True, exist_ok=True)
    client = _client(results)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment:
        return experiment.experiment_id
    # A server keeps artifacts where it was told to; beside our own database they need a place.
    local = tracking_uri(results).startswith("sqlite:")
    location = (results / "mlartifacts").as_uri() if local else None
    return client.create_experiment(EXPERIMENT, artifact_location=location)


class TrackedTraining:
    """The MLflow run of a training in progress.

    Parameters
    ----------
    results : Path
        The results folder.
    facts : dict
        Facts of the training, known before it starts. An unfinished run of the same key is
        continued.
    """

    def __init__(self, results: Path, facts: dict[str, Any]) -> None:
        self.run_id: str | None = None
        try:
            self._client = _client(results)
            self.run_id = _unfinished_run(self._client, results, facts)
        except Exception as error:  # noqa: BLE001 - an outage of any kind is a warning
            _warn(error)

    def epoch(self, row: dict[str, float]) -> None:
        """Log one row of the history, its epoch as the step."""
        if self.run_id is None:
            return
        try:
            self._client.log_batch(self.run_id, metrics=_epoch_metrics(row))
        except Exception as error:  # noqa: BLE001 - an outage of any kind is a warning
            _warn(error)
            self.run_id = None


def _warn(error: Exception) -> None:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    print(f"warning: MLflow: {reason}; the training goes on, `jetline track` fills in", flush=True)


def _epoch_metrics(row: dict[str, float]) -> list[Metric]:
    now = int(time.time() * 1000)
    step = int(row["epoch"])
    return [Metric(key, float(row[key]), now, step) for key in row if key != "epoch"]


def _unfinished_run(client: mlflow.MlflowClient, results: Path, facts: dict[str, Any]) -> str:
    """Id of the training's unfinished run, or of a new one with all its parameters."""
    experiment = start(results)
    found = client.search_runs(
        [experiment],
        f"tags.`{_KEY}` = '{facts['key']}' and attributes.status != 'FINISHED'",
    )
    run = found[0] if found else _new_run(client, experiment, facts)
    attempt = int(run.data.tags.get("jetline.attempt", 0)) + 1
    # What differs between attempts cannot be a parameter: those never change.
    tags = {"attempt": attempt, "host": facts["host"], "slurm_job": facts["slurm_job"]}
    for name, value in tags.items():
        if value is not None:
            client.set_tag(run.info.run_id, f"jetline.{name}", str(value))
    return run.info.run_id


def _new_run(client: mlflow.MlflowClient, experiment: str, facts: dict[str, Any]) -> Any:
    tags = {
        _KEY: facts["key"],
        "jetline.run": facts["run"],
        "jetline.label": facts["label"],
        "jetline.device": facts["device"],
        "mlflow.source.git.commit": facts["commit"] or "",
    }
    name = f"{facts['run']}/{facts['label']}/seed-{facts['seed']}"
    run = client.create_run(experiment, tags=tags, run_name=name)
    parameters = facts["settings"] | {name: facts[name] for name in ("seed", "dataset", "run")}
    parameters["training_jets"] = sum(facts["jets"]["train"].values())
    client.log_batch(
        run.info.run_id, params=[Param(key, str(value)) for key, value in parameters.items()]
    )
    hashes = json.dumps(facts["data"], sort_keys=True).encode()
    dataset = Dataset(
        name=facts["dataset"],
        digest=hashlib.sha256(hashes).hexdigest()[:16],
        source_type="jet files",
        source=json.dumps({"sha256": facts["data"]["jets"]}),
        profile=json.dumps(facts["jets"]),
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
        If MLflow cannot be reached.
    """
    with _told(results):
        run_id = _complete(_client(results), results, training, evaluations)
    write_json(output, {"tracking_uri": tracking_uri(results), "run_id": run_id})


@contextlib.contextmanager
def _told(results: Path) -> Iterator[None]:
    """Tell that MLflow cannot be reached, and what to do."""
    try:
        yield
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise JetlineError(
            f"MLflow at {tracking_uri(results)}",
            found=reason,
            expected="a tracking server or database that answers",
            remedy="start it, or unset MLFLOW_TRACKING_URI, and run the workflow again: "
            "trainings are kept, only their tracking is made up for",
        ) from error


def _complete(
    client: mlflow.MlflowClient, results: Path, training: Path, evaluations: list[Path]
) -> str:
    facts = read_json(training / "training.json")
    with (training / "history.csv").open(newline="") as stream:
        history = list(csv.DictReader(stream))
    run_id = _tracked_run(client, results, facts)
    run = client.get_run(run_id)

    logged = {metric.step for metric in client.get_metric_history(run_id, "validation_loss")}
    for row in history:
        if int(row["epoch"]) not in logged:
            client.log_batch(run_id, metrics=_epoch_metrics(row))

    final = {
        "parameters": facts["parameters"],
        "best_epoch": facts["best_epoch"],
        "jets_per_second": facts["jets_per_second"],
    }
    for evaluation in evaluations:
        metrics = read_json(evaluation / "metrics.json")
        final |= _test_metrics(metrics["dataset"], metrics["figures"])
        client.log_artifacts(run_id, str(evaluation), f"evaluation/{metrics['dataset']}")
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


def _test_metrics(dataset: str, figures: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Figures of merit and their errors, those that exist, by the names of MLflow's metrics."""
    return {
        f"test/{dataset}/{name}{suffix}": figure[part]
        for name, figure in figures.items()
        for part, suffix in (("value", ""), ("error", "_error"))
        if figure[part] is not None
    }


def track_cuts(results: Path, run: str, trained_on: str, cuts: list[Path], output: Path) -> None:
    """Log the cuts on single observables, one run each; cuts logged before are left as they are.

    Parameters
    ----------
    results : Path
        The results folder.
    run : str
        Name of the comparison.
    trained_on : str
        Dataset on whose training part the cuts were chosen.
    cuts : list of Path
        What `jetline cut` wrote, one a test dataset.
    output : Path
        JSON file to write: tracking address and run ids.

    Raises
    ------
    JetlineError
        If MLflow cannot be reached.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in cuts:
        content = read_json(path)
        for row in content["rows"]:
            cut = {"observable": row["observable"], "quarks": "below" if row["below"] else "above"}
            parameters = cut | {"threshold": row["threshold"], "dataset": trained_on, "run": run}
            one = found.setdefault(row["observable"], {"parameters": parameters, "metrics": {}})
            one["metrics"] |= _test_metrics(content["dataset"], row["figures"])
    with _told(results):
        client = _client(results)
        experiment = start(results)
        ids = {name: _tracked_cut(client, experiment, one) for name, one in found.items()}
    write_json(output, {"tracking_uri": tracking_uri(results), "run_ids": ids})


def _tracked_cut(client: mlflow.MlflowClient, experiment: str, cut: dict[str, Any]) -> str:
    key, parameters = short_hash(cut), cut["parameters"]
    finished = f"tags.`{_KEY}` = '{key}' and attributes.status = 'FINISHED'"
    if found := client.search_runs([experiment], finished):
        return found[0].info.run_id
    label = f"cut-{parameters['observable']}"
    tags = {_KEY: key, "jetline.run": parameters["run"], "jetline.label": label}
    run = client.create_run(experiment, tags=tags, run_name=f"{parameters['run']}/{label}")
    now = int(time.time() * 1000)
    client.log_batch(
        run.info.run_id,
        metrics=[Metric(name, float(value), now, 0) for name, value in cut["metrics"].items()],
        params=[Param(name, str(value)) for name, value in parameters.items()],
    )
    client.set_terminated(run.info.run_id, "FINISHED")
    return run.info.run_id


def _tracked_run(client: mlflow.MlflowClient, results: Path, facts: dict[str, Any]) -> str:
    """The run that the training logged to; where tracking was down, or is new, another one."""
    experiment = start(results)
    found = client.search_runs([experiment], f"tags.`{_KEY}` = '{facts['key']}'")
    by_id = {run.info.run_id: run for run in found}
    if facts["mlflow_run_id"] in by_id:
        return facts["mlflow_run_id"]
    return found[0].info.run_id if found else _new_run(client, experiment, facts).info.run_id
