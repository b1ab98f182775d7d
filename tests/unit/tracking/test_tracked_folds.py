"""The folds of a training are runs below its own, which has all their taggers as one model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mlflow import MlflowClient

from jetline.core.files import read_json, write_text
from jetline.records.evaluation import EvaluationRecord
from jetline.records.history import History
from jetline.records.training import FoldRecord
from jetline.tracking.address import tracking_uri
from jetline.tracking.client import start
from jetline.tracking.live import TrackedTraining
from jetline.tracking.runs import KIND, PARENT
from jetline.tracking.trainings import complete
from together import HISTORY, training_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def results(tmp_path, monkeypatch) -> Path:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    start(tmp_path / "results")
    return tmp_path / "results"


def joined(folder: Path, tracked: dict[int, str]) -> tuple[Path, Path]:
    """Folders of a training in three folds and of its evaluation; some folds were tracked."""
    training, evaluation = folder / "seed-2", folder / "evaluation"
    told = []
    for fold in range(3):
        own = training / f"fold-{fold}"
        History(HISTORY).write(own / "history.csv")
        write_text(own / "model.keras", f"model {fold}")
        record = training_of(f"fold-{fold}", fold=fold, mlflow_run_id=tracked.get(fold))
        record.write(own / "training.json")
        told.append(
            FoldRecord(key=record.key, epochs=3, best_epoch=2, best_validation_loss=0.1 * fold)
        )
    History(HISTORY).write(training / "history.csv")
    training_of("together", folds=told).write(training / "training.json")
    EvaluationRecord(
        label="pfn",
        seed=2,
        training="together",
        dataset="demo",
        bootstrap={"seed": 1, "resamples": 1000},
        jets={"by_class": {"quark": 100, "gluon": 100}, "sha256": "d" * 64},
        figures={"auc": {"value": 0.86, "low": 0.85, "high": 0.87, "error": 0.009}},
        jetline="0",
    ).write(evaluation / "metrics.json")
    return training, evaluation


def test_folds_become_children_of_their_training_tracked_before_or_not(results, tmp_path):
    tracked = {}
    for fold in (0, 2):  # MLflow was away in between
        with TrackedTraining(results, training_of(f"fold-{fold}", fold=fold)) as live:
            live.epoch(HISTORY[0])
            tracked[fold] = live.run_id
    client = MlflowClient(tracking_uri(results))
    first = client.get_run(tracked[0])
    assert first.data.tags[KIND] == "fold"
    assert first.info.run_name == "toy/pfn/seed-2/fold-0"
    assert first.data.params["fold"] == "0"
    training, evaluation = joined(tmp_path, tracked)
    for _ in range(2):
        complete(results, training, [evaluation], lambda _folder: None, tmp_path / "tracked.json")
    run = client.get_run(read_json(tmp_path / "tracked.json")["run_id"])
    assert run.data.tags[KIND] == "training"
    assert run.data.metrics["best_validation_loss"] == pytest.approx(0.1)
    assert "3 folds" in run.data.tags["mlflow.note.content"]
    folds = client.search_runs(
        [run.info.experiment_id], f"tags.`{PARENT}` = '{run.info.run_id}'", order_by=["params.fold"]
    )
    assert [one.data.params["fold"] for one in folds] == ["0", "1", "2"]
    assert {one.info.status for one in folds} == {"FINISHED"}
    assert [folds[0].info.run_id, folds[2].info.run_id] == [tracked[0], tracked[2]]
    for one in folds:
        steps = [m.step for m in client.get_metric_history(one.info.run_id, "loss")]
        assert sorted(steps) == [1, 2, 3]
    models = {path.read_text() for path in (results / "mlartifacts").rglob("model.keras")}
    assert models == {"model 0", "model 1", "model 2"}
    assert len(run.outputs.model_outputs) == 1
