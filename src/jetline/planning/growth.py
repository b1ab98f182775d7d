"""What a step asks of a cluster so that it can be tried again, and then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

#: Option of ``sbatch`` by which a training is told two minutes before its time is over that it has
#: to end, so that it saves a checkpoint: not all clusters leave it enough time afterwards.
TOLD_IN_TIME = "--signal=TERM@120"

#: Memory [MB] of the two Snakemakes that run a job on a cluster, beside its command.
SNAKEMAKES = 400


def growth(attempt: int) -> int:
    """Give how many times as much the attempt of this number, from 1 on, asks for."""
    return min(attempt, 3)


def growing(amount: int) -> Callable[[Any, int], int]:
    """Ask for an amount at first, for twice as much at the second attempt, then for three times.

    Not for the time of trainings, which go on where they were. Those may need many attempts, at
    which memory must not grow on: no node would have it, and the job would never start.

    Parameters
    ----------
    amount : int
        Memory [MB] or time [minutes] that is mostly enough.

    Returns
    -------
    function
        Of the wildcards and the number of the attempt, from 1 on.
    """

    def asked(wildcards: Any, attempt: int) -> int:  # noqa: ARG001 - as Snakemake calls it
        return growth(attempt) * amount

    return asked
