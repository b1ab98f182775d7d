"""Make records of Snakemake's log, as a run of the workflow gives them."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent


def record(event: LogEvent | None, text: str = "", level: int = logging.INFO, **fields: Any):
    """One record; its message is filled in, as behind a queue."""
    made = logging.LogRecord("snakemake", level, "file.py", 1, text, (), None)
    made.__dict__ |= fields
    if event:
        made.event = event
    return made


def stats(**counts: int):
    """How many steps each rule has."""
    total = sum(counts.values())
    return record(LogEvent.RUN_INFO, "Job stats:\n...", stats=counts | {"total": total})


def begins(number: int, rule: str, log: Any = None, reads: tuple[str, ...] = (), **wildcards: Any):
    """A step begins."""
    return record(
        LogEvent.JOB_INFO,
        jobid=number,
        rule_name=rule,
        rule_msg=None,
        wildcards=wildcards,
        log=[str(log)] if log else [],
        input=list(reads),
        output=[],
        reason="Missing output files: results/some/path",
    )


def ends(number: int):
    """A step ends well."""
    return record(LogEvent.JOB_FINISHED, f"Finished jobid: {number}", job_id=number)


def fails(number: int, log: Any = None, said: str | None = None):
    """A step fails."""
    return record(
        LogEvent.JOB_ERROR,
        "Error in rule",
        logging.ERROR,
        jobid=number,
        rule_msg=said,
        log=[str(log)] if log else [],
    )


def begins_together(*numbers: int):
    """Some steps begin as one job, which has the name of one of them."""
    jobs = [SimpleNamespace(jobid=n, uuid=lambda n=n: f"name-of-{n}") for n in numbers]
    return record(LogEvent.GROUP_INFO, "Group job file", group_id="file", jobs=jobs)


def submitted(job: object, number: int):
    """A job is submitted."""
    return record(None, f"Job {job} has been submitted with SLURM jobid {number} (log: x).")


def fails_together(*numbers: int, kept: tuple[str, ...] = (), said: str = ""):
    """A job of several steps fails."""
    told = [{"jobid": number} for number in numbers]
    named = {"job_error_info": told, "aux_logs": list(kept), "said": said}
    return record(LogEvent.GROUP_ERROR, "Error in group file", logging.ERROR, **named)


def settings(**changed: Any) -> SimpleNamespace:
    """What Snakemake was asked to print."""
    usual = {
        "printshellcmds": False,
        "nocolor": False,
        "quiet": None,
        "debug_dag": False,
        "verbose": False,
        "show_failed_logs": False,
        "stdout": False,
        "dryrun": False,
    }
    return SimpleNamespace(**usual | changed)
