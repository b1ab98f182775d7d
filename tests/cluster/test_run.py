"""The tiny configuration, whole, on a cluster without an accounting database."""

from __future__ import annotations

import json
import re

import pytest

pytestmark = pytest.mark.long


def test_the_shipped_profile_runs_the_workflow_with_three_lines_edited(checkout):
    checkout.edit_profile(
        train="  train: 2",
        default_resources="default-resources: {constraint: ib}",
        slurm_partition_config="slurm-partition-config: profiles/slurm/partitions.yaml",
    )
    soon = ("--slurm-init-seconds-before-status-checks", "5")
    run = checkout.snakemake("--configfile", "tiny.yaml", *soon)
    assert run.returncode == 0, run.stdout
    assert "states of jobs are asked of squeue, because sacct says: Slurm accounting" in run.stdout
    results = checkout.folder / "results/runs/tiny"
    assert (results / "report.html").is_file()
    assert "will not start" not in run.stdout
    # Each training has been a job of the cluster.
    submitted = dict(re.findall(r"submitted: train (\w+), .* \(SLURM job (\d+)\)", run.stdout))
    assert set(submitted) == {"cnn", "pfn"}
    for label, job in submitted.items():
        record = json.loads((results / f"trainings/{label}/seed-1/training.json").read_text())
        assert record["slurm_job"] == job
