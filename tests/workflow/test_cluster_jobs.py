"""Small steps are few jobs of a cluster."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

#: As large as the benchmark is with all that two weeks of a cluster allow: 20 files, 8
#: architectures, 5 seeds.
SHAPE = {
    "run": "shape",
    "datasets": {"pythia": {"source": "zenodo", "sample": "pythia", "files": 20}},
    "train_on": "pythia",
    "test_on": ["pythia"],
    "split": {"by": "file", "train": 0.8, "validation": 0.1, "test": 0.1},
    "seeds": [1, 2, 3, 4, 5],
    "architectures": {
        "cnn": {"inputs": "images/pt"},
        "cnn-notebook": {"architecture": "cnn", "inputs": "images/notebook"},
        "pfn": {},
        "efn": {},
        "particlenet": {},
        "particlenet-lite": {},
        "particle-transformer": {},
        "observables": {},
    },
}


@pytest.fixture
def jobs(root, tmp_path):
    """Count the jobs of a configuration."""

    def counted(configuration: dict) -> dict[str, int]:
        file = tmp_path / "configuration.yaml"
        file.write_text(yaml.safe_dump(configuration))
        command = [sys.executable, root / "benchmarks/cluster_jobs.py", file]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        lines = (line.strip().split("  ") for line in run.stdout.splitlines())
        return {name: int(number) for number, name in lines}

    return counted


def test_the_benchmark_is_at_most_140_jobs(jobs):
    counted = jobs(SHAPE)
    assert counted["jobs of the cluster"] <= 140
    # Each training by itself, all steps of a jet file together.
    assert counted["train"] == counted["group scores"] == 40
    assert counted["group file"] == 20
    assert counted["split_jets"] == 1


def test_small_steps_of_few_jets_are_no_jobs(jobs, root):
    counted = jobs(yaml.safe_load((root / "config/config.yaml").read_text()))
    assert counted["group file"] == 4
    assert {"split_jets", "training_statistics", "track", "html_report"}.isdisjoint(counted)
