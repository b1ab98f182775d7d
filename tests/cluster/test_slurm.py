"""The cluster that the other tests run on is one, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from slurm import slurm


def test_a_job_runs_and_is_told_its_gpu(cluster, tmp_path):
    told = tmp_path / "told"
    submitted = cluster.run(
        *("sbatch", "--wait", "--gpus=1", "--partition=gpu", f"--output={told}"),
        *("--wrap", "echo $CUDA_VISIBLE_DEVICES"),
    )
    assert submitted.returncode == 0, submitted.stdout
    assert told.read_text().strip() == "0"


def test_two_clusters_run_side_by_side_and_their_jobs_end_with_them(cluster, tmp_path):
    number = tmp_path / "number"
    with slurm() as other:
        assert (
            other.run("sbatch", "--wrap", f"sleep 1234.5 & echo > {number}; wait").returncode == 0
        )
        deadline = time.monotonic() + 30
        while not number.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert not cluster.jobs()
        assert len(other.jobs()) == 1
        assert sleeping("1234.5")
    assert not sleeping("1234.5")
    assert not other.folder.exists()
    assert not Path("/etc/slurm/munge.key").exists()


def sleeping(seconds: str) -> list[Path]:
    """Processes that sleep so long."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if seconds in (process / "cmdline").read_text().split("\0"):
                found.append(process)
    return found
