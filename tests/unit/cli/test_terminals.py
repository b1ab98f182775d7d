"""Nothing that is printed fails where a terminal or a log is not UTF-8; files always are UTF-8."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from synthetic_run import write_drawn_comparison, write_run

SAMPLE = Path(__file__).parents[3] / "resources" / "sample" / "QG_jets_0.npz"

TERMINALS = {
    "ASCII": {"PYTHONIOENCODING": "ascii"},
    "Latin 1": {"PYTHONIOENCODING": "latin-1:strict"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.fixture(params=TERMINALS)
def jetline(request, tmp_path):
    """Run a command in such a terminal, within a folder whose name it cannot show."""
    folder = tmp_path / ("jets" if request.param == "C" else "jets-ü-π")
    folder.mkdir()
    kept = {name: text for name, text in os.environ.items() if not name.startswith("LC_")}
    environment = kept | {"PYTHONPATH": os.pathsep.join(sys.path)} | TERMINALS[request.param]

    def run(*words: object, status: int = 0, program=("-m", "jetline.cli.main")) -> str:
        command = [sys.executable, *program, *map(str, words)]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, check=False, timeout=300
        )
        told = (done.stdout + done.stderr).decode("latin-1")
        assert "Traceback" not in told
        assert done.returncode == status, told
        return told

    run.folder = folder
    return run


def few_jets(folder: Path) -> Path:
    with np.load(SAMPLE) as archive:
        np.savez(folder / "few.npz", X=archive["X"][:300], y=archive["y"][:300])
    return folder / "few.npz"


def test_jets_are_checked_and_validated(jetline):
    few = few_jets(jetline.folder)
    assert "gluon jets, all valid" in jetline("check", few, "--name", "few", "--output", "i.npz")
    told = jetline("validate", few, "--output", "validation")
    assert r"\u03c0\u207a" in told  # a pi, as what shows no pi shows it
    written = (jetline.folder / "validation/validation.csv").read_bytes()
    assert "π⁺" in written.decode("utf-8")
    record = (jetline.folder / "validation/validation.json").read_text(encoding="utf-8")
    assert any("π⁺" in row["quantity"] for row in json.loads(record)["rows"])


def test_a_plus_minus_sign_is_written_in_letters_that_are_there(jetline):
    run = jetline.folder / "results/runs/toy"
    made = write_run(run, {"good": {"noise": 0.1}, "bad": {"noise": 2.0}}, n_jets=300)
    write_drawn_comparison(*made, run / "comparison")
    told = jetline("result", "results/runs/toy")
    assert r"\x" not in told.split("Report:")[0]
    assert r"\u" not in told.split("Report:")[0]
    title, explained, heading, *rows = told.splitlines()[:5]
    assert title.endswith("best first")
    sign = "+-" if "+-" in explained else "\xb1"  # Latin 1 has one
    assert explained.startswith(f"(mean {sign} error from the test sample")
    for row in rows:
        assert f" {sign} " in row
        assert row.index("0.") == heading.index("AUC"), "columns are no longer straight"
    assert "1/eps_g at eps_q = 50 %" in heading


def test_errors_are_told(jetline):
    assert "no such file" in jetline("validate", jetline.folder / "missing.npz", status=1)
    np.savez(jetline.folder / "other.npz", **{"größe": np.ones(3)})
    assert r"gr\xf6\xdfe" in jetline("validate", "other.npz", status=1).replace("öß", r"\xf6\xdf")


def test_a_network_is_trained(jetline):
    few = few_jets(jetline.folder)
    jetline("check", few, "--name", "few", "--output", "i.npz")
    jetline("shard", few, "--inputs", "observables", "--output", "shard")
    part = json.dumps({"by": "jet", "train": 0.6, "validation": 0.2, "test": 0.2})
    jetline(
        *("split", "--settings", part, "--source", "files", "--configuration-seed", 1),
        *("--index", "i.npz", "--output", "parts.npz"),
    )
    jetline("statistics", "shard", "--parts", "parts.npz", "--output", "statistics.json")
    settings = json.dumps({"architecture": "observables", "epochs": 1})
    told = jetline(
        *("train", "shard", "--run", "r", "--label", "observables", "--settings", settings),
        *("--dataset", "few", "--code", "0", "--training-seed", 1, "--parts", "parts.npz"),
        *("--statistics", "statistics.json", "--checkpoints", jetline.folder / "checkpoints"),
        *("--results", jetline.folder / "results", "--output", jetline.folder / "trained"),
        *("--device", "cpu", "--threads", 2),
    )
    assert "loss" in told
    assert (jetline.folder / "trained" / "training.json").exists()


PROGRESS = """
import sys
from jetline.cli import main
from jetline.core import progress

progress._EVERY = 0.0
main.main(["--version"])
with progress.progress_bar("jets_\\u00fc_\\u03c0", 2, "jets") as bar:
    bar.update()
"""


def test_progress_is_told(jetline):
    assert r"_\u03c0: 1 of 2 jets" in jetline(program=("-c", PROGRESS))
