"""Nothing is lost where many trainings begin at once, and where a server is away for a while."""

from __future__ import annotations

import pytest
from mlflow import MlflowClient

from jetline.tracking.address import tracking_uri
from jetline.tracking.comparison import start_comparison
from jetline.tracking.live import TrackedTraining
from services import PASSWORD, free_port, mlflow_server, postgresql
from together import HISTORY, lacking, track_together, training_of

pytestmark = pytest.mark.slow


def test_twenty_at_once_are_whole_in_the_own_database(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    start_comparison(tmp_path, "toy")
    keys = track_together(tmp_path, "new")
    client = MlflowClient(tracking_uri(tmp_path))
    assert {key: lacking(client, key) for key in keys} == {key: [] for key in keys}
    parents = client.search_runs(["1"], "tags.`jetline.kind` = 'comparison'")
    assert len(parents) == 1


def test_twenty_at_once_are_whole_on_a_server_over_postgresql(tmp_path, monkeypatch):
    with postgresql(tmp_path) as database, mlflow_server(database, tmp_path) as address:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        start_comparison(tmp_path / "results", "toy")
        keys = track_together(tmp_path / "results", "new")
        client = MlflowClient(address)
        assert {key: lacking(client, key) for key in keys} == {key: [] for key in keys}
    assert PASSWORD not in (tmp_path / "server.log").read_text()


def test_a_server_that_comes_back_is_told_what_it_missed(tmp_path, monkeypatch, capfd):
    backend, port = f"sqlite:///{tmp_path}/mlflow.db", free_port()
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    # However long a failure takes here, the next epoch asks again.
    monkeypatch.setattr("jetline.tracking.live._PATIENCE", 0)
    with mlflow_server(backend, tmp_path, port) as address:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        tracked = TrackedTraining(tmp_path, training_of("away"))
        tracked.epoch(HISTORY[0])
    tracked.epoch(HISTORY[1])
    told = capfd.readouterr().out
    assert "Connection refused" in told
    with mlflow_server(backend, tmp_path, port):
        with tracked:
            tracked.epoch(HISTORY[2])
        assert "MLflow answers again" in capfd.readouterr().out
        assert lacking(MlflowClient(address), "away") == []


def test_a_server_that_was_never_there_is_told_all_once_it_is(tmp_path, monkeypatch):
    port = free_port()
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setattr("jetline.tracking.live._PATIENCE", 0)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    tracked = TrackedTraining(tmp_path, training_of("late"))
    tracked.epoch(HISTORY[0])
    assert tracked.run_id is None
    with mlflow_server(f"sqlite:///{tmp_path}/mlflow.db", tmp_path, port) as address:
        for row in HISTORY[1:]:
            tracked.epoch(row)
        with tracked:
            pass
        assert lacking(MlflowClient(address), "late") == []
