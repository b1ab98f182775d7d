"""Steps that are one job of a cluster together, one after the other."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakemake.jobs import GroupJob

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snakemake_logger_plugin_jetline.step import Step


class Groups:
    """Which steps are one job.

    Snakemake gives a step a number. A job of several steps it calls by a name, which is that of one
    of its steps.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, tuple[int, ...]] = {}

    def add(self, record: Any) -> None:
        """Take the record that tells the steps of a job."""
        numbers = tuple(sorted(job.jobid for job in record.jobs))
        self._numbers |= {job.uuid(): numbers for job in record.jobs}

    def steps_of(self, job: str) -> tuple[int, ...]:
        """Give the numbers of the steps of a job; none of one that nothing was told of."""
        return (int(job),) if job.isdecimal() else self._numbers.get(job, ())


def keep_messages() -> None:
    """Let the record of a failed job of several steps tell what its executor says of it.

    Snakemake's own tells it of single steps alone, so that it was lost why SLURM refuses a job.
    """
    tell = GroupJob.log_error
    if hasattr(tell, "__wrapped__"):
        return

    @functools.wraps(tell)
    def log_error(job: GroupJob, msg: str | None = None, *rest: Any, **named: Any) -> None:
        tell(job, msg, *rest, said=msg or "", **named)

    GroupJob.log_error = log_error


def words_of_job(steps: Sequence[Step]) -> str:
    """Say what a job does, in words."""
    more = f" and {len(steps) - 3} more" if len(steps) > 3 else ""
    return "; ".join(step.words for step in steps[:3]) + more


def failure_of_job(
    steps: Sequence[Step], said: str, kept: Sequence[str]
) -> tuple[Step, list[Path], list[str]]:
    """Find out which step of a job has failed, and why.

    Parameters
    ----------
    steps : sequence of Step
        Of the job, in any order, at least one.
    said : str
        What the executor says; empty where it says nothing.
    kept : sequence of str
        Paths of what the cluster keeps of the job.

    Returns
    -------
    step : Step
        The one whose log was written to last, as they run in turn.
    logs : list of Path
        Its log, if it has begun, then those of the cluster.
    told : list of str
        What is to be said of it.
    """
    begun = [step for step in steps if _written(step) >= step.since - 1]
    step = max(begun or steps[:1], key=_written)
    step.resources = _asked_together(steps)
    # A log of an earlier attempt tells nothing of this one.
    logs = [*filter(None, [step.log if begun else None]), *map(Path, kept)]
    return step, logs, step.failure(said, logs)


def steps_beside(step: Step, steps: Iterable[Step]) -> str:
    """Say which steps of the job of a failed one will be run again with it; mostly none."""
    others = [other for other in steps if other is not step]
    return f"  in the same job, to be run again: {words_of_job(others)}" if others else ""


def _written(step: Step) -> float:
    """When the log of a step was last written to [s since 1970]."""
    try:
        return step.log.stat().st_mtime if step.log else 0.0
    except OSError:
        return 0.0


def _asked_together(steps: Iterable[Step]) -> dict[str, int]:
    """Give the memory and the time that a job asks for, as its steps run in turn."""
    asked = [step.resources for step in steps]
    memory, minutes = (
        [value for one in asked if isinstance(value := one.get(key), int)]
        for key in ("mem_mb", "runtime")
    )
    return {"mem_mb": max(memory, default=0), "runtime": sum(minutes)}
