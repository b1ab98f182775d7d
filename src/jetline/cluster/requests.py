"""What each step asks of the cluster, and whether any node can give it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from jetline.cluster.offer import gpus_of
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jetline.cluster.offer import Nodes


@dataclass(frozen=True)
class Request:
    """What a step of a rule asks for.

    Parameters
    ----------
    rule : str
        Its rule; of several steps that are one job, the name of their group.
    cpus, gpus : int
        Processors and GPUs.
    memory_mb, minutes : int or None
        Memory and time; None where the cluster's own default holds, or nothing is known yet.
    partitions : tuple of str
        Any of which may take it; empty for the default one.
    constraint : str
        Feature that its nodes must have; empty for none, and where it is an expression.
    cpus_key : str
        What the profile calls the processors.
    together : tuple of str
        Rules of the steps that are one job; empty for a single step.
    """

    rule: str
    cpus: int = 1
    gpus: int = 0
    memory_mb: int | None = None
    minutes: int | None = None
    partitions: tuple[str, ...] = ()
    constraint: str = ""
    cpus_key: str = "threads"
    together: tuple[str, ...] = ()


def request_of(
    rule: str,
    threads: int,
    resources: Mapping[str, Any],
    partitions: Mapping[str, Any],
    together: tuple[str, ...] = (),
) -> Request | None:
    """Give what a step or a job of several asks for, as the executor hands it to ``sbatch``.

    Parameters
    ----------
    rule : str
        Its rule; of several steps the name of their group.
    threads : int
        Its threads.
    resources : mapping
        Its resources by name, whatever the profile has changed of them.
    partitions : mapping
        Those of the file that ``slurm-partition-config`` names, with their limits; else empty.
    together : tuple of str
        Rules of several steps.

    Returns
    -------
    Request or None
        None for what this knows nothing of: other clusters, several nodes.
    """
    if any(resources.get(key) for key in ("slurm_cluster", "cluster", "clusters", "mpi")):
        return None
    if (_whole(resources.get("nodes")) or 1) > 1:
        return None
    cpus = _whole(resources.get("cpus_per_task"))
    per_cpu = _whole(resources.get("mem_mb_per_cpu"))
    count = max(1, threads if cpus is None else cpus)
    gpus = _whole(resources.get("gpu")) or gpus_of(str(resources.get("gres") or ""))
    constraint = str(resources.get("constraint") or "")
    named = re.split(r"[,\s]+", str(resources.get("slurm_partition") or "").strip())
    fitting = [
        name for name, limits in partitions.items() if (limits or {}).get("max_gpu", 0) >= gpus
    ]
    return Request(
        rule=rule,
        cpus=count,
        gpus=gpus,
        memory_mb=per_cpu * count if per_cpu else _whole(resources.get("mem_mb")),
        minutes=_whole(resources.get("runtime")),
        partitions=tuple(filter(None, named)) or tuple(fitting),
        constraint=constraint if re.fullmatch(r"[\w.-]+", constraint) else "",
        cpus_key="threads" if cpus is None else "cpus_per_task",
        together=together,
    )


def impossible(requests: Iterable[Request], nodes: list[Nodes], profile: str) -> list[JetlineError]:
    """Give an error for each request that would never start.

    Parameters
    ----------
    requests : iterable of Request
        Of all steps.
    nodes : list of Nodes
        Whatever the cluster has.
    profile : str
        Where the lines to change stand.
    """
    rules: dict[_Refusal, list[str]] = {}
    refused: set[str] = set()
    # A job of several steps is refused for itself alone where each of them could run.
    for request in sorted(requests, key=lambda request: bool(request.together)):
        refusal = _refusal(request, nodes, profile)
        if refusal is None or not refused.isdisjoint(request.together):
            continue
        refused.add(request.rule)
        if request.rule not in (of := rules.setdefault(refusal, [])):
            of.append(request.rule)
    return [
        JetlineError(f"the cluster, {_named(of, refusal.kind)}", **refusal.told)
        for refusal, of in rules.items()
    ]


class _Refusal(NamedTuple):
    kind: str
    found: str
    expected: str
    remedy: str

    @property
    def told(self) -> dict[str, str]:
        return {"found": self.found, "expected": self.expected, "remedy": self.remedy}


def _named(rules: list[str], kind: str) -> str:
    """Name the rules, or groups of them, that one error concerns."""
    more = f" and {len(rules) - 3} more" if len(rules) > 3 else ""
    return f"{kind}{'s' * (len(rules) > 1)} {', '.join(rules[:3])}{more}"


def _refusal(request: Request, nodes: list[Nodes], profile: str) -> _Refusal | None:
    kind = "group" if request.together else "rule"
    names = list(dict.fromkeys(one.partition for one in nodes))
    unknown = [name for name in request.partitions if name not in names]
    default = [one.partition for one in nodes if one.default]
    asked = request.partitions or tuple(default[:1])
    if unknown or not asked:
        return _Refusal(
            kind,
            found=f"partition {', '.join(unknown)}" if unknown else "no partition",
            expected=f"one of {', '.join(names)}" + ("" if asked else " (there is no default)"),
            remedy=f"in {profile}: slurm_partition, or the file of slurm-partition-config",
        )
    there = [one for one in nodes if one.partition in asked]
    open_ones = [one for one in there if one.up]
    of = f"of partition {' or '.join(asked)}"
    if not open_ones:
        return _Refusal(
            kind,
            found=f"partition {', '.join(asked)} is down",
            expected="a partition that starts jobs",
            remedy=f"wait for it, or name another one in {profile}: {', '.join(names)}",
        )
    if request.constraint and not any(request.constraint in one.features for one in open_ones):
        features = sorted(frozenset[str]().union(*(one.features for one in open_ones)))
        return _Refusal(
            kind,
            found=f"constraint {request.constraint}",
            expected=f"a feature of the nodes {of}: {', '.join(features) or 'they have none'}",
            remedy=f"in {profile}: constraint",
        )
    if any(_fits(request, one) for one in open_ones):
        return None
    found, offer, lines = _excess(request, open_ones)
    if request.together:
        lines = f"take {', '.join(request.together)} out of `groups`, to be jobs of their own"
    others = list(dict.fromkeys(o.partition for o in nodes if o.up and _fits(request, o)))
    other = f"; or partition {' or '.join(others)}, whose nodes can" if others else ""
    return _Refusal(
        kind,
        found=found,
        expected=f"what a node {of} can give: {offer}",
        remedy=f"in {profile}: {lines}{other}",
    )


def _fits(request: Request, nodes: Nodes) -> bool:
    return (
        request.cpus <= nodes.cpus
        and request.gpus <= nodes.gpus
        and (request.memory_mb or 0) <= nodes.memory_mb
        and (request.minutes or 0) <= nodes.minutes
        and (not request.constraint or request.constraint in nodes.features)
    )


def _excess(request: Request, nodes: list[Nodes]) -> tuple[str, str, str]:
    """Give what is too much, what there is at most, and the lines to write."""
    cpus, gpus = max(one.cpus for one in nodes), max(one.gpus for one in nodes)
    memory, minutes = max(one.memory_mb for one in nodes), max(one.minutes for one in nodes)
    resource = f"set-resources: {{{request.rule}: {{%s: %s}}}}"
    threads = f"set-threads: {{{request.rule}: {cpus}}}"
    if request.cpus_key != "threads":
        threads = resource % (request.cpus_key, cpus)
    facts = [
        (
            request.cpus > cpus,
            f"{request.cpus} processors ({request.cpus_key})",
            f"{cpus}",
            threads,
        ),
        (
            request.gpus > gpus,
            f"{request.gpus} GPU{'s' * (request.gpus > 1)} (gpu)",
            f"{gpus or 'none'}",
            resource % ("gpu", gpus),
        ),
        (
            (request.memory_mb or 0) > memory,
            f"{request.memory_mb} MB of memory (mem_mb)",
            f"{memory} MB",
            resource % ("mem_mb", memory),
        ),
        (
            (request.minutes or 0) > minutes,
            f"{request.minutes} minutes (runtime)",
            f"{minutes:.0f} minutes",
            resource % ("runtime", f"{minutes:.0f}"),
        ),
    ]
    beyond = [(found, there, line) for much, found, there, line in facts if much]
    if not beyond:
        amounts = (request.cpus, request.gpus, request.memory_mb, request.minutes)
        asked = [fact[1] for fact, amount in zip(facts, amounts, strict=True) if amount]
        return ", ".join(asked), "not all of it at once", "ask for less of one of them"
    found, there, lines = (list(column) for column in zip(*beyond, strict=True))
    return ", ".join(found), ", ".join(there), ", ".join(lines)


def _whole(value: object) -> int | None:
    """Give a number that is one; what depends on inputs that are not there yet is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
