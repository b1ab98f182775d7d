"""Time a configuration's workflow on a SLURM cluster of one machine, beside the machine itself.

    python benchmarks/cluster_cost.py config/config.yaml     # root, Debian's slurm-wlm and munge
    python benchmarks/cluster_cost.py config/config.yaml --repetitions 3 --until shard_jets

Both runs, in turn, make everything from nothing, each training on one core. The cluster's node
tells four cores, however many there are. What a job costs beside its steps is its time by SLURM
less that of its commands, as Snakemake measures them. Options that are none of its own are told to
both Snakemakes.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cluster_jobs import ROOT, local_rules

from jetline.configuration.reading import load_yaml, read_configuration
from jetline.planning.plan import Plan
from jetline.planning.sizes import Sizes

sys.path.insert(0, str(ROOT / "tests/support"))

from checkout import Checkout
from slurm import Cluster, slurm

if TYPE_CHECKING:
    import subprocess

#: Seconds between two looks at the jobs, which SLURM forgets after five minutes.
_LOOK = 60.0


@dataclass(frozen=True)
class Job:
    """A job that has ended, with seconds from one time of SLURM's to another."""

    waited: float
    ran: float


def ended_jobs(shown: str) -> dict[str, Job]:
    """Read the jobs that have ended from what ``scontrol show jobs --oneliner`` has printed."""
    found = {}
    for line in shown.splitlines():
        facts = dict(fact.split("=", 1) for fact in line.split() if "=" in fact)
        if facts.get("JobState") == "COMPLETED":
            submitted, start, end = (
                datetime.datetime.fromisoformat(facts[key])
                for key in ("SubmitTime", "StartTime", "EndTime")
            )
            waited, ran = start - submitted, end - start
            found[facts["JobId"]] = Job(waited.total_seconds(), ran.total_seconds())
    return found


def seconds_of_steps(results: Path, leave_out: set[str]) -> list[float]:
    """Give the time of each step that was not left out."""
    found = []
    for file in results.glob("**/benchmarks/**/*.tsv"):
        with file.open() as lines:
            rows = [*csv.DictReader(lines, delimiter="\t")]
        found += [float(row["s"]) for row in rows if row["rule_name"] not in leave_out]
    return found


def run_here(options: list[str], folder: Path) -> float:
    """Run the workflow on two cores, and give the seconds that it took."""
    checkout = Checkout(ROOT, folder)
    began = time.monotonic()
    require(checkout.run("snakemake", "--cores", "2", *options))
    return time.monotonic() - began


def run_there(cluster: Cluster, options: list[str], folder: Path) -> tuple[float, list[Job], Path]:
    """Run it on the cluster, and give the seconds that it took, its jobs and its results."""
    checkout = Checkout(ROOT, folder)
    jobs: dict[str, Job] = {}
    over = threading.Event()
    before = ended_jobs(cluster.run("scontrol", "show", "jobs", "--oneliner").stdout)

    def look() -> None:
        while not over.wait(_LOOK):
            jobs.update(ended_jobs(cluster.run("scontrol", "show", "jobs", "--oneliner").stdout))

    looking = threading.Thread(target=look)
    looking.start()
    command = ["snakemake", "--workflow-profile", "profiles/slurm", *options]
    began = time.monotonic()
    try:
        run = cluster.run(
            *command,
            *("--set-threads", "train=1", "predict=1"),
            folder=checkout.folder,
            env=checkout.environment,
        )
        took = time.monotonic() - began
    finally:
        over.set()
        looking.join()
    require(run)
    jobs.update(ended_jobs(cluster.run("scontrol", "show", "jobs", "--oneliner").stdout))
    own = [job for number, job in jobs.items() if number not in before]
    return took, own, checkout.folder / "results"


def require(run: subprocess.CompletedProcess) -> None:
    """Stop with what a run has printed if it has failed."""
    if run.returncode:
        raise SystemExit(run.stdout)


def main() -> None:
    """Print a line for each repetition, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("configuration", type=Path)
    parser.add_argument("--repetitions", type=int, default=1)
    asked, more = parser.parse_known_args()
    configuration = asked.configuration.resolve()
    plan = Plan(read_configuration(load_yaml(configuration)), ROOT / "resources/sample")
    here = local_rules(few=Sizes(plan).few)
    options = ["--configfile", str(configuration), *more]
    ratios = []
    with slurm() as cluster, tempfile.TemporaryDirectory() as folder:
        for number in range(asked.repetitions):
            local = run_here(options, Path(folder) / f"here-{number}")
            took, jobs, results = run_there(cluster, options, Path(folder) / f"there-{number}")
            steps = seconds_of_steps(results, here)
            beside = (sum(job.ran for job in jobs) - sum(steps)) / len(jobs)
            waited = statistics.median(job.waited for job in jobs)
            ratios.append(took / local)
            print(
                f"here {local:.0f} s; on the cluster {took:.0f} s, {took / local:.2f} times as "
                f"long, {len(jobs)} jobs of {len(steps)} steps; of a job {beside:.1f} s beside its "
                f"steps, and {waited:.0f} s in the queue (median)",
                flush=True,
            )
    print(f"median: {statistics.median(ratios):.2f} times as long")


if __name__ == "__main__":
    main()
