"""What stops MLflow stops no training, and is told with what mends it."""

from __future__ import annotations

import contextlib
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

from jetline.core.errors import JetlineError
from jetline.tracking.client import outage, reachable, start, tracking_uri

JETLINE = Path(sys.executable).with_name("jetline")


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def results(tmp_path) -> Path:
    """A results folder with its database."""
    start(tmp_path / "results")
    return tmp_path / "results"


def change_version(results: Path, version: str) -> None:
    """Let the database be one of another version of MLflow."""
    with contextlib.closing(sqlite3.connect(results / "mlflow.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (version,))


def test_a_deleted_experiment_is_restored_with_a_word(results, capsys):
    client = MlflowClient(tracking_uri(results))
    experiment = start(results)
    run = client.create_run(experiment).info.run_id
    client.delete_experiment(experiment)
    capsys.readouterr()
    assert start(results) == experiment
    assert "had been deleted; it is restored" in capsys.readouterr().out
    assert client.get_experiment(experiment).lifecycle_stage == "active"
    assert [one.info.run_id for one in client.search_runs([experiment])] == [run]
    start(results)
    assert capsys.readouterr().out == ""


def test_a_database_of_an_older_mlflow_is_told_with_the_command_that_mends_it(results):
    with contextlib.closing(sqlite3.connect(results / "mlflow.db")) as database:
        ((now,),) = database.execute("SELECT version_num FROM alembic_version")
    import mlflow

    migrations = (Path(mlflow.__file__).parent / "store/db_migrations/versions").glob("*.py")
    texts = {path.name.split("_")[0]: path.read_text() for path in migrations}
    before = re.search(r"^down_revision = .(\w+)", texts[now], re.MULTILINE)[1]
    change_version(results, before)
    told = subprocess.run([JETLINE, "start-tracking", results], capture_output=True, text=True)
    assert told.returncode == 0  # the trainings begin
    assert "Traceback" not in told.stderr
    uri = shlex.quote(f"sqlite:///{results}/mlflow.db")
    assert f"mlflow db upgrade {uri};" in told.stderr
    assert "MLFLOW_TRACKING_URI" not in told.stderr


def test_a_database_of_a_newer_mlflow_is_not_to_be_upgraded(results):
    change_version(results, "0123456789ab")
    told = subprocess.run([JETLINE, "start-tracking", results], capture_output=True, text=True)
    assert told.returncode == 0
    assert "0123456789ab" in told.stderr
    assert "install the newer MLflow" in told.stderr
    assert "db upgrade" not in told.stderr.split("to do:")[1]


def test_every_way_in_which_mlflow_tells_of_another_version_is_known(tmp_path):
    for text in (
        "Detected out-of-date database schema (found version abc, but expected def).",
        "Can't locate revision identified by 'abc'",
    ):
        assert "newer MLflow" in outage(tmp_path, ValueError(text)).remedy


def test_another_reason_is_told_with_its_own_remedy(tmp_path, monkeypatch):
    with pytest.raises(JetlineError, match="move it away"), reachable(tmp_path):
        raise ValueError("file is not a database")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    with pytest.raises(JetlineError, match="unset MLFLOW_TRACKING_URI"), reachable(tmp_path):
        raise ValueError("refused")
