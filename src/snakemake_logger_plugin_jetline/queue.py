"""What is told of steps that wait on a cluster."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from snakemake_logger_plugin_jetline.words import counted, duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.cluster.queue import Waiting


def never_starts(words: str, job: str, waits: Waiting) -> str:
    """Say that a step waits for what does not come by itself."""
    return (
        f"will not start by itself: {words} (SLURM job {job}: {waits.reason}); "
        f"`scontrol show job {job}` tells more, and `scancel {job}` ends it"
    )


def summary_of(waits: Sequence[tuple[Waiting, float]]) -> str:
    """Say in one line how many steps wait, for what, and how long.

    Parameters
    ----------
    waits : sequence of (Waiting, float)
        Why each waits, and for how many seconds.
    """
    causes = Counter(one.words for one, _ in waits).most_common()
    told = ", ".join(f"{number} {words}" for words, number in causes)
    longest = duration(max(seconds for _, seconds in waits))
    return f"waiting on the cluster: {counted(len(waits), 'step')} ({told}), longest {longest}"
