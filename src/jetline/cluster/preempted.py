"""Jobs that SLURM has ended, and that the executor waits for all the same."""

from __future__ import annotations

import asyncio
import functools
import getpass
from typing import TYPE_CHECKING, Any

from jetline.cluster.slurm import SlurmError, ask

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    #: Asks for the states of all jobs, by number, and tells how long that took.
    Query = Callable[..., Awaitable[tuple[dict[str, str] | None, float | None]]]

#: States that the executor takes for those of jobs that SLURM will queue again, and states that it
#: takes for failures.
_OVER = {"PREEMPTED": "CANCELLED", "NODE_FAIL": "BOOT_FAIL"}


def telling_ends(query: Query) -> Query:
    """Let jobs have failed that had to make room, or whose node failed, and are not queued again.

    Where the cluster cancels what it preempts (``PreemptMode=CANCEL``) the executor would wait for
    such a job for ever. Whether a job is queued again depends on the cluster, its partitions and
    QOS, and on the job; hence it is seen by the queue.

    Parameters
    ----------
    query : callable
        The executor's own, of the command it asks with and its logger.

    Returns
    -------
    callable
        To be used in its place.
    """

    @functools.wraps(query)
    async def told(*asked: Any) -> tuple[dict[str, str] | None, float | None]:
        states, seconds = await query(*asked)
        ended = {job: state for job, state in (states or {}).items() if state in _OVER}
        if states and ended:
            over = await asyncio.to_thread(_not_queued, ended)
            states = states | {job: _OVER[ended[job]] for job in over}
        return states, seconds

    return told


def _not_queued(jobs: Iterable[str]) -> set[str]:
    """Give those of some jobs that are not in the queue; none where the cluster does not answer."""
    try:
        queue = ask("squeue", "--noheader", f"--user={getpass.getuser()}", "--format=%i")
    except SlurmError:
        return set()
    return set(jobs) - set(queue.split())
