"""Why jobs wait."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetline.cluster.slurm import SlurmError, ask

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Reasons in the words of SLURM, the first that fits, and what they mean.
_REASONS = {
    r"None$|$": "to be scheduled",
    r"Priority": "for their turn",
    r"Resources": "for free nodes",
    r"BeginTime|Cleaning|Prolog": "to begin",
    r"ReqNodeNotAvail|Node.*([Dd]own|DOWN|reserved)|Reserv": "for nodes that are down or reserved",
    r"Dependency": "for other jobs",
    r"Licenses": "for licences",
    r"(QOS|Assoc|Max|Job.*Limit|.*Grp)": "at a limit of the account or QOS",
}
#: Reasons that nothing but the user or an administrator ends.
_FOR_EVER = re.compile(
    r"Partition(Config|TimeLimit|NodeLimit|Down|Inactive)|BadConstraints|JobHeld|.*[Hh]eld"
    r"|Invalid(Account|QOS)|QOSMaxWallDurationPerJobLimit|AssocMaxWallDurationPerJobLimit"
    r"|(QOS|Assoc)Max(Cpu|GRES|Memory|Node).*PerJob|DependencyNeverSatisfied|AccountNotAllowed"
    r"|QOSNotAllowed"
)


@dataclass(frozen=True)
class Waiting:
    """Why a job waits, in the word of SLURM."""

    reason: str

    @property
    def words(self) -> str:
        """What it waits for."""
        for pattern, words in _REASONS.items():
            if re.match(pattern, self.reason):
                return words
        return f"({self.reason})"

    @property
    def for_ever(self) -> bool:
        """Whether it will not start by itself."""
        return bool(_FOR_EVER.match(self.reason))


def waiting(jobs: Iterable[str], patience: float = 20) -> dict[str, Waiting] | None:
    """Ask which jobs wait, and why.

    Parameters
    ----------
    jobs : iterable of str
        Their numbers.
    patience : float
        Seconds to wait for an answer.

    Returns
    -------
    dict or None
        By the number of a job that waits; None where the cluster does not answer.
    """
    numbers = ",".join(jobs)
    command = ("squeue", "--noheader", "--states=PENDING", "--format=%i|%r")
    try:
        listed = ask(*command, f"--jobs={numbers}", patience=patience)
    except SlurmError:
        return None
    pairs = (line.strip().partition("|") for line in listed.splitlines() if "|" in line)
    return {number: Waiting(reason) for number, _, reason in pairs}
