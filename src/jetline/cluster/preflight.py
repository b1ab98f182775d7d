"""Look at the cluster before the first step is submitted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from jetline.cluster.accounts import require_accounts
from jetline.cluster.offer import offered
from jetline.cluster.requests import Request, impossible, request_of
from jetline.cluster.slurm import SlurmError, ask
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

#: Seconds between two of the executor's looks at the jobs, at most.
_LONGEST_LOOK = 180


def require_possible(
    steps: Iterable[tuple[str, int, Mapping[str, Any]]],
    partition_file: Path | None,
    profile: str,
    groups: Iterable[tuple[str, set[str], int, Mapping[str, Any]]] = (),
) -> None:
    """Stop where the cluster cannot run a step, before anything is submitted.

    Such a job would wait for ever.

    Parameters
    ----------
    steps : iterable of (rule, threads, resources)
        Those that will be submitted.
    partition_file : Path or None
        File of ``slurm-partition-config``.
    profile : str
        What holds the lines to change.
    groups : iterable of (name, rules, threads, resources)
        Of those, what several ask for together that are one job.

    Raises
    ------
    JetlineError
        With all that is wrong.
    """
    partitions = {}
    if partition_file:
        partitions = yaml.safe_load(partition_file.read_text())["partitions"]
    requests, accounts = set(), set()
    for rule, threads, resources in steps:
        requests.add(request_of(rule, threads, resources, partitions))
        # Of several the executor takes the first.
        accounts.update(re.split(r"[,\s]+", str(resources.get("slurm_account") or ""))[:1])
    for name, rules, threads, resources in groups:
        together = tuple(sorted(rules))
        requests.add(request_of(name, threads, resources, partitions, together))
    known: set[Request] = {request for request in requests if request}
    ordered = sorted(known, key=lambda request: (request.rule, str(request)))
    errors = impossible(ordered, offered(), profile)
    if errors:
        first, *others = errors
        first.others.extend(others)
        raise first
    require_accounts(filter(None, accounts), profile)


def status_command(asked: str | None, first_look: int) -> tuple[str, str]:
    """Choose the program that is asked for the state of jobs.

    Without an accounting database ``sacct`` fails each time, and all jobs would seem to run for
    ever. The controller remembers a finished job for ``MinJobAge`` seconds alone: asked later, it
    does not know it.

    Parameters
    ----------
    asked : str or None
        The executor's ``status_command``.
    first_look : int
        Seconds after which it looks first; it takes ``sacct`` all the same where ``MinJobAge`` is
        less than three times that.

    Returns
    -------
    command : str
        ``"sacct"`` or ``"squeue"``.
    message : str
        Why another one than asked is taken; empty where it is not.

    Raises
    ------
    JetlineError
        If neither can tell that a job has ended.
    """
    try:
        ask("sacct", "--noheader", "--format=JobID")
    except SlurmError as error:
        why = error.found
    else:
        return asked or "sacct", ""
    found = re.search(r"^MinJobAge\s*=\s*(\d+)", ask("scontrol", "show", "config"), re.MULTILINE)
    remembered = int(found[1]) if found else 0
    if remembered <= _LONGEST_LOOK:
        raise JetlineError(
            "the cluster, MinJobAge",
            found=f"{remembered} s, and no accounting database ({why})",
            expected=f"more than {_LONGEST_LOOK} s, or a database, to learn that jobs have ended",
            remedy="ask those who run the cluster for `MinJobAge=300` in slurm.conf",
        )
    if remembered < 3 * first_look:
        raise JetlineError(
            "the profile, slurm-init-seconds-before-status-checks",
            found=f"{first_look} s, and no accounting database ({why})",
            expected=f"at most a third of the cluster's MinJobAge, {remembered} s",
            remedy=f"write `slurm-init-seconds-before-status-checks: {min(40, remembered // 3)}`",
        )
    if asked == "squeue":
        return "squeue", ""
    return "squeue", f"the states of jobs are asked of squeue, because sacct says: {why}"
