"""`make lessons` makes notebooks for a student once, and never writes over what is theirs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A checkout whose environment is set up, its programs being stand-ins that tell of a call."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "docs/lessons", tmp_path / "docs/lessons")
    binaries = tmp_path / ".venv/bin"
    binaries.mkdir(parents=True)
    stand_in(
        binaries / "jupytext",
        'echo "jupytext $*"\n'
        'while [ $# -gt 1 ]; do [ "$1" = --output ] && output=$2; shift; done\n'
        'cp "$1" "$output"',
    )
    stand_in(binaries / "jupyter", 'echo "jupyter $*"')
    stand_in(binaries / "pip", 'echo "pip $*"')
    for name in ("bin/pip", ".ready", ".ready-lessons"):
        (tmp_path / ".venv" / name).touch()
    return tmp_path


def stand_in(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def made(checkout: Path) -> str:
    run = subprocess.run(
        ["make", "lessons"], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_each_lesson_becomes_a_notebook_in_the_folder_that_jupyter_opens(checkout):
    told = made(checkout)
    names = {path.stem for path in (checkout / "docs/lessons").glob("*.py")}
    assert {path.stem for path in (checkout / "results/lessons").glob("*.ipynb")} == names
    assert told.splitlines()[-1] == "jupyter lab results/lessons"
    assert "pip install" not in told


def test_a_notebook_that_is_there_stays_the_students(checkout):
    made(checkout)
    mine, fresh = (checkout / f"results/lessons/{name}.ipynb" for name in ("1_digits", "2_jets"))
    mine.write_text("my answers")
    fresh.unlink()
    # As after a pull that has changed the lesson.
    (checkout / "docs/lessons/1_digits.py").touch()
    told = made(checkout)
    assert mine.read_text() == "my answers"
    assert fresh.read_text() == (checkout / "docs/lessons/2_jets.py").read_text()
    assert told.count("jupytext") == 1


def test_jupyter_is_installed_where_it_is_not_and_what_is_locked_stays(checkout):
    (checkout / ".venv/.ready-lessons").unlink()
    told = made(checkout)
    assert "installing Jupyter" in told
    assert "-c .venv/installed.txt" in told
    assert ".[lessons]" in told
