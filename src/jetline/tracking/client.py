"""MLflow's database and experiment: where they are, and that they are there.

Only this package imports mlflow.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

import mlflow
import mlflow.store.db.utils
from mlflow.entities import LifecycleStage

from jetline.core.locks import try_lock
from jetline.tracking.address import database, own_uri, tracking_uri

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPERIMENT = "jetline"

# A database that cannot be opened: tried ten times, it took 100 s.
mlflow.store.db.utils.MAX_RETRY_COUNT = 4

#: Columns of MLflow's database that hold addresses of artifacts.
_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def connect(results: Path) -> mlflow.MlflowClient:
    """Give a client of the tracking server or database."""
    uri = tracking_uri(results)
    if uri == own_uri(results):
        database(results).parent.mkdir(parents=True, exist_ok=True)
        # Where a new database has the artifacts of its default experiment, which is not used. The
        # working folder, if left out, MLflow writes into a command of SQL as it is, quotes and all.
        os.environ["_MLFLOW_SERVER_ARTIFACT_ROOT"] = _artifacts(results)
    return mlflow.MlflowClient(uri)


def _artifacts(results: Path) -> str:
    return (Path(results).resolve() / "mlartifacts").as_uri()


def start(results: Path) -> str:
    """Create database and experiment where they are missing, and give the experiment's id.

    The workflow does this once before its first job. It does not where it is a module of another
    workflow: then the first training does, and others wait for it. Where the results folder has
    moved, the addresses of the artifacts in our own database are put right. An experiment that was
    deleted in MLflow's pages is restored, since no other can have its name.
    """
    results = Path(results).resolve()
    results.mkdir(parents=True, exist_ok=True)
    local = tracking_uri(results).startswith("sqlite")
    with _alone(results) if local else contextlib.nullcontext():
        client = connect(results)
        experiment = client.get_experiment_by_name(EXPERIMENT)
        # A server keeps artifacts where it was told to; beside our own database they have a place.
        location = _artifacts(results) if local else None
        if experiment is None:
            return client.create_experiment(EXPERIMENT, artifact_location=location)
        if experiment.lifecycle_stage == LifecycleStage.DELETED:
            _restore(client, experiment.experiment_id)
        if location and experiment.artifact_location != location:
            _move_artifacts(results, experiment.artifact_location, location)
        return experiment.experiment_id


def _restore(client: mlflow.MlflowClient, experiment: str) -> None:
    try:
        client.restore_experiment(experiment)
    except mlflow.exceptions.MlflowException:
        # On a server, another process may have been first.
        if client.get_experiment(experiment).lifecycle_stage == LifecycleStage.DELETED:
            raise
    print(
        f"MLflow: the experiment {EXPERIMENT} had been deleted; it is restored, with its runs. To "
        f"be rid of some, delete these runs, not the experiment",
        flush=True,
    )


@contextlib.contextmanager
def _alone(results: Path) -> Iterator[None]:
    """Hold the database's lock: two processes that both create the experiment would race."""
    with (results / ".mlflow.lock").open("w") as lock:
        while not try_lock(lock):
            time.sleep(0.2)
        yield


def _move_artifacts(results: Path, before: str, now: str) -> None:
    """Write the artifacts' new address over the old one; MLflow itself keeps only whole ones."""
    path = database(results)
    if tracking_uri(results) != own_uri(results):
        return
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        for table, column in _ADDRESSES:
            if table in tables:
                connection.execute(
                    f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                    f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                    (now, len(before) + 1, before, len(before) + 1, f"{before}/"),
                )
    print(f"MLflow: the results folder has moved, its artifacts are now at {now}", flush=True)
