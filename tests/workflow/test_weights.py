"""Jets with weights go from their files to the report; weights decide what is learnt and told."""

from __future__ import annotations

import json

import numpy as np
import pytest

from checkout import TINY, Checkout
from jetline.evaluation.metrics import evaluate
from jetline.records.predictions import Predictions
from jetline.records.training import TrainingRecord

CONFIGURED = {
    "datasets": {"few": {"source": "files", "paths": ["jets/*.npz"], "weights": "w"}},
    "flatten": ["pt"],
    "architectures": {"pfn": TINY["architectures"]["pfn"], "observables": {}},
}


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    made = Checkout(root, tmp_path_factory.mktemp("checkout"))
    (made.folder / "jets").mkdir()
    with np.load(bundled[0], allow_pickle=False) as archive:
        constituents, labels = archive["X"][:1000], archive["y"][:1000]
    # Quark jets weigh three times as much, some a little less than nothing.
    weights = np.where(labels == 1, 3.0, 1.0) * np.random.default_rng(1).uniform(0.5, 1.5, 1000)
    weights[::50] = -0.2
    np.savez(made.folder / "jets/weighted.npz", X=constituents, y=labels, w=weights, run=labels)
    return made


@pytest.mark.slow
def test_weights_decide_what_is_learnt_and_what_is_told(checkout):
    configured = ("--configfile", checkout.configure("tiny", **CONFIGURED))
    result = checkout.snakemake(*configured)
    assert result.returncode == 0, result.stdout
    assert "test jets of few, by their weights" in result.stdout
    run = checkout.folder / "results/runs/tiny"

    (log,) = (checkout.folder / "results/logs").rglob("check/**/*.log")
    assert "20 negative: like" in log.read_text()
    assert "nothing reads run" in log.read_text()

    assert "flattened: " in (run / "logs/split/few.log").read_text()
    for label in ("pfn", "observables"):
        predicted = Predictions.read(run / f"predictions/{label}/seed-1/few.npz")
        # What a jet's probability is, weights included: three quarters are quarks.
        mean = np.average(predicted.scores, weights=predicted.weights)
        assert mean == pytest.approx(0.75, abs=0.1)
        told = json.loads((run / f"evaluation/{label}/seed-1/few/metrics.json").read_text())
        expected = evaluate(
            predicted.labels, predicted.scores, 1, "few", weights=predicted.weights
        ).estimates
        for name, figure in told["figures"].items():
            assert figure["value"] == expected[name].value
            assert figure["error"] == expected[name].error
        assert told["jets"]["effective"]["quark"] < told["jets"]["by_class"]["quark"]
        TrainingRecord.read(run / f"trainings/{label}/seed-1/training.json")
    assert "the same by their weights" in (run / "report.html").read_text()


@pytest.mark.slow
def test_an_array_that_is_not_there_is_told_by_the_step_that_reads_it(checkout):
    datasets = {"few": CONFIGURED["datasets"]["few"] | {"weights": "weight"}}
    result = checkout.snakemake(
        "--configfile", checkout.configure("tiny", **CONFIGURED | {"datasets": datasets})
    )
    assert result.returncode == 1
    assert "array weight" in result.stdout
    assert "no such array (the file has X, run, w, y)" in result.stdout
