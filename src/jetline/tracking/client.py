"""MLflow's database and experiment: where they are, and that they are there.

Only this package imports mlflow.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

# An unreachable server must cost a training seconds, not the minutes of the default retries.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")

import mlflow
from mlflow.entities import LifecycleStage

from jetline.core.errors import JetlineError
from jetline.core.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jetline.records.evaluation import Estimate

EXPERIMENT = "jetline"
#: Tag of a run with the hash of all that decides it.
KEY = "jetline.key"

#: How MLflow and its migrations tell of a database of another version.
_OTHER_SCHEMA = re.compile(r"(?:found version|revision identified by) '?(\w+)")

#: Columns of MLflow's database that hold addresses of artifacts.
_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
)


def tracking_uri(results: Path) -> str:
    """Give ``MLFLOW_TRACKING_URI`` if it is set, else the SQLite database under `results`."""
    return os.environ.get("MLFLOW_TRACKING_URI") or _own_uri(results)


def _own_uri(results: Path) -> str:
    path = str(database(results))
    # A question mark would end the path. MLflow makes folders for what it takes for a path, which
    # the driver's name keeps it from.
    return f"sqlite+pysqlite:///file:{quote(path)}?uri=true" if "?" in path else f"sqlite:///{path}"


def database(results: Path) -> Path:
    """Give the path of the SQLite database under `results`."""
    return Path(results).resolve() / "mlflow.db"


def connect(results: Path) -> mlflow.MlflowClient:
    """Give a client of the tracking server or database."""
    uri = tracking_uri(results)
    if uri == _own_uri(results):
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
    if tracking_uri(results) != _own_uri(results):
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


@contextlib.contextmanager
def reachable(results: Path) -> Iterator[None]:
    """Tell that MLflow cannot be reached, and what to do.

    Raises
    ------
    JetlineError
        If the block raises.
    """
    try:
        yield
    except Exception as error:
        raise outage(results, error) from error


def outage(results: Path, error: Exception) -> JetlineError:
    """Tell why MLflow cannot be used, and what to do.

    Parameters
    ----------
    results : Path
        The results folder.
    error : Exception
        What MLflow raised.
    """
    uri = tracking_uri(results)
    again = "run the workflow again: trainings are kept, only their tracking is made up for"
    expected = "a tracking server or database that answers"
    remedy = f"start it, or unset MLFLOW_TRACKING_URI, and {again}"
    if version := _OTHER_SCHEMA.search(str(error)):
        expected = f"a database of MLflow {mlflow.__version__}"
        migrations = Path(mlflow.__file__).parent / "store/db_migrations/versions"
        if any(migrations.glob(f"{version[1]}_*.py")):
            remedy = f"save a copy of it, then: mlflow db upgrade {shlex.quote(uri)}; and {again}"
        else:
            remedy = "that version is unknown here: install the newer MLflow that made it, or move "
            remedy += f"the database away, and {again}"
    elif uri == _own_uri(results):
        remedy = f"see to that file, or move it away, and {again}"
    return JetlineError(
        f"MLflow at {uri}", found=reason_of(error), expected=expected, remedy=remedy
    )


def reason_of(error: Exception) -> str:
    """Give the first line of an error, or its kind if it says nothing."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def tested_metrics(dataset: str, estimates: Mapping[str, Estimate]) -> dict[str, float]:
    """Give figures of merit and their errors, those that exist, by the names of MLflow's metrics.

    Parameters
    ----------
    dataset : str
        Name of the test dataset.
    estimates : mapping
        Figures of merit by name.
    """
    return {
        f"test/{dataset}/{name}{suffix}": number
        for name, estimate in estimates.items()
        for number, suffix in ((estimate.value, ""), (estimate.error, "_error"))
        if number is not None
    }
