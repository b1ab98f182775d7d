"""Jets of three classes go from their files to report and MLflow."""

from __future__ import annotations

import json
import re

import mlflow
import numpy as np
import pytest

from checkout import TINY, Checkout

CLASSES = ("few", "some", "many")


def by_multiplicity(constituents: np.ndarray) -> np.ndarray:
    """Classes that the number of constituents nearly decides, which every tagger sees."""
    number = np.count_nonzero(constituents[:, :, 0], axis=1)
    number = number + np.random.default_rng(1).normal(scale=8, size=len(number))
    return np.searchsorted(np.quantile(number, [1 / 3, 2 / 3]), number).astype(np.uint8)


@pytest.mark.slow
def test_jets_of_three_classes_go_from_the_jet_file_to_the_report_and_mlflow(
    root, bundled, tmp_path
):
    checkout = Checkout(root, tmp_path)
    (checkout.folder / "jets").mkdir()
    with np.load(bundled[0], allow_pickle=False) as archive:
        constituents = archive["X"][:600]
    labels = by_multiplicity(constituents)
    np.savez_compressed(checkout.folder / "jets/three.npz", X=constituents, y=labels)
    configured = {
        "classes": list(CLASSES),
        "split": {"by": "jet", "train": 0.5, "validation": 0.2, "test": 0.3},
        "architectures": {"pfn": TINY["architectures"]["pfn"], "observables": {}},
    }
    told = ("--configfile", checkout.configure("tiny", **configured))
    result = checkout.snakemake(*told)
    assert result.returncode == 0, result.stdout
    run = checkout.folder / "results/runs/tiny"

    examined = json.loads((run / "examination/few/classes.json").read_text())
    assert examined["classes"] == list(CLASSES)
    assert len(examined["separations"]) == 2 * (3 + 3)
    made = {path.name for path in (run / "comparison").iterdir()}
    assert {"confusion-few.png", "reliability-few.pdf", "auc-few.png", "comparison.tex"} < made
    assert not {"roc-few.png", "scores-few.png"} & made
    # There is nothing published of such jets, and no cut between two classes.
    assert not any((run / name).exists() for name in ("validation", "cuts"))
    page = re.sub(r"<[^>]*>", "", (run / "report.html").read_text())
    assert "On few, the largest AUC is that of" in page
    assert "By class on few" in page

    tracked = json.loads((run / "tracking/comparison.json").read_text())
    client = mlflow.MlflowClient(tracked["tracking_uri"])
    for path in (run / "tracking").glob("*/seed-1.json"):
        logged = client.get_run(json.loads(path.read_text())["run_id"]).data.metrics
        names = {name.removeprefix("test/few/") for name in logged if name.startswith("test/few/")}
        assert {"accuracy", "auc", "log_loss", "macro_auc", "macro_rejection_50"} <= names
        assert "rejection_50" not in names
    artifacts = {one.path for one in client.list_artifacts(tracked["run_id"], "comparison")}
    assert "comparison/confusion-few.png" in artifacts
    assert checkout.planned(*told) == set()
