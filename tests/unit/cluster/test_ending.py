"""Why a job failed stands in one line; messages and logs are recorded from a real SLURM."""

from __future__ import annotations

import pytest

from jetline.cluster.ending import said_of

FAILED = (
    "SLURM-job '48' failed, SLURM status is: '{}'. Detailed failure reason unavailable (status "
    "command is not 'sacct').For further error details see the cluster/cloud log and the log files "
    "of the involved rule(s)."
)
REFUSED = (
    "SLURM sbatch failed. The error message was 'sbatch: error: {}'.\n    sbatch call:\n        "
    'sbatch --parsable --comment rule_x_memory --wrap="' + "very long " * 900 + '"\n'
)
OVER_MEMORY = """\
slurmstepd-vm: error: StepId=48.batch exceeded memory limit (67719168 > 52428800), being killed
slurmstepd-vm: error: *** JOB 48 ON vm CANCELLED AT 2026-11-26T06:11:50 ***
slurmstepd-vm: error: Exceeded job memory limit
"""
IN_CGROUP = (
    "slurmstepd: error: Detected 1 oom_kill event in StepId=48.0. Some of the step tasks...\n"
)
OVER_TIME = (
    "slurmstepd: error: *** JOB 48 ON vm CANCELLED AT 2026-11-26T06:12:40 DUE TO TIME LIMIT ***\n"
)
AGAIN = "start the workflow again, if that was its last attempt"
PREEMPTED = (
    "slurmstepd: error: *** JOB 48 ON n1 CANCELLED AT 2026-11-26T06:12:40 DUE TO PREEMPTION ***\n"
)
ASKED = {"mem_mb": 50, "runtime": 10}
MORE_MEMORY = (
    "SLURM killed job 48: it used more memory than it asked for, 50 MB; in p.yaml: set-resources: "
    "{split_jets: {mem_mb: 100}}"
)
MORE_TIME = (
    "SLURM ended job 48: its time was over, 10 minutes; in p.yaml: set-resources: "
    "{split_jets: {runtime: 20}}"
)


@pytest.mark.parametrize(
    ("state", "log", "said"),
    [
        ("FAILED", OVER_MEMORY, MORE_MEMORY),
        ("CANCELLED", OVER_MEMORY, MORE_MEMORY),
        ("FAILED", IN_CGROUP, MORE_MEMORY),
        ("OUT_OF_MEMORY", "", MORE_MEMORY),
        ("TIMEOUT", "", MORE_TIME),
        ("FAILED", OVER_TIME, MORE_TIME),
        (
            "CANCELLED",
            PREEMPTED,
            f"SLURM job 48 had to make room for another one; {AGAIN}",
        ),
        (
            "NODE_FAIL",
            "",
            f"the node of SLURM job 48 has failed; {AGAIN}",
        ),
        ("CANCELLED", "", "SLURM job 48 was cancelled"),
        ("ERROR", "", "SLURM job 48: ERROR"),
        # The step has failed by itself: its own log says why, whatever words stand in it.
        ("FAILED", "Snakemake: CANCELLED DUE TO TIME LIMIT, Out of memory\n", ""),
    ],
)
def test_what_ended_a_job_is_said_with_the_line_to_change(state, log, said):
    assert said_of(FAILED.format(state), log, "split_jets", ASKED, "p.yaml") == said


def test_a_request_that_is_not_known_is_not_doubled():
    said = said_of(FAILED.format("OUT_OF_MEMORY"), "", "train", {"mem_mb": "<TBD>"}, "p.yaml")
    assert said.endswith("asked for; in p.yaml, give rule train more mem_mb")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            "Batch job submission failed: Invalid feature specification",
            "Invalid feature specification; in p.yaml, for rule train: constraint",
        ),
        (
            "invalid partition specified: nix\nsbatch: error: Batch job submission failed: Invalid "
            "partition name specified",
            "Invalid partition name specified; in p.yaml, for rule train: slurm_partition",
        ),
        (
            "Batch job submission failed: Invalid account or account/partition combination "
            "specified",
            "Invalid account or account/partition combination specified; in p.yaml, for rule "
            "train: slurm_account and slurm_partition",
        ),
        (
            "Batch job submission failed: Requested node configuration is not available",
            "Requested node configuration is not available; in p.yaml, for rule train: threads, "
            "mem_mb, gpu or constraint, of which no node has so much",
        ),
        (
            "Batch job submission failed: Invalid generic resource (gres) specification",
            "Invalid generic resource (gres) specification; in p.yaml, for rule train: gpu; where "
            "a cluster takes no --gpus: `gpu: 0, gres: 'gpu:1'`",
        ),
        ("Batch job submission failed: Something new", "Something new"),
    ],
)
def test_a_refusal_of_sbatch_is_one_line(error, said):
    told = said_of(REFUSED.format(error), "", "train", {}, "p.yaml")
    assert told == f"sbatch refuses the job: {said}"


def test_other_messages_are_left_with_their_first_line():
    message = "Job submission failed with exception: The given account x appears to be invalid.\nb"
    assert said_of(message, "", "train", {}) == message.partition("\n")[0]
