"""Checkout, environment, results and jets below names of all characters that a file may have."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sysconfig
import venv
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from checkout import TINY, Checkout

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

#: All that is special to a shell, to patterns, to addresses, to YAML or to Snakemake.
ODD = "a b'c\"d [e] {f} (g) $HOME ?h #i %20j &k;l *m ~n <o>|p !q \\r `s` =t,u:v@w ü"
#: Snakemake itself would fill in words where a jet file or the checkout is named.
WITHOUT_WORDS = ODD.replace("{f}", "").replace("<o>", ">")

#: What pip writes as the command `name`, run by the environment's own Python.
SCRIPT = """
import sys
from pip._vendor.distlib.scripts import ScriptMaker
maker = ScriptMaker(None, sys.argv[1])
maker.variants = {""}
maker.make("jetline = jetline.cli.main:main")
"""


def environment(folder: Path, sources: Path) -> Path:
    """Make an environment in a folder, with this one's packages and the sources; its Python."""
    venv.create(folder, symlinks=True)
    (packages,) = (folder / "lib").glob("python*/site-packages")
    (packages / "odd.pth").write_text(f"{sources}\n{sysconfig.get_path('purelib')}\n", "utf-8")
    subprocess.run([folder / "bin/python", "-c", SCRIPT, folder / "bin"], check=True)
    return folder / "bin/python"


def test_a_run_below_odd_names_is_whole(root, bundled, tmp_path):
    checkout = Checkout(root, tmp_path / WITHOUT_WORDS)
    odd = tmp_path / ODD
    odd.mkdir()
    # A colon separates the folders of PATH: Python makes no environment below one.
    python = environment(tmp_path / ODD.replace(":", ""), checkout.folder / "src")
    jets = [
        odd / f"my {WITHOUT_WORDS}" / f"{number} {WITHOUT_WORDS}.jets.npz" for number in range(2)
    ]
    jets[0].parent.mkdir()
    for file, path in zip(bundled, jets, strict=False):
        with np.load(file, allow_pickle=False) as archive:
            np.savez_compressed(path, **{name: archive[name][:300] for name in ("X", "y")})
    files = {"source": "files", "paths": [str(path.relative_to(odd)) for path in jets]}
    configuration = TINY | {
        "datasets": {"few": files, "demo": {"source": "sample"}},
        "architectures": {"cnn": TINY["architectures"]["cnn"]},
    }
    (odd / "mine.yaml").write_text(yaml.safe_dump(configuration, allow_unicode=True), "utf-8")
    others = [x for x in os.environ["PATH"].split(":") if not shutil.which("jetline", path=x)]
    variables = os.environ | {"PATH": ":".join(others)}
    for name in ("PYTHONPATH", "MLFLOW_TRACKING_URI"):
        variables.pop(name, None)
    snakemake = [python, "-m", "snakemake", "--cores", "2", "--configfile", odd / "mine.yaml"]
    snakemake += ["--snakefile", checkout.folder / "Snakefile"]

    def run(*arguments: str) -> str:
        result = subprocess.run(
            [*snakemake, *arguments],
            cwd=odd,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout
        return result.stdout

    run()
    folder = odd / "results/runs/tiny"
    assert "Jets of few" in (folder / "report.html").read_text(encoding="utf-8")
    tracked = json.loads((folder / "tracking/cnn/seed-1.json").read_text())
    record = json.loads((folder / "trainings/cnn/seed-1/training.json").read_text())
    assert tracked["run_id"] == record["mlflow_run_id"]
    (model,) = (odd / "results/mlartifacts").rglob(f"{tracked['model_id']}/**/model.keras")
    assert model.stat().st_size > 0
    with sqlite3.connect(odd / "results/mlflow.db") as database:
        assert database.execute("SELECT count(*) FROM runs").fetchone() == (2,)
    assert {path.name for path in tmp_path.iterdir()} == {
        *(ODD, WITHOUT_WORDS),
        ODD.replace(":", ""),
    }
    assert {path.name for path in odd.iterdir()} == {
        *("mine.yaml", "results", ".snakemake"),
        jets[0].parent.name,
    }
    assert "Nothing to be done" in run("--dry-run")
