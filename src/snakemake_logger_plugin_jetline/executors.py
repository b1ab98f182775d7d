"""What the executors of clusters say."""

from __future__ import annotations

import re
from typing import NamedTuple

#: By the name of the cluster's system how its executor says that it has submitted a job: what
#: Snakemake calls the step, then the number of the job.
_SUBMITTED = {
    "SLURM": re.compile(r"Job (\S+) has been submitted with SLURM jobid (\S+)"),
    "HTCondor": re.compile(r"Job (\S+) submitted to HTCondor Cluster ID (\S+) with batch name"),
}
#: What that for HTCondor says of every job, and Snakemake as well.
_OF_NO_INTEREST = re.compile(
    r"Requesting (memory|disk|GPU minimum memory): "
    r"|Job \S+ with HTCondor Cluster ID \S+ was successful"
)


class Submitted(NamedTuple):
    """A job that was submitted: the step, its number there, and to what."""

    step: str
    job: str
    cluster: str


def submitted(text: str) -> Submitted | None:
    """Read the message that a job was submitted, if it is one."""
    for cluster, words in _SUBMITTED.items():
        if found := words.match(text):
            return Submitted(found[1], found[2], cluster)
    return None


def of_no_interest(text: str) -> bool:
    """Tell whether nobody needs a message; it stands in Snakemake's own log."""
    return bool(_OF_NO_INTEREST.match(text))
