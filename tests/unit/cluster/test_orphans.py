"""Jobs that a killed Snakemake has left behind, and when they are waited for."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import pytest

from jetline.cluster import orphans
from jetline.cluster.orphans import read_orphans, submits, wait_for_orphans
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from pathlib import Path

RUN = "0ab51e24-c3d2-4c1c-9f55-0f0f3a8b8e61"


def job(number: int, folder: Path, **other: str) -> str:
    """A line of ``squeue``'s."""
    fields = {
        "state": "RUNNING",
        "time": "3:02",
        "name": RUN,
        "reason": "None",
        "comment": "rule_train_wildcards_cnn_1",
    }
    return "|".join([str(number), *(fields | other).values(), str(folder)])


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """A program `squeue` that prints one of several lists after the other, then nothing."""
    monkeypatch.setattr(orphans, "_FIRST_LOOK", 0.01)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    (tmp_path / "bin").mkdir()
    (tmp_path / "lists").mkdir()
    program = tmp_path / "bin/squeue"
    program.write_text(
        f"#!/bin/sh\ncd {tmp_path}/lists\nfirst=$(ls | head -n 1)\n"
        '[ -z "$first" ] && exit 0\ncat "$first"\nrm "$first"\n'
    )
    program.chmod(0o755)

    def say(*lists: str) -> None:
        for number, listed in enumerate(lists):
            (tmp_path / f"lists/{number}").write_text(listed)

    return say


def test_only_what_a_snakemake_has_submitted_from_this_folder_counts(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    listed = [
        job(1, tmp_path),
        job(2, link, name=f"mine_{RUN}", comment="rule_split_jets", state="PENDING"),
        job(3, tmp_path / "other"),
        job(4, tmp_path, name="bash", comment="(null)"),
        job(5, tmp_path, name="train", comment="rule_train"),
    ]
    found = read_orphans("\n".join(listed), tmp_path)
    assert [str(one) for one in found] == [
        "SLURM job 1: train cnn 1, has run for 3:02",
        "SLURM job 2: split_jets, waits to be scheduled",
    ]


def test_they_are_waited_for_with_their_numbers(tmp_path, queue):
    queue(
        f"{job(1, tmp_path)}\n{job(2, tmp_path, comment='rule_evaluate')}",
        # Another one that has come since is not waited for.
        f"{job(2, tmp_path, comment='rule_evaluate')}\n{job(3, tmp_path)}",
        job(3, tmp_path),
    )
    told: list[str] = []
    wait_for_orphans(tmp_path, told.append)
    assert told[0].endswith("to end them: scancel 1 2")
    assert told[1:] == [
        "  SLURM job 1: train cnn 1, has run for 3:02",
        "  SLURM job 2: evaluate, has run for 3:02",
        "  ended: train cnn 1 (SLURM job 1)",
        "  ended: evaluate (SLURM job 2)",
        "they have ended: what they have finished stays",
    ]


def test_one_that_never_starts_is_to_be_cancelled(tmp_path, queue):
    held = job(2, tmp_path, state="PENDING", reason="JobHeldUser")
    queue(f"{job(1, tmp_path)}\n{held}")
    with pytest.raises(JetlineError) as caught:
        wait_for_orphans(tmp_path, lambda _line: None)
    assert caught.value.remedy == "scancel 2, and start again"


def test_nobody_waits_beside_another_snakemakes_lock(tmp_path, queue):
    queue(job(1, tmp_path))
    (tmp_path / ".snakemake/locks").mkdir(parents=True)
    (tmp_path / ".snakemake/locks/0.output.lock").write_text("results\n")
    told: list[str] = []
    wait_for_orphans(tmp_path, told.append)
    assert told == []


def test_the_key_that_interrupts_leaves_the_jobs(tmp_path, queue):
    queue(job(7, tmp_path))

    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as caught:
        wait_for_orphans(tmp_path, interrupt)
    assert "scancel 7" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, True),
        ({"executor": "local"}, False),
        ({"dryrun": True}, False),
        ({"unlock": True}, False),
        ({"report": "report.html"}, False),
        ({"report": "report.html", "report_after_run": True}, True),
        ({"cleanup_metadata": ["file"]}, False),
    ],
)
def test_only_who_submits_jobs_waits(options, expected):
    assert submits(Namespace(**({"executor": "slurm", "dryrun": False} | options))) is expected
