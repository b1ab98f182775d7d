"""A step of the workflow that runs, here or on a cluster."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jetline.cluster.ending import ended_itself, said_of
from jetline.cluster.profile import profile_of
from snakemake_logger_plugin_jetline.logs import Epochs, end_of, epochs, failure
from snakemake_logger_plugin_jetline.words import TRAININGS, duration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jetline.cluster.queue import Waiting


@dataclass
class Step:
    """A step that runs.

    Parameters
    ----------
    words : str
        What it does.
    rule : str
        Its rule, as this workflow calls it.
    log : Path or None
        What it prints.
    began, since : float
        When it began, on the narrator's clock and in seconds since 1970.
    reads : frozenset of str
        Its inputs and outputs.
    name : str
        Its rule, as Snakemake calls it.
    resources : mapping
        What it asks for, by name.
    cluster_job : str
        Number of its job on a cluster.
    cluster : str
        What runs that cluster; empty where no cluster has the step.
    waits : Waiting or None
        Why that waits.
    together : int
        How many steps that job has.
    """

    words: str
    rule: str
    log: Path | None
    began: float
    since: float
    reads: frozenset[str]
    name: str = ""
    resources: Mapping[str, Any] = field(default_factory=dict)
    cluster_job: str = ""
    cluster: str = ""
    waits: Waiting | None = None
    together: int = 1

    def epochs(self) -> Epochs | None:
        """Read how far it is, if it is a training that has an epoch."""
        return epochs(self.log, self.since) if self.rule in TRAININGS and self.log else None

    def took(self, now: float) -> str:
        """Say how long it took: of steps that are one job, all of them."""
        shared = f", one job of {self.together} steps" if self.together > 1 else ""
        return f"{duration(now - self.began)}{shared}"

    def state(self, now: float) -> str:
        """Say how far it is."""
        took = duration(now - self.began)
        job = f", {self.cluster} job {self.cluster_job}" if self.cluster_job else ""
        if self.waits:
            return f"{self.words} (waits {self.waits.words}: {took}{job})"
        reached = self.epochs()
        return f"{self.words} ({took}{job}){f': {reached}' if reached else ''}"

    def failure(self, message: str, logs: list[Path]) -> list[str]:
        """Say why it failed: what the cluster knows, and what its own log says.

        Parameters
        ----------
        message : str
            What Snakemake's executor says; empty where it says nothing.
        logs : list of Path
            Its log, then that which the cluster keeps.
        """
        told = next(filter(None, map(failure, logs)), ["it has written nothing"])
        if not message:
            return told
        ended = [line for line in told if "told to end: " in line]
        if ended and ended_itself(message):
            return [
                f"SLURM has told job {self.cluster_job} to end: its time is nearly over, or others "
                f"need its node;{ended[-1].partition(':')[2]}"
            ]
        kept = end_of(logs[-1])[0] if logs else ""
        said = said_of(message, kept, self.name, self.resources, profile_of(sys.argv))
        if not said:
            return told
        # Where the cluster has ended it, the last lines of its log are none of its failure.
        return [said, *(told if told[0].startswith("error: ") else [])]
