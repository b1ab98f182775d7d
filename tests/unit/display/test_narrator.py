from __future__ import annotations

import io
import logging

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from jetline.cluster.queue import Waiting
from log_records import begins, ends, fails, record, stats
from snakemake_logger_plugin_jetline import endings
from snakemake_logger_plugin_jetline.narrator import Narrator
from snakemake_logger_plugin_jetline.screen import Screen


class Told:
    """A narrator with a clock of its own, and what it has written."""

    def __init__(self, **options) -> None:
        self.now = 0.0
        self._log = io.StringIO()
        self.narrator = Narrator(Screen(self._log), clock=lambda: self.now, **options)

    def hear(self, *records) -> list[str]:
        """New lines after some records."""
        self.lines()
        for one in records:
            self.narrator.hear(one)
        return self.lines()

    def lines(self) -> list[str]:
        text = self._log.getvalue()
        self._log.seek(0)
        self._log.truncate()
        return text.splitlines()


@pytest.fixture
def told() -> Told:
    return Told()


def test_one_line_says_what_will_be_made(told):
    told.narrator.folders(["results/logs"])
    cores = record(LogEvent.RESOURCES_INFO, "Provided cores: 2", cores=2)
    lines = told.hear(cores, stats(check_jets=4, train=2, all=1))
    assert lines == ["6 steps, 2 trainings among them, on 2 cores; logs: results/logs"]


def test_one_line_is_told_of_a_step(told):
    told.hear(stats(train=11, all=1))
    told.hear(begins(3, "train", label="cnn", seed=1))
    told.now = 72
    assert told.hear(ends(3)) == ["[ 1/11] train cnn, seed 1 (1 min 12 s)"]
    assert told.hear(begins(0, "all"), ends(0)) == []


def test_a_finished_training_tells_its_epochs(told, tmp_path):
    log = tmp_path / "log"
    log.write_text("epoch 9/9: loss 0.5000, validation auc 0.8000, 1.0 s\n")
    told.hear(stats(train=1), begins(3, "train", log, label="cnn", seed=1))
    (line,) = told.hear(ends(3))
    assert line == "[1/1] train cnn, seed 1: 9 epochs, validation AUC 0.8000 (0.0 s)"


def test_a_trial_of_a_scan_is_a_training_too(told, tmp_path):
    log = tmp_path / "log"
    log.write_text("epoch 9/9: loss 0.5000, validation auc 0.8000, 1.0 s\n")
    (line,) = told.hear(stats(train_trial=4))
    assert line.startswith("4 steps, 4 trainings among them")
    told.hear(begins(3, "train_trial", log, label="pfn", trial=2))
    (line,) = told.hear(ends(3))
    assert line == "[1/4] train pfn, trial 2: 9 epochs, validation AUC 0.8000 (0.0 s)"


def test_a_minute_is_a_line_for_each_training_in_a_log(told, tmp_path):
    log = tmp_path / "log"
    log.write_text("epoch 1/9: loss 0.5000, validation auc 0.8000, 5.0 s\n")
    told.hear(
        stats(train=2, shard_jets=1),
        begins(1, "train", log, label="cnn", seed=1),
        begins(2, "train", label="cnn", seed=2),
        begins(3, "shard_jets", inputs="images/pt", source="sample", file="jets_0"),
    )
    told.now = 59
    told.narrator.tick()
    assert told.lines() == []
    told.now = 60
    told.narrator.tick()
    first, second, third = told.lines()
    assert first.startswith(
        "  train cnn, seed 1 (1 min 0 s): epoch 1/9, validation AUC 0.8000, at most "
    )
    assert second == "  train cnn, seed 2 (1 min 0 s)"
    assert third == "  running: make images/pt of jets_0 (sample) (1 min 0 s)"
    told.narrator.tick()
    assert told.lines() == []


def test_a_failed_step_is_told_once_with_its_error_and_its_log(told, tmp_path):
    log = tmp_path / "split.log"
    log.write_text("error: jets.npz\n  found: nothing\n")
    told.hear(stats(split_jets=1, train=2), begins(1, "split_jets", log, dataset="few"))
    command = "RuleException:\nCalledProcessError in file x\nCommand ..."
    failing = [record(LogEvent.ERROR, command, logging.ERROR), fails(1, log), fails(1, log)]
    assert told.hear(*failing) == [
        "[0/3] failed: split few (0.0 s)",
        "    error: jets.npz",
        "      found: nothing",
        f"  its log: {log}",
    ]
    assert told.hear(record(None, "Exiting because a job execution failed. Look above")) == []
    told.hear(record(None, "Complete log(s): /here/full.log"))
    assert endings.failures(told.narrator)[1:] == [
        "1 of 3 steps failed, 0 done, 2 not begun:",
        f"  split few  {log}",
        "Put right what is told above, then run the same command again: what is done stays.",
        "All that Snakemake says: /here/full.log",
    ]


def test_what_a_cluster_says_of_a_step_is_told(told):
    begun = begins(7, "train", label="cnn", seed=1)
    begun.resources = {"mem_mb": 50}
    told.hear(stats(train=1), begun)
    sent = "Job 7 has been submitted with SLURM jobid 123 (log: /a/long/path.log)."
    assert told.hear(record(None, "SLURM run ID: 0a1b"), record(None, sent)) == [
        "  submitted: train cnn, seed 1 (SLURM job 123)"
    ]
    lines = told.hear(fails(7, said="SLURM-job '123' failed, SLURM status is: 'OUT_OF_MEMORY'."))
    assert lines[1:] == [
        "    SLURM killed job 123: it used more memory than it asked for, 50 MB; in the profile: "
        "set-resources: {train: {mem_mb: 100}}"
    ]
    # What is tried again and succeeds has not failed.
    told.hear(begins(7, "train", label="cnn", seed=1), ends(7))
    assert not told.narrator.failed


def test_the_error_of_a_step_stands_beside_what_the_cluster_says(told, tmp_path):
    log, kept = tmp_path / "train.log", tmp_path / "123.log"
    log.write_text("epoch 1/9: loss 0.5\n")
    kept.write_text("a long log\nslurmstepd: error: *** JOB 1 CANCELLED DUE TO TIME LIMIT ***\n")
    said = "SLURM-job '123' failed, SLURM status is: 'FAILED'. Detailed failure reason unavailable"
    told.hear(stats(train=2))
    lines = {}
    for number in (1, 2):
        told.hear(begins(number, "train", log, label="cnn", seed=1))
        failed = fails(number, log, said)
        failed.log.append(str(kept))
        lines[number] = told.hear(failed)[1:]
        log.write_text("error: shard\n  found: nothing\n")
        kept.write_text("a long log\nit failed\n")
    assert lines[1] == [
        "    SLURM ended job 123: its time was over; in the profile, give rule train more runtime",
        f"  its log: {log}",
        f"  its log: {kept}",
    ]
    assert lines[2][:2] == ["    error: shard", "      found: nothing"]


def test_a_training_that_was_told_to_end_in_time_says_where_it_goes_on(told, tmp_path):
    log, kept = tmp_path / "train.log", tmp_path / "123.log"
    place = "the checkpoint goes on after batch 40 of 80 of epoch 3"
    log.write_text(f"epoch 2/9: loss 0.5, 1.0 s\ntold to end: {place}\nterminated\n")
    kept.write_text("slurmstepd-node: error: *** STEP 1.0 ON node CANCELLED AT 07:32:13 ***\n")
    begun = begins(1, "train", log, label="cnn", seed=1)
    sent = "Job 1 has been submitted with SLURM jobid 123 (log: /a/long/path.log)."
    told.hear(stats(train=1), begun, record(None, sent))
    failed = fails(1, log, "SLURM-job '123' failed, SLURM status is: 'FAILED'. Reasons: none")
    failed.log.append(str(kept))
    assert told.hear(failed)[1] == (
        "    SLURM has told job 123 to end: its time is nearly over, or others need its node; "
        + place
    )


def test_steps_that_wait_on_the_cluster_say_for_what(told):
    told.hear(stats(train=2, shard_jets=1))
    for number, seed in ((1, 1), (2, 2), (3, 3)):
        sent = f"Job {number} has been submitted with SLURM jobid 1{number} (log: x)."
        told.hear(begins(number, "train", label="cnn", seed=seed), record(None, sent))
    told.now = 70
    assert told.narrator.on_cluster == ["11", "12", "13"]
    told.narrator.be_told({"11": Waiting("Resources"), "12": Waiting("Priority")})
    told.narrator.tick()
    assert told.lines() == [
        "  train cnn, seed 3 (1 min 10 s, SLURM job 13)",
        "  waiting on the cluster: 2 steps (1 for free nodes, 1 for their turn), "
        "longest 1 min 10 s",
    ]
    state = told.narrator.running[1].state(70)
    assert state == "train cnn, seed 1 (waits for free nodes: 1 min 10 s, SLURM job 11)"
    told.narrator.be_told({"12": Waiting("PartitionTimeLimit")})
    (line,) = told.lines()
    assert line.startswith("will not start by itself: train cnn, seed 2 (SLURM job 12: Partition")
    told.narrator.be_told({"12": Waiting("PartitionTimeLimit")})
    assert told.lines() == []
    told.now = 140
    told.narrator.tick()
    first, *_ = told.lines()
    assert first == "  train cnn, seed 1 (2 min 20 s, SLURM job 11)"


def test_the_errors_of_snakemake_are_told_in_full(told):
    text = "MissingInputException in rule train:\nMissing input files:\n    jets.npz"
    assert told.hear(record(LogEvent.ERROR, text, logging.ERROR)) == text.splitlines()
    trace = 'Traceback (most recent call last):\n\n  File "x", line 1\n\nFileNotFoundError: no file'
    lines = told.hear(record(LogEvent.ERROR, trace, logging.ERROR))
    assert lines == ["FileNotFoundError: no file", "(--verbose shows the traceback)"]
    assert told.hear(record(None, "Unlocked working directory.")) == ["Unlocked working directory."]
    assert told.hear(record(None, "be careful", logging.WARNING)) == ["be careful"]


def test_what_says_nothing_to_a_user_is_left_out(told):
    noise = ["Building DAG of jobs...", "Using shell: /usr/bin/bash", "None", "Elapsed time: 1"]
    assert told.hear(*[record(None, text) for text in noise]) == []
    command = record(LogEvent.SHELLCMD, "Shell command: jetline train ...")
    assert told.hear(command, record(LogEvent.PROGRESS, done=1, total=2)) == []


def test_quiet_leaves_failures_alone():
    told = Told(quiet=True)
    told.hear(stats(train=2), begins(1, "train", label="a", seed=1))
    told.now = 100
    told.narrator.tick()
    assert told.hear(ends(1), record(None, "Unlocked working directory.")) == []
    lines = told.hear(begins(2, "train", label="b", seed=1), fails(2))
    assert lines == ["[1/2] failed: train b, seed 1 (0.0 s)", "    it has written nothing"]


def test_a_dry_run_counts_steps_and_their_causes():
    plan = endings.DryRun()
    assert plan.lines() == []
    plan.count(stats(train=2, evaluate=1, all=1))
    for number in (1, 2):
        plan.add(begins(number, "train", label="a", seed=number))
    lines = plan.lines()
    assert lines[1] == "  train          2  missing"
    assert lines[-1].startswith("3 steps would be run.")


def test_a_job_of_htcondor_is_called_so_and_not_sought_in_slurm(told):
    told.hear(stats(train=1), begins(7, "train", label="cnn", seed=1))
    sent = "Job 7 submitted to HTCondor Cluster ID 48 with batch name train-7\nThe logs of the ..."
    assert told.hear(record(None, "Requesting memory: 6GB"), record(None, sent)) == [
        "  submitted: train cnn, seed 1 (HTCondor job 48)"
    ]
    assert told.narrator.on_cluster == []
    (step,) = told.narrator.running.values()
    assert step.state(0).endswith("HTCondor job 48)")
    ended = "Job 7 with HTCondor Cluster ID 48 was successful."
    assert told.hear(record(None, ended)) == []
