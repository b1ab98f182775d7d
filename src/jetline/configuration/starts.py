"""From which other entry the trainings of an entry start, and what is wrong with that."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from jetline.configuration.words import nearest, paste, place
from jetline.core.errors import JetlineError
from jetline.models.architecture import Network

if TYPE_CHECKING:
    from jetline.configuration.schema import Configuration
    from jetline.models.starting_point import StartFrom


def start_from(configuration: Configuration, label: str) -> StartFrom | None:
    """Give what an entry says of where it starts."""
    architecture = configuration.entries[label]
    return architecture.start_from if isinstance(architecture, Network) else None


def started_from(configuration: Configuration, label: str, seed: int) -> tuple[str, int] | None:
    """Give label and seed of the training of this configuration that a training starts from.

    It is that of the same seed, or the only one of the entry; None where it starts otherwise.
    """
    start = start_from(configuration, label)
    if start is None or start.entry is None:
        return None
    seeds = configuration.seeds_of(start.entry)
    return start.entry, seed if seed in seeds else seeds[0]


def wrong_starts(configuration: Configuration) -> list[JetlineError]:
    """List the entries that cannot start as they say, as errors."""
    errors = []
    for label in configuration.architectures:
        start = start_from(configuration, label)
        if start is None:
            continue
        if start.entry is not None:
            errors += _wrong_entry(configuration, label, start.entry)
        elif start.weaver is not None:
            errors += _wrong_weaver(configuration, label, start)
    return errors


def _wrong_entry(configuration: Configuration, label: str, entry: str) -> list[JetlineError]:
    path = ("architectures", label, "start_from")
    entries = configuration.architectures
    others = [name for name, one in entries.items() if name != label and isinstance(one, Network)]
    if entry not in entries or not isinstance(entries[entry], Network):
        near = nearest(entry, others)
        remedy = f"did you mean {near}?" if near else "name one of these"
        if "/" in entry:
            remedy = paste(*path, value={"training": entry})
        return [
            JetlineError(
                place(*path),
                found=f"{entry}, which is trained otherwise than by gradient descent"
                if entry in entries
                else entry,
                expected=f"another network of this configuration: {', '.join(others) or 'none'}",
                remedy=remedy if others or "/" in entry else "add one, or leave start_from out",
            )
        ]
    if circle := _circle(configuration, label):
        return [
            JetlineError(
                place(*path),
                found=f"a circle: {' starts from '.join(circle)}",
                expected="one of them that starts by itself",
                remedy="take start_from out of one of them",
            )
        ]
    seeds = configuration.seeds_of(entry)
    lacking = [seed for seed in configuration.seeds_of(label) if seed not in seeds]
    if lacking and len(seeds) > 1:
        return [
            JetlineError(
                place(*path),
                found=f"seed {lacking[0]}, with which {entry} is not trained",
                expected=f"the seeds of {entry}, {', '.join(map(str, seeds))}, or an entry with a "
                "single seed",
                remedy=paste("architectures", label, "seeds", value=list(seeds)),
            )
        ]
    return []


def _circle(configuration: Configuration, label: str) -> list[str]:
    """Give the entries of a circle that begins and ends at `label`; none if there is none."""
    chain = [label]
    while chain[-1] in configuration.architectures:
        start = start_from(configuration, chain[-1])
        if start is None or start.entry is None:
            return []
        chain.append(start.entry)
        if chain[-1] == label:
            return chain
        if chain[-1] in chain[:-1]:
            return []  # told at the entries of that circle
    return []


def _wrong_weaver(configuration: Configuration, label: str, start: StartFrom) -> list[JetlineError]:
    path = ("architectures", label, "start_from")
    architecture = cast("Network", configuration.architectures[label])
    view = architecture.view
    if view is None or view.features != "particle_cloud":
        return [
            JetlineError(
                place(*path),
                found=f"a file of weaver's, for {architecture.architecture}",
                expected="ParticleNet or a Particle Transformer, which weaver has too",
                remedy="choose such an architecture, or start from a training",
            )
        ]
    if not start.unchecked_jets:
        told = start.model_dump(exclude_defaults=True, mode="json") | {"unchecked_jets": True}
        return [
            JetlineError(
                place(*path),
                found=f"{start.weaver}, which does not tell the jets that it was trained on",
                expected="weights that have not seen the jets which validate and test here",
                remedy=f"if you know that they have not, {paste(*path, value=told)}",
            )
        ]
    return []
