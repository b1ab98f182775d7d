"""A dataset of quark jets alone beside one of both classes is tested on, reported and tracked."""

from __future__ import annotations

import json
import re

import mlflow
import numpy as np
import pytest

from checkout import TINY, Checkout

CONFIGURED = {
    "datasets": {
        "both": {"source": "files", "paths": ["jets/both.npz"]},
        "quarks": {"source": "files", "paths": ["jets/quarks.npz"]},
    },
    "train_on": "both",
    "test_on": ["both", "quarks"],
    # Observables, for the cuts on each of them.
    "architectures": {"pfn": TINY["architectures"]["pfn"], "observables": {}},
}


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    made = Checkout(root, tmp_path_factory.mktemp("checkout"))
    (made.folder / "jets").mkdir()
    with np.load(bundled[0], allow_pickle=False) as archive:
        constituents, labels = archive["X"], archive["y"]
    np.savez_compressed(made.folder / "jets/both.npz", X=constituents[:400], y=labels[:400])
    quarks = 400 + np.flatnonzero(labels[400:] == 1)[:400]
    np.savez_compressed(made.folder / "jets/quarks.npz", X=constituents[quarks], y=labels[quarks])
    return made


@pytest.mark.slow
def test_quark_jets_alone_go_from_the_jet_file_to_the_report_and_mlflow(checkout):
    configured = ("--configfile", checkout.configure("tiny", **CONFIGURED))
    result = checkout.snakemake(*configured)
    assert result.returncode == 0, result.stdout
    run = checkout.folder / "results/runs/tiny"

    for path in [*run.rglob("metrics.json"), *run.glob("cuts/*.json")]:
        read = json.loads(path.read_text(), parse_constant=pytest.fail)
        alone = read["dataset"] == "quarks"
        assert (read["jets"].get("by_class", read["jets"])["gluon"] == 0) == alone
        for figures in [row["figures"] for row in read.get("rows", [read])]:
            assert figures["accuracy"]["error"] is not None
            assert (figures["auc"]["value"] is None) == alone

    told = "test dataset quarks holds quark jets alone: AUC"
    logs = sorted(path for path in (run / "logs").rglob("*.log") if told in path.read_text())
    of_evaluations = [path.parts[-4:] for path in logs if path.name == "quarks.log"]
    assert len(of_evaluations) == 3  # two taggers and the cuts
    assert not [
        path for path in (run / "logs").rglob("*.log") if "RuntimeWarning" in path.read_text()
    ]

    page = re.sub(r"<[^>]*>", "", (run / "report.html").read_text())
    assert "Test dataset quarks holds quark jets alone: AUC, 1/εg and Log loss need both" in page
    assert "On both, the largest AUC is that of" in page
    assert "Of quark jets alone, because there are no gluon jets" in page

    tracked = json.loads((run / "tracking/comparison.json").read_text())
    client = mlflow.MlflowClient(tracked["tracking_uri"])
    trainings = [json.loads(path.read_text()) for path in (run / "tracking").glob("*/seed-1.json")]
    assert len(trainings) == 2
    for one in [*tracked["cuts"].values(), *(training["run_id"] for training in trainings)]:
        logged = client.get_run(one).data.metrics
        of_quarks = {name for name in logged if name.startswith("test/quarks/")}
        assert of_quarks == {"test/quarks/accuracy"}
        assert "test/both/auc" in logged
    assert checkout.planned(*configured) == set()


@pytest.mark.slow
def test_training_jets_of_one_class_are_refused(checkout):
    changed = {"train_on": "quarks", "test_on": ["both"], "run": "refused"}
    path = checkout.configure("refused", **CONFIGURED | changed)
    statistics = "results/runs/refused/statistics/particles.json"
    result = checkout.snakemake(statistics, "--configfile", path)
    assert result.returncode != 0
    logs = (checkout.folder / "results/runs/refused/logs").rglob("*.log")
    assert any("no gluon jet among" in path.read_text() for path in logs)
