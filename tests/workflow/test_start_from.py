"""A training that starts from another is done after it, and is known by the weights it had."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from checkout import Checkout
from jetline.core.files import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

TINY = {"architecture": "pfn", "epochs": 1, "batch_size": 64, "phi": [4], "f": [4]}
ENTRIES = {
    "large": TINY | {"seeds": [7]},
    "tuned": TINY | {"start_from": {"entry": "large", "freeze": ["phi"]}, "training_jets": 50},
    "again": TINY | {"f": [5], "start_from": "tuned"},
}
FEW = {"datasets": {"few": {"source": "sample"}}}


@pytest.fixture(scope="module")
def checkout(root, tmp_path_factory) -> Checkout:
    return Checkout(root, tmp_path_factory.mktemp("checkout"))


def training(run: str, label: str, seed: int = 1) -> str:
    return f"results/runs/{run}/trainings/{label}/seed-{seed}"


def record(checkout: Checkout, folder: str) -> dict:
    return json.loads((checkout.folder / folder / "training.json").read_text())


@pytest.fixture(scope="module")
def trained(checkout) -> Path:
    """The configuration, with all three trainings done."""
    configuration = checkout.configure("chain", run="chain", **FEW, architectures=ENTRIES)
    wanted = f"{training('chain', 'again')}/training.json"
    result = checkout.snakemake(wanted, "--configfile", configuration)
    assert result.returncode == 0, result.stdout
    return configuration


def test_trainings_are_planned_one_after_the_other(checkout):
    configuration = checkout.configure("planned", run="planned", **FEW, architectures=ENTRIES)
    wanted = f"{training('planned', 'again')}/training.json"
    jobs = checkout.planned(wanted, "--configfile", configuration)
    trainings = {job[1:] for job in jobs if job[0] == "train"}
    assert trainings == {("large", "7"), ("tuned", "1"), ("again", "1")}


def test_a_circle_is_told_before_anything_is_planned(checkout):
    entries = ENTRIES | {"large": TINY | {"start_from": "again"}}
    result = checkout.snakemake(
        "--dry-run", "--configfile", checkout.configure("circle", **FEW, architectures=entries)
    )
    assert result.returncode == 1
    assert "large starts from again starts from tuned starts from large" in result.stdout
    assert "Traceback" not in result.stdout


def test_each_training_says_from_which_weights_it_started(checkout, trained):
    large, tuned = training("chain", "large", 7), training("chain", "tuned")
    assert record(checkout, large)["start"] is None
    for before, after in ((large, tuned), (tuned, training("chain", "again"))):
        weights = checkout.folder / before / "model.keras"
        assert record(checkout, after)["start"] == {
            "file": f"{before}/model.keras",
            "sha256": sha256_of(weights),
        }
    assert sum(record(checkout, tuned)["jets"]["train"].values()) == 50
    logs = checkout.folder / "results/runs/chain/logs/train"
    told = (logs / "again/seed-1.log").read_text()
    assert "taken over are phi_0\n" in told
    assert "made new: f_0 (4 x 5, 5); f_0 (4 x 4, 4)" in told
    assert "frozen: phi_0" in (logs / "tuned/seed-1.log").read_text()


def test_the_last_training_runs_again_only_if_what_it_starts_from_does(checkout, trained):
    wanted = f"{training('chain', 'again')}/training.json"
    assert checkout.planned(wanted, "--configfile", trained) == set()
    entries = {"run": "chain", **FEW, "architectures": ENTRIES}
    oftener = checkout.configure("oftener", checkpoint_minutes=1.5, **entries)
    assert checkout.planned(wanted, "--configfile", oftener) == set()
    changed = ENTRIES | {"tuned": ENTRIES["tuned"] | {"training_jets": 60}}
    configuration = checkout.configure("changed", run="chain", **FEW, architectures=changed)
    jobs = checkout.planned(wanted, "--configfile", configuration)
    assert {job[1] for job in jobs} == {"tuned", "again"}


@pytest.mark.parametrize(("seed", "refused"), [(1, False), (2, True)])
def test_a_finished_training_is_a_start_unless_its_jets_validate_or_test(
    checkout, trained, seed, refused
):
    start = {"training": training("chain", "large", 7)}
    entries = {"other": TINY | {"start_from": start}}
    name = f"split-{seed}"
    configuration = checkout.configure(name, run=name, seed=seed, **FEW, architectures=entries)
    wanted = f"{training(name, 'other')}/training.json"
    result = checkout.snakemake(wanted, "--configfile", configuration)
    assert (result.returncode != 0) == refused, result.stdout
    log = checkout.folder / f"results/runs/{name}/logs/train/other/seed-1.log"
    assert ("jets that validate or test here" in log.read_text()) == refused
    if not refused:
        before = checkout.folder / start["training"] / "model.keras"
        own = record(checkout, training(name, "other"))
        assert own["start"]["sha256"] == sha256_of(before)
