"""Time dry runs, in which Snakemake reads the rules and finds what to make, by number of files.

    python benchmarks/dag.py 20 1000

Of jet files of the user's, as small as can be, and the architectures of config/benchmark.yaml with
three seeds each. Nothing has been made yet. The processor's time says more on a busy machine.
"""

from __future__ import annotations

import argparse
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import yaml

from jetline.configuration.reading import load_yaml

ROOT = Path(__file__).resolve().parent.parent


def write(folder: Path, files: int) -> Path:
    """Write so many jet files, of a jet each, and the configuration."""
    jets = folder / "jets"
    jets.mkdir()
    particles = np.array([[[50.0, 0.1, 0.2, 211.0]]])
    for number in range(files):
        np.savez(jets / f"few_{number:05}.npz", X=particles, y=np.array([number % 2]))
    values = load_yaml(ROOT / "config/benchmark.yaml")
    values |= {
        "run": "dag",
        "datasets": {"few": {"source": "files", "paths": [f"{jets}/*.npz"]}},
        "train_on": "few",
        "test_on": ["few"],
    }
    path = folder / "dag.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def timed(configuration: Path) -> tuple[float, float, int]:
    """Give the seconds of one dry run, those of a processor, and the steps that it plans."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--dry-run"]
    command += ["--configfile", configuration]
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        command, cwd=configuration.parent, capture_output=True, text=True, check=False
    )
    took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said = run.stdout + run.stderr
    steps = re.search(r"(\d+) steps would be run", said)
    if run.returncode or not steps:
        raise SystemExit(said)
    return took, busy, int(steps[1])


def main() -> None:
    """Print a line for each number of files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", type=int, nargs="+")
    parser.add_argument("--repetitions", type=int, default=3)
    asked = parser.parse_args()
    for files in asked.files:
        with tempfile.TemporaryDirectory() as folder:
            configuration = write(Path(folder), files)
            runs = [timed(configuration) for _ in range(asked.repetitions)]
        took = statistics.median(run[0] for run in runs)
        busy = statistics.median(run[1] for run in runs)
        print(
            f"{files} files, {runs[0][2]} steps: {took:.1f} s, {busy:.1f} s of a processor "
            f"(medians of {len(runs)})",
            flush=True,
        )


if __name__ == "__main__":
    main()
