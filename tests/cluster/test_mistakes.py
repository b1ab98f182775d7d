"""What cannot work on a cluster is said before the first job, in a few lines."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TINY = ("--configfile", "tiny.yaml")
#: So that the shipped number of threads, more than the nodes have, is not what is refused.
FEWER = ("--set-threads", "train=4")


def refused(run: subprocess.CompletedProcess) -> list[str]:
    """Lines of the error that a run stopped with."""
    assert run.returncode == 1, run.stdout
    assert "Traceback" not in run.stdout
    _, _, error = run.stdout.partition("error: ")
    return error.strip().splitlines()


def test_more_processors_than_any_node_has_are_refused(checkout):
    run = checkout.snakemake(*TINY)
    assert refused(run) == [
        "the cluster, rule train",
        "  found:    8 processors (threads)",
        "  expected: what a node of partition cpu can give: 4",
        "  to do:    in profiles/slurm/profile.yaml: set-threads: {train: 4}",
    ]
    assert "submitted" not in run.stdout
    # The lock is gone: the same command can be given again.
    assert not list((checkout.folder / ".snakemake/locks").glob("*"))


def test_a_partition_that_is_none_is_told_once(checkout):
    run = checkout.snakemake(*TINY, *FEWER, "--default-resources", "slurm_partition=fast")
    where, found, expected, _ = refused(run)
    assert where.startswith("the cluster, rules check_jets, compare, draw_comparison and ")
    assert found == "  found:    partition fast"
    assert expected == "  expected: one of cpu, gpu, short, small, spare, again"


def test_a_time_limit_that_is_too_short_names_the_partitions_that_fit(checkout):
    run = checkout.snakemake(*TINY, *FEWER, "--default-resources", "slurm_partition=short")
    lines = refused(run)
    assert "  found:    60 minutes (runtime)" in lines
    assert (
        "  to do:    in profiles/slurm/profile.yaml: set-resources: {train: {runtime: 30}}; or "
        "partition cpu or gpu, whose nodes can" in lines
    )


def test_steps_that_are_one_job_are_looked_at_together(checkout):
    # In turn: they ask for their times together, and for the memory of the largest alone.
    changed = ("check_jets:runtime=25", "shard_jets:mem_mb=15000")
    short = ("--default-resources", "slurm_partition=short", "--until", "shard_jets")
    run = checkout.snakemake(*TINY, *short, "--set-resources", *changed)
    assert refused(run) == [
        "the cluster, group file",
        "  found:    45 minutes (runtime)",
        "  expected: what a node of partition short can give: 30 minutes",
        "  to do:    in profiles/slurm/profile.yaml: take check_jets, shard_jets out of `groups`, "
        "to be jobs of their own; or partition cpu or gpu, whose nodes can",
    ]


def test_without_slurm_the_machine_is_said_to_be_the_wrong_one(checkout, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    for folder in ("/usr/bin", "/bin"):
        for program in Path(folder).iterdir():
            theirs = program.name.startswith("s") and program.name in SLURMS
            if not theirs and not (programs / program.name).exists():
                (programs / program.name).symlink_to(program)
    own = checkout.environment["PATH"].partition(os.pathsep)[0]
    run = subprocess.run(
        ["snakemake", "--workflow-profile", "profiles/slurm", *TINY],
        cwd=checkout.folder,
        env=checkout.environment | {"PATH": f"{own}{os.pathsep}{programs}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert refused(run)[:2] == ["SLURM on this machine", "  found:    no program sinfo"]


SLURMS = {"sacct", "sbatch", "scancel", "scontrol", "sinfo", "squeue", "srun", "sshare"}
