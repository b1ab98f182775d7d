"""A study and a grid in the workflow: what is planned, what is made, and what goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import mlflow
import numpy as np
import pytest
import yaml

from checkout import TINY, Checkout

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

TREES = {"architecture": "observables", "epochs": 5}
SPACE = {"learning_rate": {"low": 0.01, "high": 0.5, "log": True}, "leaves": [4, 8]}
STUDY = {"space": SPACE, "trials": 4, "at_once": 2}
GRID = {"grid": {"learning_rate": ["1e-3", 0.01], "phi": [[8], [4, 4]]}}


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    made = Checkout(root, tmp_path_factory.mktemp("checkout"))
    (made.folder / "jets").mkdir()
    with np.load(bundled[0], allow_pickle=False) as archive:
        few = {name: archive[name][:400] for name in ("X", "y")}
    np.savez_compressed(made.folder / "jets/few.npz", **few)
    return made


def configured(
    checkout: Checkout, name: str, study: dict = STUDY, grid: dict = GRID, **others
) -> list:
    entries = {
        "trees": TREES | {"scan": study},
        "pfn": TINY["architectures"]["pfn"] | {"scan": grid},
    }
    return ["--configfile", checkout.configure(name, architectures=entries, **others)]


@pytest.fixture(scope="module")
def scanned(checkout) -> Path:
    """Folder of the run once its study is concluded and its entry trained with the best."""
    run = checkout.folder / "results/runs/tiny"
    targets = ["scans/trees/tracked.json", "trainings/trees/seed-1/training.json"]
    paths = [f"results/runs/tiny/{one}" for one in targets]
    result = checkout.snakemake(*paths, *configured(checkout, "scanned"))
    assert result.returncode == 0, result.stdout
    return run


def trials(jobs, label: str) -> set[str]:
    return {job[2] for job in jobs if job[:2] == ("train_trial", label)}


def test_every_trial_is_planned_before_the_first_is_trained(root, bundled, tmp_path):
    fresh = Checkout(root, tmp_path / "fresh")
    (fresh.folder / "jets").mkdir()
    (fresh.folder / "jets/few.npz").write_bytes(bundled[0].read_bytes())
    jobs = fresh.planned(*configured(fresh, "scanned"))
    assert trials(jobs, "trees") == trials(jobs, "pfn") == {"1", "2", "3", "4"}
    rounds = {job[1:] for job in jobs if job[0] == "propose_trials"}
    assert rounds == {("trees", "1"), ("trees", "2")}
    # Trials are not scored: the test jets belong to the taggers that are compared.
    assert {job[1:] for job in jobs if job[0] == "predict"} == {("trees", "1"), ("pfn", "1")}


def test_the_entry_becomes_the_best_of_its_trials(scanned):
    folder = scanned / "scans/trees"
    scan = json.loads((folder / "scan.json").read_text())
    values = [trial["value"] for trial in scan["trials"]]
    assert len(values) == 4
    best = scan["trials"][scan["best"] - 1]
    assert best["value"] == min(values)
    training = json.loads((scanned / "trainings/trees/seed-1/training.json").read_text())
    for key, value in best["values"].items():
        assert training["settings"][key] == value
    # Of the same seed: the trial again.
    history = (scanned / "trainings/trees/seed-1/history.csv").read_text()
    assert str(best["value"])[:12] in history
    text = yaml.safe_load((folder / "best.yaml").read_text())["architectures"]["trees"]
    assert text == TREES | best["values"]
    assert (folder / "scan-trees.png").stat().st_size > 10_000
    assert not list(folder.rglob("*.keras"))


def test_trials_are_nested_in_mlflow(scanned, checkout):
    client = mlflow.MlflowClient(f"sqlite:///{checkout.folder}/results/mlflow.db")
    experiment = client.get_experiment_by_name("jetline").experiment_id
    runs = {run.info.run_name: run for run in client.search_runs([experiment])}
    scan = runs["tiny/trees, scan"]
    parent = "mlflow.parentRunId"
    assert scan.data.tags[parent] == runs["tiny"].info.run_id
    for number in range(1, 5):
        trial = runs[f"tiny/trees--{number}/seed-1"]
        assert trial.data.tags[parent] == scan.info.run_id
    assert runs["tiny/trees/seed-1"].data.tags[parent] == runs["tiny"].info.run_id


def test_a_concluded_scan_is_not_tried_again_and_more_trials_go_on_with_it(scanned, checkout):
    jobs = checkout.planned(*configured(checkout, "scanned"))
    assert trials(jobs, "trees") == set()
    more = checkout.planned(*configured(checkout, "more", STUDY | {"trials": 7}))
    assert trials(more, "trees") == {"5", "6", "7"}
    assert {job[1:] for job in more if job[0] == "propose_trials"} == {
        ("trees", "3"),
        ("trees", "4"),
    }
    oftener = checkout.planned(*configured(checkout, "oftener", checkpoint_minutes=3))
    assert {
        job for job in oftener if job[:2] in (("train_trial", "trees"), ("train", "trees"))
    } == (set())
    other = checkout.planned(*configured(checkout, "other", STUDY | {"seed": 2}))
    assert trials(other, "trees") == {"1", "2", "3", "4"}


def test_proposals_that_are_lost_are_made_the_same_again(scanned, checkout):
    path = scanned / "scans/trees/round-2.json"
    before = path.read_text()
    path.unlink()
    result = checkout.snakemake(
        "results/runs/tiny/scans/trees/round-2.json", *configured(checkout, "scanned")
    )
    assert result.returncode == 0, result.stdout
    assert path.read_text() == before


def test_mistakes_are_told_before_anything_runs(checkout):
    wrong = {"grid": {"learning_rate": [7], "depth": [1]}}
    result = checkout.snakemake("-n", *configured(checkout, "wrong", grid=wrong))
    assert result.returncode == 1
    assert "configuration, architectures.pfn.scan.grid.depth" in result.stdout
    assert "Traceback" not in result.stdout
