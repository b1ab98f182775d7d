"""Snakemake is killed, and started again while one of its jobs still runs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

FOLDER = "results/runs/tiny/trainings/slow/seed-1"
LOG = "results/runs/tiny/logs/train/slow/seed-1.log"
EPOCHS = 40


@pytest.fixture
def training(checkout) -> tuple[str, ...]:
    """Arguments for one training of many epochs, for which all else is there."""
    network = {"architecture": "pfn", "phi": [8, 8], "f": [8], "batch_size": 64}
    slow = network | {"epochs": EPOCHS, "patience": EPOCHS}
    changed = checkout.configure(architectures={"slow": slow})
    wanted = (f"{FOLDER}/training.json", "--configfile", str(changed))
    made = checkout.run("snakemake", "--cores", "2", *wanted, "--omit-from", "train")
    assert made.returncode == 0, made.stdout
    return (*wanted, "--set-threads", "train=2", "--slurm-init-seconds-before-status-checks", "5")


class Running:
    """Snakemake on the login node, which prints into a file."""

    def __init__(self, checkout, arguments) -> None:
        self.told = checkout.folder / f"told-{time.monotonic_ns()}"
        command = ("snakemake", "--workflow-profile", "profiles/slurm", *arguments)
        with self.told.open("w") as told:
            self.process = subprocess.Popen(
                checkout.cluster.command(*command, folder=checkout.folder),
                env=checkout.environment,
                stdout=told,
                stderr=told,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End Snakemake itself, as the system does where memory is short."""
        outer = self.process.pid
        (inner,) = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        os.kill(int(inner), signal.SIGKILL)
        self.process.wait(timeout=60)

    def wait_for(self, words: str, path: Path | None = None, seconds: float = 400) -> None:
        """Wait until it prints, or a file has, some words."""
        deadline = time.monotonic() + seconds
        read = path or self.told
        while not (read.exists() and words in read.read_text()):
            assert self.process.poll() is None, self.told.read_text()
            assert time.monotonic() < deadline, self.told.read_text()
            time.sleep(0.3)


@pytest.fixture
def running(checkout):
    """Start Snakemake there; whatever still runs ends with the test."""
    begun = []

    def begin(*arguments: str) -> Running:
        begun.append(Running(checkout, arguments))
        return begun[-1]

    yield begin
    for one in begun:
        if one.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait(timeout=30)


def test_started_again_beside_its_orphan_it_waits_and_trains_nothing_twice(
    checkout, cluster, training, running
):
    log = checkout.folder / LOG
    first = running(*training)
    first.wait_for(f"epoch 2/{EPOCHS}", log)
    (orphan,) = cluster.jobs()
    first.kill()
    # It shall not end before it is looked for.
    cluster.run("scancel", "--signal=STOP", orphan)
    unlocked = checkout.snakemake(*training, "--unlock")
    assert unlocked.returncode == 0, unlocked.stdout
    dry = checkout.snakemake(*training, "--dry-run")
    assert "an earlier Snakemake" not in unlocked.stdout + dry.stdout
    again = running(*training)
    again.wait_for(f"to end them: scancel {orphan}")
    again.wait_for(f"SLURM job {orphan}: train slow 1, has run for ")
    assert cluster.jobs() == [orphan]
    cluster.run("scancel", "--signal=CONT", orphan)
    assert again.process.wait(timeout=600) == 0, again.told.read_text()
    said = again.told.read_text()
    assert f"ended: train slow 1 (SLURM job {orphan})" in said
    assert "everything is up to date" in said
    rows = (checkout.folder / FOLDER / "history.csv").read_text().splitlines()[1:]
    assert [int(row.split(",")[0]) for row in rows] == list(range(1, EPOCHS + 1))
    assert log.read_text().count("-- attempt of ") == 1


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
