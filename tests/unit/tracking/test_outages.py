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
from jetline.tracking.address import masked, tracking_uri
from jetline.tracking.client import start
from jetline.tracking.outages import outage, reachable

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
    told = subprocess.run(
        [JETLINE, "start-tracking", results, "--run", "demo"], capture_output=True, text=True
    )
    assert told.returncode == 0  # the trainings begin
    assert "Traceback" not in told.stderr
    uri = shlex.quote(f"sqlite:///{results}/mlflow.db")
    assert f"mlflow db upgrade {uri}; then" in told.stderr
    assert "MLFLOW_TRACKING_URI" not in told.stderr


def test_a_database_of_a_newer_mlflow_is_not_to_be_upgraded(results):
    change_version(results, "0123456789ab")
    told = subprocess.run(
        [JETLINE, "start-tracking", results, "--run", "demo"], capture_output=True, text=True
    )
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


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("No module named 'psycopg2'", "pip install psycopg2-binary"),
        ("Can't load plugin: sqlalchemy.dialects:oracel", "correct MLFLOW_TRACKING_URI"),
        ('FATAL:  password authentication failed for user "me"', "MLFLOW_TRACKING_PASSWORD"),
        ("API request failed with error code 401 != 200", "MLFLOW_TRACKING_PASSWORD"),
        ("database is locked", "wait until its migration"),
        ("Run with id=0123 not found", "snakemake --forcerun track"),
        ("The run 01 must be in the 'active' state. Current state is deleted.", "restore that run"),
    ],
)
def test_each_reason_has_a_remedy_that_helps(tmp_path, monkeypatch, text, remedy):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://me:secret@db/mlflow")
    told = outage(tmp_path, ValueError(f"\n{text}\nBackground on this error at: somewhere"))
    assert remedy in told.remedy
    assert text.split(":")[0] in told.found
    assert "Background" not in str(told)


@pytest.mark.parametrize(
    ("address", "password"),
    [
        ("postgresql://me:s3cr3t@db:5432/mlflow", "s3cr3t"),
        ("postgresql+psycopg2://me:s3@c:r3t@db/mlflow", "s3@c:r3t"),
        ("https://me:s3%40cr3t@mlflow.example/path", "s3@cr3t"),
    ],
)
def test_passwords_are_shown_to_nobody(tmp_path, monkeypatch, address, password):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "t0k3n")
    told = str(outage(tmp_path, ValueError(f"cannot reach {address} with t0k3n or {password}")))
    assert "s3" not in told
    assert "t0k3n" not in told
    assert "//me:***@" in told


@pytest.mark.parametrize("address", ["sqlite:////a/b:c@d/mlflow.db", "http://127.0.0.1:5000/a@b"])
def test_addresses_without_a_password_are_shown_as_they_are(monkeypatch, address):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert masked(address) == address


def test_the_cause_is_told_without_what_the_client_wraps_it_in(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(JetlineError) as told, reachable(tmp_path):
        start(tmp_path)
    assert told.value.found == "[Errno 111] Connection refused"


def test_a_dead_server_does_not_end_the_workflow_before_it_begins(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:s3cr3t@127.0.0.1:1")
    command = [JETLINE, "start-tracking", tmp_path / "results", "--run", "demo"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "warning: MLflow at http://me:***@127.0.0.1:1" in told.stderr
    assert "Traceback" not in told.stderr
    assert "s3cr3t" not in told.stdout + told.stderr


def test_mlflow_says_nothing_where_all_is_well_and_does_not_call_home(tmp_path):
    command = [JETLINE, "start-tracking", tmp_path / "results", "--run", "demo"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout + told.stderr == ""
    asked = "import jetline.tracking.live; from mlflow.telemetry.utils import is_telemetry_disabled"
    asked += "; print(is_telemetry_disabled())"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout == "True\n"


def test_a_run_that_is_not_there_any_more_is_told_with_what_tracks_again(results):
    client = MlflowClient(tracking_uri(results))
    with pytest.raises(JetlineError, match="--forcerun track"), reachable(results):
        client.get_run("0" * 32)
    run = client.create_run(start(results)).info.run_id
    client.delete_run(run)
    with pytest.raises(JetlineError, match="restore that run"), reachable(results):
        client.set_tag(run, "a", "b")
