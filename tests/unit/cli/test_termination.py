"""A command that is told to end leaves nothing half-written."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest


@pytest.mark.parametrize("again", [False, True])
def test_a_terminated_command_removes_what_it_was_writing(tmp_path, again):
    code = """
import sys, time
from pathlib import Path
import click
from jetline.cli import main
from jetline.core.files import atomic

@click.command()
def write():
    with atomic(Path("output.npz")) as temporary:
        temporary.write_text("half")
        Path("begun").touch()
        try:
            time.sleep(60)
        finally:
            time.sleep(0.5)

main.COMMANDS.add_command(write)
sys.exit(main.main(["write"]))
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "begun").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.terminate()
        if again:
            time.sleep(0.2)
            process.terminate()
        told = process.communicate(timeout=30)[1]
    assert process.returncode == 143
    assert told == "terminated\n"
    assert [path.name for path in tmp_path.iterdir()] == ["begun"]
