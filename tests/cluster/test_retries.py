"""What ends before its time is tried again, with more, and trainings go on where they were."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.long

#: More than the shipped ones, since it is not known how busy the machine is.
OFTEN = ("--retries", "9")


def test_a_step_that_is_killed_for_its_memory_is_tried_again_with_more(checkout, first_step):
    rules = checkout.folder / "workflow/rules/jets.smk"
    rules.write_text(rules.read_text().replace("mem_mb=growing(2000)", "mem_mb=growing(200)"))
    run = checkout.snakemake(*first_step, *OFTEN)
    assert run.returncode == 0, run.stdout
    asked = re.findall(r"more memory than it asked for, (\d+) MB", run.stdout)
    assert asked
    assert asked == [str(200 * attempt) for attempt in range(1, len(asked) + 1)]
    assert run.stdout.rstrip().splitlines()[-1].startswith("[1/1] check few_0")


def seconds_of(cluster, job: str) -> int:
    """How long a job runs."""
    elapsed = cluster.run("squeue", "--noheader", f"--jobs={job}", "--format=%M").stdout.strip()
    *hours, minutes, seconds = map(int, elapsed.split(":"))
    return 3600 * sum(hours) + 60 * minutes + seconds


def require_gone_on(training) -> None:
    """Require that a second attempt has begun where the first one ended, and each epoch once."""
    _, first, second = training.log.read_text().split("-- attempt of ")
    done = re.findall(r"^epoch (\d+)/", first, re.MULTILINE)[-1]
    assert f"going on after epoch {done}" in second
    assert training.reached() == list(range(1, training.epochs + 1))


def test_a_training_is_told_before_its_time_is_over_and_goes_on(
    checkout, cluster, training, running
):
    run = running(*training.arguments)
    run.wait_for(f"epoch 2/{training.epochs}", training.log)
    (job,) = cluster.jobs()
    # That it does not finish before; SLURM lets it go on with the signal.
    cluster.run("scancel", "--signal=STOP", job)
    minutes = seconds_of(cluster, job) // 60 + 3
    cluster.run("scontrol", "update", f"JobId={job}", f"TimeLimit={minutes}")
    assert run.process.wait(timeout=900) == 0, run.told.read_text()
    require_gone_on(training)
    said = run.told.read_text()
    assert "its time was over" not in said
    assert f"SLURM has told job {job} to end" in said


@pytest.mark.parametrize(("partition", "submitted"), [("again", 1), ("spare", 2)])
def test_a_training_that_has_to_make_room_goes_on_afterwards(
    checkout, cluster, training, running, partition, submitted
):
    there = ("--set-resources", f"train:slurm_partition={partition}", "train:runtime=15")
    run = running(*training.arguments, *there)
    run.wait_for(f"epoch 2/{training.epochs}", training.log)
    (job,) = cluster.jobs()
    urgent = ("--partition=cpu", "--cpus-per-task=4", "--output=urgent.log")
    assert cluster.run("sbatch", *urgent, "--wrap", "sleep 10").returncode == 0
    # SLURM queues it again itself, and lets it wait for two minutes, or cancels it.
    assert run.process.wait(timeout=900) == 0, run.told.read_text()
    require_gone_on(training)
    said = run.told.read_text()
    assert said.count("submitted: ") == submitted
    assert said.count(f"SLURM job {job} had to make room") == submitted - 1
