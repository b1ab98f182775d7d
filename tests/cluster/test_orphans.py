"""Snakemake is killed, and started again while one of its jobs still runs."""

from __future__ import annotations

import shlex

import pytest

pytestmark = pytest.mark.long


def test_started_again_beside_its_orphan_it_waits_and_trains_nothing_twice(
    checkout, cluster, training, running
):
    first = running(*training.arguments)
    first.wait_for(f"epoch 2/{training.epochs}", training.log)
    (orphan,) = cluster.jobs()
    first.kill()
    # It shall not end before it is looked for.
    cluster.run("scancel", "--signal=STOP", orphan)
    unlocked = checkout.snakemake(*training.arguments, "--unlock")
    assert unlocked.returncode == 0, unlocked.stdout
    dry = checkout.snakemake(*training.arguments, "--dry-run")
    assert "an earlier Snakemake" not in unlocked.stdout + dry.stdout
    again = running(*training.arguments)
    again.wait_for(f"to end them: scancel {orphan}")
    again.wait_for(f"SLURM job {orphan}: train slow 1, has run for ")
    assert cluster.jobs() == [orphan]
    cluster.run("scancel", "--signal=CONT", orphan)
    assert again.process.wait(timeout=600) == 0, again.told.read_text()
    said = again.told.read_text()
    assert f"ended: train slow 1 (SLURM job {orphan})" in said
    assert "everything is up to date" in said
    assert training.reached() == list(range(1, training.epochs + 1))
    assert training.log.read_text().count("-- attempt of ") == 1


def test_jobs_of_another_folder_are_not_waited_for(checkout, cluster, first_step, tmp_path):
    name = "0ab51e24-c3d2-4c1c-9f55-0f0f3a8b8e61"
    strange = ["--parsable", f"--job-name={name}", "--comment=rule_train_wildcards_cnn_1"]
    cluster.run("sbatch", *strange, f"--chdir={tmp_path}", "--wrap", "sleep 600")
    run = checkout.snakemake(*first_step)
    assert run.returncode == 0, run.stdout
    assert "earlier Snakemake" not in run.stdout


def test_a_job_that_will_never_start_is_not_waited_for(checkout, cluster, first_step):
    name = "0ab51e24-c3d2-4c1c-9f55-0f0f3a8b8e61"
    held = ["--parsable", "--hold", f"--job-name={name}", "--comment=rule_train_wildcards_cnn_1"]
    number = cluster.run("sbatch", *held, f"--chdir={checkout.folder}", "--wrap", "true").stdout
    run = checkout.snakemake(*first_step)
    assert run.returncode == 1
    assert f"scancel {number.strip()}, and start again" in run.stdout
    assert "train cnn 1" in run.stdout


def test_snakemake_itself_runs_as_a_job(checkout, first_step):
    command = shlex.join(["snakemake", "--workflow-profile", "profiles/slurm", *first_step])
    own = ("--cpus-per-task=1", "--mem=2G", "--output=jetline.log")
    run = checkout.run("sbatch", "--wait", *own, "--wrap", command)
    told = (checkout.folder / "jetline.log").read_text()
    assert run.returncode == 0, told
    assert "submitted: check few_0" in told
    assert "earlier Snakemake" not in told
