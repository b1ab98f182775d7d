"""One job trains all seeds of an entry, and makes what separate jobs make."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from checkout import TINY, Checkout
from jetline.records.history import History
from jetline.records.training import TrainingRecord

if TYPE_CHECKING:
    from pathlib import Path

PFN = TINY["architectures"]["pfn"]
TOGETHER = {
    "backend": "jax",
    "seeds": [1, 2],
    "seeds_together": True,
    "architectures": {"pfn": PFN, "other": PFN | {"architecture": "pfn", "seeds": [2, 3]}},
}


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    made = Checkout(root, tmp_path_factory.mktemp("checkout"))
    # Which another test may have set in this process.
    made.environment.pop("KERAS_BACKEND", None)
    (made.folder / "jets").mkdir()
    with np.load(bundled[0], allow_pickle=False) as archive:
        few = {name: archive[name][:400] for name in ("X", "y")}
    np.savez_compressed(made.folder / "jets/few.npz", **few)
    return made


def test_one_job_is_planned_for_the_seeds_of_the_configuration(checkout):
    together = checkout.configure("together", **TOGETHER)
    apart = checkout.configure("apart", **TOGETHER | {"seeds_together": False})
    planned, separate = (checkout.planned("--configfile", each) for each in (together, apart))
    assert planned - separate == {("train_together", "pfn")}
    assert separate - planned == {("train", "pfn", "1"), ("train", "pfn", "2")}


def test_a_cluster_plans_it_too(checkout):
    together = checkout.configure("together", **TOGETHER)
    profile = ("--workflow-profile", "profiles/slurm", "--executor", "local")
    assert ("train_together", "pfn") in checkout.planned(*profile, "--configfile", together)


def test_what_does_not_go_together_stops_before_anything_runs(checkout):
    wrong = checkout.configure("wrong", **TOGETHER | {"backend": "tensorflow"})
    result = checkout.snakemake("--dry-run", "--configfile", wrong)
    assert result.returncode == 1
    assert "error: configuration, seeds_together" in result.stdout
    assert "Traceback" not in result.stdout


def trained(checkout: Checkout, **changed: object) -> list[tuple[TrainingRecord, History]]:
    """Train both seeds, and take their files away."""
    folders = [f"results/runs/tiny/trainings/pfn/seed-{seed}" for seed in (1, 2)]
    configuration = checkout.configure("trained", **TOGETHER | changed)
    targets = [f"{folder}/training.json" for folder in folders]
    result = checkout.snakemake(*targets, "--configfile", configuration)
    assert result.returncode == 0, result.stdout
    made: list[Path] = [checkout.folder / folder for folder in folders]
    for folder in made:
        assert sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")) == [
            "history.csv",
            "model.keras",
            "training.json",
        ]
        saved = checkout.folder / "results/runs/tiny/checkpoints/pfn" / folder.name
        assert not list(saved.glob("*"))
    read = [
        (TrainingRecord.read(f / "training.json"), History.read(f / "history.csv")) for f in made
    ]
    shutil.rmtree(made[0].parent)
    return read


@pytest.mark.slow
def test_its_files_are_those_of_separate_jobs(checkout):
    together, apart = trained(checkout), trained(checkout, seeds_together=False)
    assert len({record.mlflow_run_id for record, _ in together} - {None}) == 2
    own = {"seconds", "jets_per_second", "waiting_share", "mlflow_run_id", "numerics"}
    for (record, history), (separate, its_history) in zip(together, apart, strict=True):
        assert record.model_dump(exclude=own) == separate.model_dump(exclude=own)
        assert record.numerics == separate.numerics | {"seeds_together": "1, 2"}
        for row, its_row in zip(history.rows, its_history.rows, strict=True):
            columns = sorted(row.keys() - {"seconds"})
            np.testing.assert_allclose(
                [row[name] for name in columns], [its_row[name] for name in columns], rtol=1e-5
            )
