"""With an image in the configuration, and only then, steps run in it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

#: Records how it is called, and runs the command as Apptainer would, here.
STAND_IN = """\
#!/bin/bash
if [ "$1" = --version ]; then echo "apptainer version 1.3.0"; exit; fi
printf '%s\\n' "$@" "bind=$APPTAINER_BIND" "path=$APPTAINERENV_PYTHONPATH" >> "$RECORD"
while [ "$1" != bash ]; do shift; done
PYTHONPATH="$APPTAINERENV_PYTHONPATH" exec "$@"
"""


@pytest.fixture
def snakemake(root, tmp_path):
    """Run Snakemake with a stand-in for Apptainer on the PATH: what it says, and the record."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/apptainer"
    program.write_text(STAND_IN)
    program.chmod(0o755)
    record = tmp_path / "record"

    def run(*arguments: str) -> tuple[str, str]:
        told = subprocess.run(
            [sys.executable, "-m", "snakemake", "--snakefile", root / "Snakefile", *arguments],
            cwd=tmp_path,
            env=os.environ
            | {
                "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "RECORD": str(record),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stdout
        return told.stdout, record.read_text() if record.exists() else ""

    return run


@pytest.mark.slow
def test_steps_run_in_the_image_that_the_configuration_names(snakemake, root, tmp_path):
    (tmp_path / "jets.sif").touch()
    target = "results/jets/sample/QG_jets_0.index.npz"
    asked = ("--cores", "1", "--sdm", "apptainer", "--config", "container=jets.sif")
    _, record = snakemake(target, *asked)
    lines = record.splitlines()
    assert lines[0] == "exec"
    assert "jets.sif" in lines
    assert any("jetline check" in line for line in lines)
    assert f"bind={root}" in lines
    assert f"path={root / 'src'}" in lines
    assert (tmp_path / target).exists()
