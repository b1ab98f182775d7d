"""Impact parameters of a Parquet file are trained on, and `jetline score` finds them again."""

from __future__ import annotations

import json

import mlflow
import numpy as np
import pytest

from checkout import Checkout
from further_files import WRITTEN, impact_parameters
from jetline.records.export import ExportComparison
from jetline.records.predictions import Predictions
from jetline.records.statistics import Statistics
from jetline.records.training import TrainingRecord

TRAINED = "results/runs/tiny/trainings/pfn/seed-1"


@pytest.mark.slow
def test_features_of_a_file_are_trained_on_scored_exported_and_tracked(root, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    checkout = Checkout(root, tmp_path / "checkout")
    (checkout.folder / "jets").mkdir()
    with np.load(root / "resources/sample/QG_jets_0.npz") as archive:
        constituents, labels = archive["X"][:400], archive["y"][:400]
    features = impact_parameters(constituents)
    layout = WRITTEN["lists.parquet"](
        checkout.folder / "jets/mine.parquet", constituents, features, labels
    )
    told = {"source": "files", "paths": ["jets/mine.parquet"], "layout": layout}
    pfn = {"epochs": 1, "batch_size": 64, "phi": [8], "f": [8], "features": ["dz", "d0"]}
    asked = {"datasets": {"few": told}, "architectures": {"pfn": pfn}, "export": "onnx"}
    config = checkout.configure(**asked)
    result = checkout.snakemake("--configfile", config, "--until", "compare_export", "track")
    assert result.returncode == 0, result.stdout
    record = TrainingRecord.read(checkout.folder / TRAINED / "training.json")
    assert record.view["further"] == record.settings["features"] == ["dz", "d0"]
    (statistics,) = checkout.folder.glob("results/runs/tiny/statistics/**/*.json")
    assert set(Statistics.read(statistics).inputs["features"]) == {"d0", "dz"}
    compared = checkout.folder / "results/runs/tiny/export/pfn/seed-1/comparison.json"
    assert ExportComparison.read(compared).beyond == 0

    scored = ("score", "jets/mine.parquet", "--tagger", TRAINED, "--output", "scores.npz")
    result = checkout.run("jetline", *scored, "--layout", json.dumps(layout))
    assert result.returncode == 0, result.stdout
    assert "further features: d0 = d0val, dz = dzval" in result.stdout
    scores = Predictions.read(checkout.folder / "scores.npz").scores
    assert len(scores) == 400

    # As MLflow has it, the tagger takes features as more columns of raw jets.
    tracked = json.loads(
        (checkout.folder / "results/runs/tiny/tracking/pfn/seed-1.json").read_text()
    )
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracked["tracking_uri"])
    loaded = mlflow.pyfunc.load_model(f"runs:/{tracked['run_id']}/model")
    raw = np.concatenate([constituents, features[..., ::-1]], axis=2).astype(np.float64)
    np.testing.assert_allclose(loaded.predict(raw), scores, rtol=1e-4)
    assert loaded.input_example.shape[-1] == 6

    pfn["features"] = ["d0", "sip"]
    config = checkout.configure(datasets={"few": told}, architectures={"pfn": pfn})
    result = checkout.snakemake("--configfile", config, "--dry-run")
    assert result.returncode == 1
    assert "sip, but jets/mine.parquet of dataset few has d0, dz" in result.stdout
    assert "Traceback" not in result.stdout
