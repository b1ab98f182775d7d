"""What steps ask of an HTCondor pool, in the words of its executor."""

from __future__ import annotations

import importlib
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: What the executor hands to HTCondor, what the rules say, and by what to multiply that.
_WORDS = {
    "htcondor_request_mem_mb": ("mem_mb", 1),
    "request_gpus": ("gpu", 1),
    # In seconds; of pools that end jobs after the time that they have asked for, as CERN's does.
    "classad_MaxRuntime": ("runtime", 60),
}
#: Words of HTCondor's own, by which a user says the same.
_OWN = {"htcondor_request_mem_mb": "request_memory", "classad_MaxRuntime": "classad_JobFlavour"}


def asked_of_htcondor(resources: Mapping[str, Any], steps: int = 1) -> dict[str, Any]:
    """Say what a rule asks for in HTCondor's words too, so that it stands once for all clusters.

    What grows with the attempts or follows the input does so here as well. What the user has said
    in HTCondor's words stays.

    Parameters
    ----------
    resources : mapping
        Of the rule, as Snakemake keeps them: each has a value or evaluates to one.
    steps : int
        How many steps at most are one job with one of this rule: Snakemake adds the times of such
        steps under the name `runtime` alone, of others it takes the longest.

    Returns
    -------
    dict
        By the name of the resource what it is, or a function that gives it as Snakemake asks.
    """
    return {
        name: _times(resources[ours], factor * (steps if ours == "runtime" else 1))
        for name, (ours, factor) in _WORDS.items()
        if ours in resources and name not in resources and _OWN.get(name, name) not in resources
    }


def steps_together(
    groups: Mapping[str, str], components: Mapping[str, int], kinds: int
) -> Counter[str]:
    """Give of each rule that is in a group how many steps that group's job has at most.

    Parameters
    ----------
    groups : mapping
        The profile's `groups`: by the name of a rule that of its group.
    components : mapping
        The profile's `group-components`, by the name of a group.
    kinds : int
        How many kinds of inputs are made of a jet file, by a step each.
    """
    sizes = Counter(groups.values())
    return Counter(
        {
            rule: (sizes[group] + max(kinds - 1, 0)) * components.get(group, 1)
            for rule, group in groups.items()
        }
    )


def require_access_point(folder: str, names: Iterable[str]) -> None:
    """Stop where jobs cannot be submitted to HTCondor, or would not find their files.

    Parameters
    ----------
    folder : str
        The workflow's.
    names : iterable of str
        Other words of the command line of each job.

    Raises
    ------
    JetlineError
        If there is no scheduler, or the executor would lose letters of a name.
    """
    # Snakemake puts such a name between single quotes, which the executor takes away.
    odd = next((name for name in (folder, *names) if set(name) & set(" '\"\\$`;&|<>()*?#~")), None)
    if odd is not None:
        raise JetlineError(
            "HTCondor, the command of a job",
            found=odd,
            expected="a name without spaces, quotes and other signs of the shell",
            remedy="move or rename it: the executor for HTCondor takes quotes out of commands",
        )
    with warnings.catch_warnings():
        # It warns of a configuration that is not there: told below.
        warnings.simplefilter("ignore")
        htcondor = importlib.import_module("htcondor2")
        try:
            htcondor.Schedd()
        except (htcondor.HTCondorException, OSError) as error:
            raise JetlineError(
                "HTCondor on this machine",
                found=f"no scheduler of jobs ({error})",
                expected="an access point of a pool, where `condor_q` answers",
                remedy="log in there; without a pool: snakemake --cores 4",
            ) from None


def _times(resource: Any, factor: int) -> Callable[..., Any]:
    """Multiply a resource when Snakemake asks for it; what is not known yet stays so."""

    # The names are Snakemake's, by which it knows what to hand over.
    def asked(
        wildcards: Any,
        input: Any,
        threads: Any,
        attempt: Any,
        rulename: Any,
        async_run: Any,
    ) -> Any:
        given = {"threads": threads, "attempt": attempt, "rulename": rulename}
        value = resource.evaluate(wildcards, input=input, async_run=async_run, **given).value
        return value * factor if isinstance(value, int) else value

    return asked
