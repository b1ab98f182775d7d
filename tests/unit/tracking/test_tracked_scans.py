"""Scans in MLflow: a run that holds its trials, below that of the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mlflow import MlflowClient

from jetline.core.errors import TrainingFailedError
from jetline.core.files import read_json, write_text
from jetline.tracking.address import tracking_uri
from jetline.tracking.client import start
from jetline.tracking.comparison import start_comparison
from jetline.tracking.live import TrackedTraining
from jetline.tracking.runs import KIND, PARENT
from jetline.tracking.scans import start_scans, track_scan
from synthetic_scan import grid_of
from together import HISTORY, training_of

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.records.scan import ScanRecord


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def runs_by_name(results: Path) -> dict:
    """Runs by their names; of two of one name the test ends."""
    client = MlflowClient(tracking_uri(results))
    found = client.search_runs([start(results)])
    named = {run.info.run_name: run for run in found}
    assert len(named) == len(found)
    return named


def write_scan(folder: Path, record: ScanRecord) -> Path:
    for name in ("trials.csv", "best.yaml", f"scan-{record.label}.png"):
        write_text(folder / name, "made up")
    record.write(folder / "scan.json")
    return folder / "scan.json"


def test_trials_are_below_their_scan_which_is_below_the_comparison(tmp_path):
    results = tmp_path / "results"
    start_comparison(results, "toy")
    for _ in range(2):  # as often as the workflow is started
        start_scans(results, "toy", ["pfn"])
    ids = {}
    for number in (1, 2):
        trained = training_of(f"key-{number}", label=f"pfn--{number}")
        with TrackedTraining(results, trained, "pfn") as tracked:
            tracked.epoch(HISTORY[0])
        ids[number] = tracked.run_id
    with (
        pytest.raises(TrainingFailedError),
        TrackedTraining(results, training_of("key-3", label="pfn--3"), "pfn"),
    ):
        raise TrainingFailedError("training", found="nan", expected="numbers", remedy="none")
    runs = runs_by_name(results)
    comparison, scan = runs["toy"], runs["toy/pfn, scan"]
    assert scan.data.tags[PARENT] == comparison.info.run_id
    for number in (1, 2, 3):
        trial = runs[f"toy/pfn--{number}/seed-2"]
        assert trial.data.tags[KIND] == "trial"
        assert trial.data.tags[PARENT] == scan.info.run_id
    assert runs["toy/pfn--3/seed-2"].info.status == "FAILED"

    # Trials 4 to 6 were not tracked: MLflow was away.
    record = grid_of("pfn")
    trials = [
        trial.model_copy(update={"mlflow_run_id": ids.get(trial.number)}) for trial in record.trials
    ]
    record = record.model_copy(update={"trials": trials})
    path = write_scan(tmp_path / "scan", record)
    for _ in range(2):
        track_scan(results, "toy", path, tmp_path / "tracked.json")
    runs = runs_by_name(results)
    assert len(runs) == 2 + 6
    scan = runs["toy/pfn, scan"]
    assert read_json(tmp_path / "tracked.json")["run_id"] == scan.info.run_id
    assert scan.info.status == "FINISHED"
    best = record.best_trial
    assert scan.data.metrics["best_validation_auc"] == best.value
    assert scan.data.tags["best.training.schedule"] == '"cosine"'
    assert "```yaml\narchitectures:" in scan.data.tags["mlflow.note.content"]
    filled = runs["toy/pfn--5"]
    assert filled.data.params["learning_rate"] == str(record.trials[4].values["learning_rate"])
    assert filled.data.tags[PARENT] == scan.info.run_id
    client = MlflowClient(tracking_uri(results))
    kept = {one.path for one in client.list_artifacts(scan.info.run_id)}
    assert kept == {"trials.csv", "best.yaml", "scan.json", "scan-pfn.png"}


def test_a_scan_that_nobody_announced_is_tracked_all_the_same(tmp_path):
    results = tmp_path / "results"
    track_scan(results, "toy", write_scan(tmp_path / "scan", grid_of("pfn")), tmp_path / "t.json")
    runs = runs_by_name(results)
    assert len(runs) == 1 + 6
    assert all(PARENT in run.data.tags for name, run in runs.items() if "scan" not in name)
