"""What the nodes of each partition have."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from jetline.cluster.slurm import ask

#: Of ``sinfo``: partition (the default one with an asterisk), whether it takes jobs, time limit,
#: processors, memory [MB], other resources and features of its nodes, a line a kind of node.
_FIELDS = "%P|%a|%l|%c|%m|%G|%f"


@dataclass(frozen=True)
class Nodes:
    """Nodes of one kind in a partition.

    Parameters
    ----------
    partition : str
        Its name.
    default : bool
        Whether jobs that name none go there.
    up : bool
        Whether jobs of the partition start.
    minutes : float
        Longest time of a job; infinite where there is no limit.
    cpus, memory_mb, gpus : int
        What a job can have on one node.
    features : frozenset of str
        What constraints can ask for.
    """

    partition: str
    default: bool
    up: bool
    minutes: float
    cpus: int
    memory_mb: int
    gpus: int
    features: frozenset[str]


def offered() -> list[Nodes]:
    """Ask the cluster what it has.

    Raises
    ------
    SlurmError
        Where there is no SLURM or no answer.
    """
    nodes = read_nodes(ask("sinfo", "--exact", "--noheader", f"--format={_FIELDS}"))
    return limited(nodes, ask("scontrol", "show", "partition", "--oneliner"))


def read_nodes(listed: str) -> list[Nodes]:
    """Read what ``sinfo`` has printed."""
    nodes = []
    for line in filter(None, map(str.strip, listed.splitlines())):
        name, state, time, cpus, memory, others, features = line.split("|")
        nodes.append(
            Nodes(
                partition=name.rstrip("*"),
                default=name.endswith("*"),
                up=state == "up",
                minutes=minutes_of(time),
                cpus=_number(cpus),
                memory_mb=_number(memory),
                gpus=gpus_of(others),
                features=frozenset(features.split(",")) - {"(null)"},
            )
        )
    return nodes


def limited(nodes: list[Nodes], partitions: str) -> list[Nodes]:
    """Lower what nodes have to what their partition allows a job on one of them.

    Parameters
    ----------
    nodes : list of Nodes
        As ``sinfo`` tells them.
    partitions : str
        What ``scontrol show partition --oneliner`` has printed.
    """
    limits = {}
    for line in partitions.splitlines():
        facts = dict(fact.split("=", 1) for fact in line.split() if "=" in fact)
        limits[facts.get("PartitionName", "")] = facts
    found = []
    for one in nodes:
        facts = limits.get(one.partition, {})
        cpus, memory = facts.get("MaxCPUsPerNode", ""), facts.get("MaxMemPerNode", "")
        found.append(
            replace(
                one,
                cpus=min(one.cpus, int(cpus)) if cpus.isdigit() else one.cpus,
                memory_mb=min(one.memory_mb, int(memory)) if memory.isdigit() else one.memory_mb,
            )
        )
    return found


def minutes_of(time: str) -> float:
    """Read a time limit as SLURM writes it, ``[days-]hours:minutes:seconds``, in minutes."""
    days, _, clock = time.rpartition("-")
    parts = clock.split(":")
    if not all(part.isdigit() for part in parts):
        return math.inf  # "infinite"
    hours, minutes, seconds = [0, 0, *map(int, parts)][-3:]
    return int(days or 0) * 1440 + hours * 60 + minutes + seconds / 60


def gpus_of(others: str) -> int:
    """Count the GPUs in a list of generic resources, such as ``gpu:a100:4(S:0-1),nvme:1``."""
    kinds = re.sub(r"\([^)]*\)", "", others).split(",")
    counts = [kind.split(":") for kind in kinds if re.match(r"gpu(:|$)", kind)]
    return sum(int(parts[-1]) if parts[-1].isdigit() else 1 for parts in counts)


def _number(text: str) -> int:
    """Read a number behind which a plus says that some nodes have more."""
    return int(text.rstrip("+"))
