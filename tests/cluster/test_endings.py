"""What SLURM does to jobs is told in a line each, with what to change."""

from __future__ import annotations

import subprocess

import pytest

pytestmark = pytest.mark.long


def told_of_failure(run: subprocess.CompletedProcess) -> list[str]:
    """Lines that tell of the one step that failed."""
    assert run.returncode == 1, run.stdout
    _, failed, rest = run.stdout.partition(" failed: ")
    assert failed, run.stdout
    first, *lines = rest.partition("\n\n")[0].splitlines()
    assert first.startswith("check few_")
    return [line.strip() for line in lines]


def test_too_little_memory_is_said_with_the_line_to_change(checkout, first_step):
    run = checkout.snakemake(*first_step, "--set-resources", "check_jets:mem_mb=40")
    said, *logs = told_of_failure(run)
    assert said.startswith("SLURM killed job ")
    assert said.endswith(
        "it used more memory than it asked for, 40 MB; in profiles/slurm/profile.yaml: "
        "set-resources: {check_jets: {mem_mb: 80}}"
    )
    assert all(line.startswith("its log: ") for line in logs)


def test_a_refusal_of_sbatch_is_one_line(checkout, first_step):
    run = checkout.snakemake(*first_step, "--set-resources", "check_jets:constraint=fast|small")
    assert told_of_failure(run) == [
        "sbatch refuses the job: Invalid feature specification; in profiles/slurm/profile.yaml, "
        "for rule check_jets: constraint"
    ]
    assert len(run.stdout) < 2000


def test_a_full_cluster_is_waited_for_with_the_reason(checkout, first_step, cluster):
    filling = cluster.run("sbatch", "--parsable", "--cpus-per-task=4", "--wrap", "sleep 600")
    command = ["snakemake", "--workflow-profile", "profiles/slurm", *first_step]
    running = subprocess.Popen(
        cluster.command(*command, folder=checkout.folder),
        env=checkout.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    told = []

    def hear(words: str) -> None:
        while not told or words not in told[-1]:
            told.append(next(running.stdout))

    hear("submitted: check few_0")
    hear("waiting on the cluster: 1 step (1 for free nodes), longest ")
    (held,) = set(cluster.jobs("--states=PENDING"))
    cluster.run("scontrol", "hold", held)
    hear(f"will not start by itself: check few_0 (files) (SLURM job {held}: JobHeld")
    cluster.run("scontrol", "release", held)
    cluster.run("scancel", filling.stdout.strip())
    hear("[1/1] check few_0")
    assert running.wait(timeout=60) == 0
    running.stdout.close()
