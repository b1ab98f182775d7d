"""The workflow as a module of another one, and a checkout that moves with its results."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest

from checkout import TINY, Checkout

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

OUTER = """
configfile: "outer.yaml"

module jetline:
    snakefile: "{checkout}/Snakefile"
    config: config
    prefix: "taggers"

use rule * from jetline as jetline_*

rule summary:
    default_target: True
    input: rules.jetline_all.input
    output: "summary.txt"
    shell: "echo $PATH > {{output}}"
"""


@pytest.fixture(scope="module")
def checkout(root, tmp_path_factory) -> Checkout:
    """A checkout that has run nothing yet."""
    return Checkout(root, tmp_path_factory.mktemp("elsewhere") / "checkout")


def configured(**changed) -> str:
    """A configuration of one tiny tagger on the bundled sample and on jets of the user's."""
    few = TINY | {"architectures": {"cnn": TINY["architectures"]["cnn"]}} | changed
    return json.dumps(few)


def run(checkout: Checkout, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run snakemake in a folder."""
    return subprocess.run(
        ["snakemake", "--cores", "2", *arguments],
        cwd=folder,
        env=checkout.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def make_jets(bundled: list[Path], folder: Path) -> None:
    folder.mkdir(parents=True)
    with np.load(bundled[0], allow_pickle=False) as archive:
        constituents, labels = archive["X"][:400], archive["y"][:400]
    # Elsewhere in rapidity, or they would be found among the jets of the sample.
    constituents[..., 1] += np.where(constituents[..., 0] > 0, 0.01, 0)
    np.savez_compressed(folder / "few.npz", X=constituents, y=labels)


def test_an_outer_workflow_of_ten_lines_runs_it_below_a_prefix(checkout, bundled, tmp_path):
    make_jets(bundled, tmp_path / "jets")
    (tmp_path / "outer.yaml").write_text(configured())
    (tmp_path / "Snakefile").write_text(OUTER.format(checkout=checkout.folder))
    result = run(checkout, tmp_path)
    assert result.returncode == 0, result.stdout
    runs = tmp_path / "taggers/results/runs/tiny"
    assert "Jets of few" in (runs / "report.html").read_text()
    record = json.loads((runs / "trainings/cnn/seed-1/training.json").read_text())
    assert record["mlflow_run_id"]
    assert (tmp_path / "taggers/results/mlflow.db").exists()
    # Nothing of ours lies outside the prefix, and the outer rules' shell is left alone.
    assert not (tmp_path / "results").exists()
    assert (tmp_path / "summary.txt").read_text().strip() == checkout.environment["PATH"]
    again = run(checkout, tmp_path, "--dry-run")
    assert "Nothing to be done" in again.stdout, again.stdout


def test_of_weights_to_start_from_only_its_own_lie_below_the_prefix(checkout, bundled, tmp_path):
    make_jets(bundled, tmp_path / "jets")
    tagger = TINY["architectures"]["pfn"] | {"architecture": "pfn"}
    given = tmp_path / "results/runs/big/trainings/pfn/seed-1"
    given.mkdir(parents=True)
    for name in ("model.keras", "training.json"):
        (given / name).touch()
    entries = {
        "first": tagger | {"start_from": {"training": str(given.relative_to(tmp_path))}},
        "second": tagger | {"start_from": "first"},
    }
    (tmp_path / "outer.yaml").write_text(configured(architectures=entries))
    (tmp_path / "Snakefile").write_text(OUTER.format(checkout=checkout.folder))
    result = run(checkout, tmp_path, "--dry-run", "--printshellcmds")
    assert result.returncode == 0, result.stdout
    assert f" --start {given.relative_to(tmp_path)}/model.keras --start-seen" in result.stdout
    assert " --start-unseen taggers/results/runs/tiny/split/few.npz" in result.stdout
    own = "taggers/results/runs/tiny/trainings/first/seed-1/model.keras"
    assert f" --start {own} " in result.stdout


def test_a_checkout_that_moves_with_its_results_reruns_nothing(checkout, bundled, tmp_path):
    make_jets(bundled, checkout.folder / "jets")
    (checkout.folder / "mine.yaml").write_text(
        configured(
            datasets={**TINY["datasets"], "demo": {"source": "sample"}},
            test_on=["few", "demo"],
            # These jets are among the bundled ones, but for what makes them others.
            split={"duplicates": "drop"},
        )
    )
    mine = ("--configfile", "mine.yaml")
    result = run(checkout, checkout.folder, *mine)
    assert result.returncode == 0, result.stdout
    moved = tmp_path / "another place"
    shutil.copytree(checkout.folder, moved, symlinks=True)
    elsewhere = Checkout.__new__(Checkout)
    elsewhere.folder = moved
    elsewhere.environment = checkout.environment | {"PYTHONPATH": str(moved / "src")}
    again = run(elsewhere, moved, *mine, "--dry-run")
    assert "Nothing to be done" in again.stdout, again.stdout

    # The next job puts the artifacts' addresses right.
    forced = run(elsewhere, moved, *mine, "--forcerun", "track")
    assert forced.returncode == 0, forced.stdout
    with sqlite3.connect(moved / "results/mlflow.db") as database:
        addresses = {row[0] for row in database.execute("SELECT artifact_uri FROM runs")}
    assert addresses
    assert all(address.startswith(moved.as_uri()) for address in addresses)
