"""The command that a job calls is the one of the Python that plans it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jetline.planning.command import find_jetline

BESIDE = Path(sys.executable).with_name("jetline")


@pytest.fixture
def another(tmp_path) -> Path:
    """A folder with another command of the same name."""
    program = tmp_path / "jetline"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("active", [True, False])
def test_the_command_beside_this_python_is_found(monkeypatch, active):
    path = f"{BESIDE.parent}{os.pathsep}/usr/bin" if active else "/usr/bin"
    monkeypatch.setenv("PATH", path)
    find_jetline()
    assert Path(shutil.which("jetline")).samefile(BESIDE)
    # The programs of others keep their order; what is active already is left alone.
    assert os.environ["PATH"].endswith("/usr/bin") == active
    assert (os.environ["PATH"] == path) == active


def test_another_command_of_the_same_name_is_not_taken(monkeypatch, another):
    monkeypatch.setenv("PATH", f"{another}{os.pathsep}/usr/bin")
    find_jetline()
    assert Path(shutil.which("jetline")).samefile(BESIDE)


def test_a_command_that_cannot_start_because_of_its_folders_name_is_replaced(monkeypatch, tmp_path):
    python = tmp_path / "a \"b\" $HOME 'c' `d`" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("BASH_FUNC_jetline%%", "")  # so that it is removed afterwards
    find_jetline()
    told = subprocess.run(
        ["bash", "-c", "jetline train 'a b'"], capture_output=True, text=True, check=True
    )
    assert told.stdout == "-m jetline.cli.main train a b\n"
