"""MLflow's record of a training is complete, without duplicates, and never stops the training."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from mlflow import MlflowClient

from jetline.core.errors import JetlineError
from jetline.core.files import write_json, write_text
from jetline.tracking import trainings as tracking

HISTORY = [
    {"epoch": n, "loss": 0.7 / n, "validation_loss": 0.8 / n, "seconds": 2.0} for n in (1, 2, 3)
]
FACTS = {
    "key": "0123456789",
    "run": "toy",
    "label": "pfn",
    "seed": 2,
    "dataset": "demo",
    "settings": {"identity": "full", "phi": [100, 100, 256]},
    "data": {"jets": ["a" * 64], "shards": [{}], "parts": "b" * 64},
    "jets": {"train": {"quark": 800, "gluon": 800}, "validation": {"quark": 100, "gluon": 100}},
    "device": "cpu",
    "host": "here",
    "slurm_job": None,
    "commit": "c" * 40,
    "parameters": 82558,
    "best_epoch": 2,
    "jets_per_second": 5000.0,
    "mlflow_run_id": None,
}


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """A results folder with its database; making one takes seconds."""
    folder = tmp_path_factory.mktemp("results")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        tracking.start(folder)
    return folder


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def finished(folder: Path, facts: dict) -> tuple[Path, Path]:
    """Folders of a finished training and its evaluation."""
    training, evaluation = folder / "training", folder / "evaluation"
    lines = [",".join(HISTORY[0])] + [",".join(map(str, row.values())) for row in HISTORY]
    write_text(training / "history.csv", "\n".join(lines) + "\n")
    write_text(training / "model.keras", "a model")
    write_json(training / "training.json", facts)
    figures = {
        "auc": {"value": 0.86, "error": 0.009},
        "rejection_30": {"value": 80.0, "error": None},
    }
    write_json(evaluation / "metrics.json", {"dataset": "demo", "figures": figures})
    write_text(evaluation / "curves.npz", "curves")
    return training, evaluation


def client(results: Path) -> MlflowClient:
    return MlflowClient(tracking.tracking_uri(results))


def steps(results: Path, run_id: str, metric: str) -> list[int]:
    return [m.step for m in client(results).get_metric_history(run_id, metric)]


def test_starting_twice_gives_one_experiment(results):
    assert tracking.start(results) == tracking.start(results)
    names = [experiment.name for experiment in client(results).search_experiments()]
    assert names.count("jetline") == 1


def test_a_training_logs_parameters_data_and_every_epoch(results):
    facts = FACTS | {"key": "logs"}
    tracked = tracking.TrackedTraining(results, facts)
    for row in HISTORY:
        tracked.epoch(row)
    run = client(results).get_run(tracked.run_id)
    assert run.data.params["identity"] == "full"
    assert run.data.params["training_jets"] == "1600"
    assert run.data.tags["mlflow.source.git.commit"] == "c" * 40
    assert steps(results, tracked.run_id, "validation_loss") == [1, 2, 3]
    (dataset,) = run.inputs.dataset_inputs
    assert dataset.dataset.name == "demo"
    assert dataset.dataset.digest


def test_an_interrupted_training_continues_its_run(results):
    facts = FACTS | {"key": "continues"}
    first = tracking.TrackedTraining(results, facts)
    first.epoch(HISTORY[0])
    second = tracking.TrackedTraining(results, facts | {"host": "elsewhere"})
    second.epoch(HISTORY[1])
    assert second.run_id == first.run_id
    assert steps(results, first.run_id, "loss") == [1, 2]
    assert client(results).get_run(first.run_id).data.tags["jetline.attempt"] == "2"


def test_completing_fills_in_what_is_missing_and_repeats_nothing(results, tmp_path):
    facts = FACTS | {"key": "fills"}
    tracked = tracking.TrackedTraining(results, facts)
    tracked.epoch(HISTORY[1])
    facts["mlflow_run_id"] = tracked.run_id
    training, evaluation = finished(tmp_path, facts)
    for _ in range(2):
        tracking.complete(results, training, [evaluation], tmp_path / "tracked.json")
    assert sorted(steps(results, tracked.run_id, "loss")) == [1, 2, 3]
    assert steps(results, tracked.run_id, "test/demo/auc") == [0]
    run = client(results).get_run(tracked.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["test/demo/auc"] == 0.86
    assert run.data.metrics["test/demo/auc_error"] == 0.009
    assert "test/demo/rejection_30_error" not in run.data.metrics
    artifacts = {item.path for item in client(results).list_artifacts(tracked.run_id)}
    assert artifacts == {"model.keras", "history.csv", "training.json", "evaluation"}
    assert list((results / "mlartifacts").rglob("model.keras"))


def test_a_training_that_mlflow_never_saw_is_made_up_for(results, tmp_path):
    training, evaluation = finished(tmp_path, FACTS | {"key": "unseen"})
    tracking.complete(results, training, [evaluation], tmp_path / "tracked.json")
    (run,) = client(results).search_runs([tracking.start(results)], "tags.`jetline.key` = 'unseen'")
    assert sorted(steps(results, run.info.run_id, "loss")) == [1, 2, 3]
    assert run.data.params["identity"] == "full"


def test_an_outage_is_a_warning_to_a_training_and_an_error_to_the_completion(
    results, tmp_path, monkeypatch, capsys
):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        # Nothing listens on this port, which stays taken.
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{unused.getsockname()[1]}")
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        tracked = tracking.TrackedTraining(results, FACTS)
        tracked.epoch(HISTORY[0])
        assert tracked.run_id is None
        assert "warning: MLflow" in capsys.readouterr().out
        training, evaluation = finished(tmp_path, FACTS)
        with pytest.raises(JetlineError, match="trainings are kept"):
            tracking.complete(results, training, [evaluation], tmp_path / "tracked.json")
    assert not (tmp_path / "tracked.json").exists()
