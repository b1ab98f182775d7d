"""Why SLURM or HTCondor has refused or ended a job, and what to change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: In the executor's message on a failed job: its number and its state.
_STATE = re.compile(r"SLURM-job '(\S+)' failed.*?SLURM status is: '(\w+)'", re.DOTALL)

#: What the executor for HTCondor says of a failed job: its number, and what has become of it.
_OF_HTCONDOR = re.compile(
    r"Job \S+ with HTCondor Cluster ID (\S+) (.*?)(?:For further error details|$)"
)

#: Beginnings of SLURM's own lines in a log that the step and its Snakemake write to as well.
_ITS_OWN = re.compile(r"^(?:slurmstepd|slurmd|srun|sbatch)\b.*", re.MULTILINE)

#: What SLURM writes into the job's own log, or calls its state, and what it means.
_CAUSES = {
    "memory": re.compile(
        r"exceeded (?:job |step )?memory limit|oom[-_ ]?kill|OUT_OF_MEMORY|Out of memory",
        re.IGNORECASE,
    ),
    "time": re.compile(r"DUE TO TIME LIMIT|TIMEOUT|DEADLINE"),
    "preempted": re.compile(r"DUE TO PREEMPTION|PREEMPTED"),
    "node": re.compile(r"DUE TO NODE FAILURE|NODE_FAIL|BOOT_FAIL"),
    "cancelled": re.compile(r"CANCELLED"),
}

#: What ``sbatch`` says when it refuses a job, and the setting of a profile that is to be changed.
_REFUSALS = {
    "account/partition": "slurm_account and slurm_partition",
    "partition": "slurm_partition",
    "account": "slurm_account",
    "qos": "slurm-qos, or qos among the resources",
    "feature": "constraint",
    "gres": "gpu; where a cluster takes no --gpus: `gpu: 0, gres: 'gpu:1'`",
    "gpu": "gpu; where a cluster takes no --gpus: `gpu: 0, gres: 'gpu:1'`",
    "time limit": "runtime",
    "memory": "mem_mb",
    "node configuration": "threads, mem_mb, gpu or constraint, of which no node has so much",
    "node count": "threads, mem_mb or gpu",
    "cpu count": "threads",
    "policy": "what the limits of your account and QOS are: sacctmgr show assoc user=$USER",
}


def said_of(
    message: str, log: str, rule: str, resources: Mapping[str, Any], profile: str = "the profile"
) -> str:
    """Say in one line why a job failed or was refused, and what to change.

    Parameters
    ----------
    message : str
        What the executor says.
    log : str
        End of the log that SLURM keeps of the job.
    rule : str
        The rule that it is of.
    resources : mapping
        What it asked for, by name.
    profile : str
        Where that stands.

    Returns
    -------
    str
        Empty where the cluster knows no more than that the step itself has failed.
    """
    if found := _OF_HTCONDOR.match(message):
        return _ended_by_htcondor(found[1], found[2], rule, resources, profile)
    if "sbatch failed" in message:
        return _refused(message, rule, profile)
    found = _STATE.search(message)
    if not found:
        first, _, _ = message.partition("\n")
        return first
    job, state = found[1], found[2]
    told = "\n".join([state, *_ITS_OWN.findall(log)])
    cause = next((name for name, words in _CAUSES.items() if words.search(told)), "")
    if cause == "memory":
        memory = resources.get("mem_mb")
        return f"SLURM killed job {job}: it used more memory than it asked for" + _more(
            rule, "mem_mb", memory, " MB", profile
        )
    if cause == "time":
        minutes = resources.get("runtime")
        return f"SLURM ended job {job}: its time was over" + _more(
            rule, "runtime", minutes, " minutes", profile
        )
    again = "start the workflow again, if that was its last attempt"
    return {
        "preempted": f"SLURM job {job} had to make room for another one; {again}",
        "node": f"the node of SLURM job {job} has failed; {again}",
        "cancelled": f"SLURM job {job} was cancelled",
        "": "" if state == "FAILED" else f"SLURM job {job}: {state}",
    }[cause]


def _ended_by_htcondor(
    job: str, said: str, rule: str, resources: Mapping[str, Any], profile: str
) -> str:
    """Say likewise what has become of a job of HTCondor's."""
    if "failed with ExitCode" in said:
        return ""
    if " held" in said:
        _, _, reason = said.partition(": ")
        reason = reason.partition("Hold reason: ")[2] or reason
        more = ""
        if "memory" in reason.lower():
            more = _more(rule, "mem_mb", resources.get("mem_mb"), " MB", profile)
        return f"HTCondor holds job {job}: {reason.rstrip('. ')}{more}; `condor_rm {job}` ends it"
    if "was removed" in said:
        asked = _more(rule, "runtime", resources.get("runtime"), " minutes", profile)
        return f"HTCondor job {job} was removed; if its time was over{asked}"
    return f"HTCondor job {job} {said.rstrip('. ')}"


def ended_itself(message: str) -> bool:
    """Tell whether a job has ended by itself, by what the executor says: SLURM has not ended it."""
    found = _STATE.search(message)
    return bool(found and found[2] == "FAILED")


def _more(rule: str, key: str, asked: Any, unit: str, profile: str) -> str:
    if not isinstance(asked, int):
        return f"; in {profile}, give rule {rule} more {key}"
    line = f"set-resources: {{{rule}: {{{key}: {2 * asked}}}}}"
    return f", {asked}{unit}; in {profile}: {line}"


def _refused(message: str, rule: str, profile: str) -> str:
    """Take what matters out of pages of options and commands."""
    said, _, _ = message.partition("    sbatch call:")
    _, _, said = said.partition("The error message was '")
    errors = [line.removeprefix("sbatch: error: ") for line in said.splitlines() if line.strip()]
    last = errors[-1] if errors else "nothing"
    reason = last.removeprefix("Batch job submission failed: ").removesuffix(".").removesuffix("'")
    lower = said.lower()
    settings = next((words for key, words in _REFUSALS.items() if key in lower), "")
    change = f"; in {profile}, for rule {rule}: {settings}" if settings else ""
    return f"sbatch refuses the job: {reason}{change}"
