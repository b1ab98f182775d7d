"""Steps that are one job of a cluster."""

from __future__ import annotations

import io
import logging
import os
import time
from types import SimpleNamespace

import pytest
from snakemake.jobs import GroupJob
from snakemake_interface_logger_plugins.common import LogEvent

from jetline.cluster.queue import Waiting
from log_records import (
    begins,
    begins_together,
    ends,
    fails,
    fails_together,
    stats,
    submitted,
)
from snakemake_logger_plugin_jetline import endings
from snakemake_logger_plugin_jetline.groups import keep_messages
from snakemake_logger_plugin_jetline.narrator import Narrator
from snakemake_logger_plugin_jetline.screen import Screen


class Job:
    """Four steps of a jet file that are one job, with their logs, and what is told of them."""

    rules = ("check_jets", "measure_jets", "shard_jets", "shard_jets")

    def __init__(self, folder) -> None:
        self.log = io.StringIO()
        self.narrator = Narrator(Screen(self.log), clock=lambda: 0.0)
        self.logs = [folder / f"{number}.log" for number in range(1, 5)]
        self.hear(stats(check_jets=1, measure_jets=1, shard_jets=2, train=1))
        self.begin()

    def begin(self) -> list[str]:
        inputs = ("", "", "particles", "images/pt")
        facts = zip(self.rules, self.logs, inputs, strict=True)
        return self.hear(
            begins_together(1, 2, 3, 4),
            *[
                begins(number, rule, log, file="jets_0", source="files", inputs=made)
                for number, (rule, log, made) in enumerate(facts, start=1)
            ],
            submitted("name-of-4", 17),
        )

    def hear(self, *records) -> list[str]:
        self.log.seek(0)
        self.log.truncate()
        for one in records:
            self.narrator.hear(one)
        return self.log.getvalue().splitlines()


@pytest.fixture
def job(tmp_path) -> Job:
    return Job(tmp_path)


def test_a_job_is_told_once_and_its_steps_with_it(job):
    assert job.begin() == [
        "  submitted: check jets_0 (files); measure jets_0 (files); make particles of jets_0 "
        "(files) and 1 more (SLURM job 17)"
    ]
    assert job.narrator.on_cluster == ["17"] * 4
    assert job.hear(ends(1), ends(2)) == [
        "[1/5] check jets_0 (files) (0.0 s, one job of 4 steps)",
        "[2/5] measure jets_0 (files) (0.0 s, one job of 4 steps)",
    ]


def test_a_job_that_never_starts_is_told_once(job):
    job.hear()
    job.narrator.be_told({"17": Waiting("JobHeldUser")})
    (line,) = job.log.getvalue().splitlines()
    assert line.startswith("will not start by itself: check jets_0 (files) (SLURM job 17")


def test_of_a_failed_job_the_step_that_failed_is_told(job):
    job.logs[0].write_text("checked\n")
    job.logs[1].write_text("error: jets_0.npz\n  found: nothing\n")
    earlier = time.time() - 0.5
    os.utime(job.logs[0], (earlier, earlier))
    kept = job.logs[0].with_name("17.log")
    kept.write_text("Error in rule measure_jets:\n")
    state = "SLURM-job '17' failed, SLURM status is: 'FAILED'. Detailed failure reason unavailable"
    failing = fails_together(1, 2, 3, 4, kept=(str(kept),), said=state)
    # Snakemake then tells each of its steps as failed.
    lines = job.hear(failing, *[fails(number, log) for number, log in enumerate(job.logs, 1)])
    assert lines == [
        "[0/5] failed: measure jets_0 (files) (0.0 s, one job of 4 steps)",
        "    error: jets_0.npz",
        "      found: nothing",
        f"  its log: {job.logs[1]}",
        f"  its log: {kept}",
        "  in the same job, to be run again: check jets_0 (files); make particles of jets_0 "
        "(files); make images/pt of jets_0 (files)",
    ]
    assert endings.failures(job.narrator)[1] == "1 of 5 steps failed, 0 done, 4 not begun:"


def test_a_job_that_is_refused_shows_no_log_of_an_earlier_attempt(job):
    job.logs[1].write_text("error: of yesterday\n")
    os.utime(job.logs[1], (1e9, 1e9))
    said = "SLURM sbatch failed. The error message was 'sbatch: error: Invalid feature'.\n"
    lines = job.hear(fails_together(1, 2, 3, 4, said=said))
    assert lines[0].startswith("[0/5] failed: check jets_0")
    assert lines[1].startswith("    sbatch refuses the job: Invalid feature")
    assert lines[2].startswith("  in the same job, to be run again: measure")
    assert len(lines) == 3


def test_what_a_job_asked_for_is_that_of_all_its_steps(job):
    for number, memory in enumerate((2000, 1000, 500, 700), start=1):
        job.narrator.running[number].resources = {"mem_mb": memory, "runtime": 10}
    job.logs[2].write_text("half\n")
    kept = job.logs[0].with_name("17.log")
    kept.write_text("slurmstepd: error: Exceeded job memory limit\n")
    said = "SLURM-job '17' failed, SLURM status is: 'FAILED'."
    _, line, *_ = job.hear(fails_together(1, 2, 3, 4, kept=(str(kept),), said=said))
    assert "it used more memory than it asked for, 2000 MB" in line
    assert "set-resources: {shard_jets: {mem_mb: 4000}}" in line


def test_a_step_that_failed_is_forgotten_when_its_job_goes_well_the_next_time(job):
    job.hear(fails_together(1, 2, 3, 4))
    assert len(job.narrator.failed) == 1
    job.begin()
    job.hear(*map(ends, (1, 2, 3, 4)))
    assert not job.narrator.failed
    assert job.narrator.done == 4


def test_what_the_executor_says_of_a_job_is_kept(caplog):
    keep_messages()
    keep_messages()
    with caplog.at_level(logging.ERROR):
        GroupJob.log_error(SimpleNamespace(jobs=[], groupid="file"), "sbatch failed", aux_logs=[])
    (told,) = [one for one in caplog.records if one.event == LogEvent.GROUP_ERROR]
    assert told.said == "sbatch failed"
