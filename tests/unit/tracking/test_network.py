"""A database on a network file system is written by one machine, and that is told."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from jetline.cli.tracking import start_tracking
from jetline.core import mounts
from jetline.tracking.address import network_told, on_network
from jetline.tracking.live import TrackedTraining
from together import HISTORY, training_of


@pytest.fixture
def on_nfs(tmp_path, monkeypatch):
    """A results folder on a network file system, by what the table of mounts says."""
    table = tmp_path / "mounts"
    table.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/home {tmp_path}/home nfs4 rw 0 0\n")
    monkeypatch.setattr(mounts, "TABLE", table)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for name in ("SLURM_JOB_ID", "_CONDOR_JOB_AD"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home/results"


def test_the_start_of_a_workflow_warns_and_says_what_to_set(on_nfs):
    run = CliRunner().invoke(start_tracking, [str(on_nfs), "--run", "toy"])
    assert run.exit_code == 0, run.output
    assert "warning: " in run.output
    assert "SQLite database on a network file system (nfs4)" in run.output
    assert "export MLFLOW_TRACKING_URI=" in run.output
    assert (on_nfs / "mlflow.db").exists()


def test_on_a_local_disk_and_with_a_server_nothing_is_told(on_nfs, tmp_path, monkeypatch):
    assert network_told(tmp_path / "results") is None
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking:5000")
    assert network_told(on_nfs) is None


def test_any_database_of_sqlite_counts(on_nfs, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{on_nfs}/of-mine.db")
    assert network_told(tmp_path / "results").where == f"{on_nfs}/of-mine.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/of-mine.db")
    assert network_told(on_nfs) is None


@pytest.mark.parametrize("variable", ["SLURM_JOB_ID", "_CONDOR_JOB_AD"])
def test_a_job_of_a_cluster_leaves_such_a_database_alone(on_nfs, monkeypatch, capsys, variable):
    assert on_network(on_nfs) == "nfs4"
    monkeypatch.setenv(variable, "7")
    with TrackedTraining(on_nfs, training_of("far")) as tracked:
        tracked.epoch(HISTORY[0])
    assert tracked.run_id is None
    assert not on_nfs.exists()
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert "network file system (nfs4)" in told


def test_on_snakemakes_machine_epochs_are_tracked_while_it_trains(on_nfs):
    with TrackedTraining(on_nfs, training_of("here")) as tracked:
        tracked.epoch(HISTORY[0])
    assert tracked.run_id
