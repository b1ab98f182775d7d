"""MLflow's record of a training: whole, without duplicates, and never in the training's way."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mlflow import MlflowClient

from jetline.core.errors import JetlineError
from jetline.core.files import read_json, write_text
from jetline.records.evaluation import EvaluationRecord
from jetline.records.history import History
from jetline.tracking.address import tracking_uri
from jetline.tracking.client import start
from jetline.tracking.live import TrackedTraining
from jetline.tracking.trainings import complete
from together import HISTORY, RECORD, training_of

if TYPE_CHECKING:
    from jetline.records.training import TrainingRecord

JETLINE = Path(sys.executable).with_name("jetline")


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """A results folder with its database; making one takes seconds."""
    folder = tmp_path_factory.mktemp("results")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        start(folder)
    return folder


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def finished(folder: Path, record: TrainingRecord) -> tuple[Path, Path]:
    """Folders of a finished training and its evaluation."""
    training, evaluation = folder / "training", folder / "evaluation"
    History(HISTORY).write(training / "history.csv")
    write_text(training / "model.keras", "a model")
    record.write(training / "training.json")
    EvaluationRecord(
        label=record.label,
        seed=record.seed,
        training=record.key,
        dataset="demo",
        bootstrap={"seed": 1, "resamples": 1000},
        jets={"by_class": {"quark": 100, "gluon": 100}, "sha256": "d" * 64},
        figures={
            "auc": {"value": 0.86, "low": 0.85, "high": 0.87, "error": 0.009},
            "rejection_30": {"value": 80.0, "low": 60.0, "high": None, "error": None},
            "log_loss": dict.fromkeys(("value", "low", "high", "error")),
        },
        jetline="0",
    ).write(evaluation / "metrics.json")
    write_text(evaluation / "curves.npz", "curves")
    return training, evaluation


def draw(folder: Path) -> None:
    """Draw pictures of a training, as far as these tests look at them."""
    write_text(folder / "learning-curve.png", "a picture")


def client(results: Path) -> MlflowClient:
    return MlflowClient(tracking_uri(results))


def models_in(results: Path) -> list[Path]:
    """Files of the taggers that were logged as models."""
    return sorted((results / "mlartifacts").rglob("model.keras"))


def steps(results: Path, run_id: str, metric: str) -> list[int]:
    return [m.step for m in client(results).get_metric_history(run_id, metric)]


def test_starting_twice_gives_one_experiment(results):
    assert start(results) == start(results)
    names = [experiment.name for experiment in client(results).search_experiments()]
    assert names.count("jetline") == 1


def test_processes_that_start_at_once_make_one_experiment(tmp_path):
    code = "import sys; from jetline.tracking.client import start; start(sys.argv[1])"
    processes = [subprocess.Popen([sys.executable, "-c", code, tmp_path]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    names = [experiment.name for experiment in client(tmp_path).search_experiments()]
    assert names.count("jetline") == 1


def test_a_moved_results_folder_finds_its_artifacts_again(tmp_path):
    before, after = tmp_path / "before", tmp_path / "elsewhere/after"
    start(before)
    training, evaluation = finished(tmp_path, training_of("moves"))
    complete(before, training, [evaluation], draw, tmp_path / "tracked.json")
    after.parent.mkdir()
    before.rename(after)
    experiment = start(after)
    (run,) = client(after).search_runs([experiment])
    artifact = client(after).download_artifacts(run.info.run_id, "history.csv", str(tmp_path))
    assert History.read(Path(artifact)).rows == HISTORY
    # What is logged from now on lies there too, as in every new process.
    write_text(training / "model.keras", "another model")
    again = f"""
from pathlib import Path
from jetline.tracking.trainings import complete
complete(Path({str(after)!r}), Path({str(training)!r}), [Path({str(evaluation)!r})],
         lambda folder: None, Path({str(tmp_path / "tracked.json")!r}))
"""
    subprocess.run([sys.executable, "-c", again], check=True)
    assert not before.exists()
    assert "another model" in [model.read_text() for model in models_in(after)]


def test_a_training_logs_parameters_data_and_every_epoch(results):
    tracked = TrackedTraining(results, training_of("logs"))
    for row in HISTORY:
        tracked.epoch(row)
    run = client(results).get_run(tracked.run_id)
    assert run.data.params["identity"] == "full"
    assert run.data.params["training_jets"] == "1600"
    expected = {"architecture": "pfn", "inputs": "particles", "label": "pfn", "seed": "2"}
    assert expected.items() <= run.data.params.items()
    assert run.data.tags["mlflow.user"]
    assert run.data.tags["mlflow.source.name"].startswith("jetline ")
    assert run.data.tags["mlflow.source.git.commit"] == "c" * 40
    assert steps(results, tracked.run_id, "validation_loss") == [1, 2, 3]
    (dataset,) = run.inputs.dataset_inputs
    assert dataset.dataset.name == "demo"
    assert dataset.dataset.digest


def test_a_dataset_of_thousands_of_files_is_logged(results):
    data = RECORD.data.model_copy(update={"jets": ["a" * 64] * 10_000})
    tracked = TrackedTraining(results, training_of("thousands", data=data))
    (logged,) = client(results).get_run(tracked.run_id).inputs.dataset_inputs
    assert json.loads(logged.dataset.source)["files"] == 10_000


def test_an_interrupted_training_continues_its_run(results):
    first = TrackedTraining(results, training_of("continues"))
    first.epoch(HISTORY[0])
    second = TrackedTraining(results, training_of("continues", host="elsewhere"))
    second.epoch(HISTORY[1])
    assert second.run_id == first.run_id
    assert steps(results, first.run_id, "loss") == [1, 2]
    assert client(results).get_run(first.run_id).data.tags["jetline.attempt"] == "2"


def test_completing_fills_in_what_is_missing_and_repeats_nothing(results, tmp_path):
    tracked = TrackedTraining(results, training_of("fills"))
    tracked.epoch(HISTORY[1])
    record = training_of("fills", mlflow_run_id=tracked.run_id)
    training, evaluation = finished(tmp_path, record)
    for _ in range(2):
        complete(results, training, [evaluation], draw, tmp_path / "tracked.json")
    assert sorted(steps(results, tracked.run_id, "loss")) == [1, 2, 3]
    assert steps(results, tracked.run_id, "test/demo/auc") == [0]
    run = client(results).get_run(tracked.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["test/demo/auc"] == 0.86
    # Each metric is a chart: errors stand in the description instead.
    assert [name for name in run.data.metrics if "error" in name] == []
    assert "| AUC | 0.8600 ± 0.0090 |" in run.data.tags["mlflow.note.content"]
    artifacts = {item.path for item in client(results).list_artifacts(tracked.run_id)}
    assert artifacts == {"history.csv", "training.json", "evaluation", "pictures"}
    # The tagger is logged once.
    (output,) = run.outputs.model_outputs
    assert output.model_id == read_json(tmp_path / "tracked.json")["model_id"]
    (model,) = [path for path in models_in(results) if output.model_id in path.as_posix()]
    assert model.read_text() == "a model"


def test_a_training_that_mlflow_never_saw_is_made_up_for(results, tmp_path):
    training, evaluation = finished(tmp_path, training_of("unseen"))
    complete(results, training, [evaluation], draw, tmp_path / "tracked.json")
    (run,) = client(results).search_runs([start(results)], "tags.`jetline.key` = 'unseen'")
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
        tracked = TrackedTraining(results, RECORD)
        tracked.epoch(HISTORY[0])
        assert tracked.run_id is None
        assert capsys.readouterr().out.count("warning: MLflow") == 1
        training, evaluation = finished(tmp_path, RECORD)
        with pytest.raises(JetlineError, match="trainings are kept"):
            complete(results, training, [evaluation], draw, tmp_path / "tracked.json")
    assert not (tmp_path / "tracked.json").exists()


def test_a_database_of_another_version_is_a_warning_to_a_training(tmp_path, capsys):
    # In a process of its own: MLflow looks at a database's version once.
    command = [JETLINE, "start-tracking", tmp_path, "--run", "toy"]
    subprocess.run(command, check=True)
    with contextlib.closing(sqlite3.connect(tmp_path / "mlflow.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0123456789ab'")
    tracked = TrackedTraining(tmp_path, RECORD)
    tracked.epoch(HISTORY[0])
    assert tracked.run_id is None
    assert "found version 0123456789ab" in capsys.readouterr().out


def test_a_folder_of_any_name_may_hold_the_database(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results = tmp_path / "a 'b' \"c\" ?d #e %20f {g} :h ü"
    training, evaluation = finished(tmp_path / "jets", training_of("odd"))
    complete(results, training, [evaluation], draw, tmp_path / "tracked.json")
    assert (results / "mlflow.db").stat().st_size > 0
    assert len(models_in(results)) == 1
    # Nothing lies where MLflow has taken a part of the name for something else.
    assert {path.name for path in tmp_path.iterdir()} == {"jets", "tracked.json", results.name}


def test_what_a_run_lacks_is_made_up_for(results, tmp_path):
    # As a run looks whose training lost MLflow right after it was created.
    record = training_of("lost")
    lost = client(results).create_run(start(results), tags={"jetline.key": "lost"})
    training, evaluation = finished(tmp_path, record)
    complete(results, training, [evaluation], draw, tmp_path / "tracked.json")
    run = client(results).get_run(lost.info.run_id)
    assert run.data.params["identity"] == "full"
    assert run.data.tags["jetline.label"] == "pfn"
    assert [one.dataset.name for one in run.inputs.dataset_inputs] == ["demo"]
    assert sorted(steps(results, lost.info.run_id, "loss")) == [1, 2, 3]


def test_the_same_jets_are_one_dataset_whatever_is_made_of_them(results):
    def dataset(key, **changed):
        tracked = TrackedTraining(results, training_of(key, **changed))
        (one,) = client(results).get_run(tracked.run_id).inputs.dataset_inputs
        return one.dataset.digest

    data = RECORD.data
    images = data.model_copy(update={"shards": [{"images": "other"}]})
    other = data.model_copy(update={"parts": "c" * 64})
    assert dataset("particles") == dataset("images", data=images)
    assert dataset("particles") != dataset("split otherwise", data=other)


def test_a_run_tells_how_its_training_ended_and_goes_on_with_it(results):
    def status(run_id):
        return client(results).get_run(run_id).info.status

    tracked = TrackedTraining(results, training_of("ends"))
    with pytest.raises(KeyboardInterrupt), tracked:
        raise KeyboardInterrupt
    assert status(tracked.run_id) == "KILLED"
    again = TrackedTraining(results, training_of("ends"))
    assert again.run_id == tracked.run_id
    assert status(tracked.run_id) == "RUNNING"
    with pytest.raises(ValueError, match="broken"), again:
        raise ValueError("broken")
    assert status(tracked.run_id) == "FAILED"
    with TrackedTraining(results, training_of("ends")) as last:
        last.epoch(HISTORY[0])
    assert status(last.run_id) == "FINISHED"


def test_an_epoch_that_is_logged_twice_has_one_value(results):
    first = TrackedTraining(results, training_of("twice"))
    for row in HISTORY[:2]:
        first.epoch(row)
    # Killed before its checkpoint, it does the last epoch again.
    second = TrackedTraining(results, training_of("twice"))
    for row in HISTORY[1:]:
        second.epoch(row)
    assert steps(results, first.run_id, "loss") == [1, 2, 3]
