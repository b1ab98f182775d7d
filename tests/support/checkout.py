"""Provide a copy of the checkout that a test may run and change."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

TINY = {
    "run": "tiny",
    "seed": 1,
    "datasets": {"few": {"source": "files", "paths": ["jets/*.npz"]}},
    "train_on": "few",
    "test_on": ["few"],
    "seeds": [1],
    "architectures": {
        "cnn": {"inputs": "images/notebook", "epochs": 1, "batch_size": 64},
        "pfn": {"epochs": 1, "batch_size": 64, "phi": [8, 8], "f": [8]},
    },
}


class Checkout:
    """The project's files in a folder of their own, run as a user runs them."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("Snakefile", "environment.yml"):
            shutil.copy(root / name, folder)
        leave_out = shutil.ignore_patterns("__pycache__")
        for name in ("workflow", "profiles", "config", "src", "resources"):
            shutil.copytree(root / name, folder / name, ignore=leave_out)
        binaries = Path(sys.executable).parent
        self.environment = os.environ | {
            "PYTHONPATH": str(folder / "src"),
            "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        }
        # A command that a test has run in this process may have left the backend behind.
        for name in ("MLFLOW_TRACKING_URI", "KERAS_BACKEND"):
            self.environment.pop(name, None)

    def configure(self, name: str = "tiny", **changed: Any) -> Path:
        """Write the tiny configuration, changed at the top level."""
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(TINY | changed))
        return path

    def snakemake(self, *arguments: str | Path) -> subprocess.CompletedProcess:
        """Run snakemake on two cores."""
        return self.run("snakemake", "--cores", "2", *arguments)

    def run(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess:
        """Run a command in the checkout; stderr comes with stdout."""
        return subprocess.run(
            list(map(str, command)),
            cwd=self.folder,
            env=self.environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def planned(self, *arguments: str | Path) -> set[tuple[str, ...]]:
        """Jobs that a dry run would do: (rule, wildcard values...), `all` left out."""
        result = self.snakemake("--dry-run", "--printshellcmds", *arguments)
        assert result.returncode == 0, result.stdout
        jobs = set()
        for block in re.split(r"\n(?=(?:local)?rule )", result.stdout)[1:]:
            rule = re.match(r"(?:local)?rule (\w+):", block)[1]
            wildcards = re.search(r"^    wildcards: (.*)$", block, re.MULTILINE)
            values = [pair.split("=")[1] for pair in wildcards[1].split(", ")] if wildcards else []
            jobs.add((rule, *values))
        return {job for job in jobs if job[0] != "all"}

    @contextlib.contextmanager
    def changed(self, name: str, *, append: str) -> Iterator[None]:
        """Append to a file of the checkout for as long as the block lasts."""
        path = self.folder / name
        before = path.read_text()
        path.write_text(before + append)
        try:
            yield
        finally:
            path.write_text(before)
