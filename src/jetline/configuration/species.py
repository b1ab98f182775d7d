"""Find taggers that are told more of species than the user's own files tell."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.configuration.words import paste, place
from jetline.core.errors import JetlineError
from jetline.jets.constituents import PDG_ID
from jetline.jets.formats import JET_FORMATS
from jetline.jets.reading import format_by_name, open_jets

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.configuration.schema import Configuration
    from jetline.models.architecture import Architecture

#: From what tells least to what tells most.
_IDENTITIES = ("none", "experimental", "full")

_WHY = {
    "none": "tells no species",
    "experimental": "tells charge and type alone, or has other hadrons than the benchmark",
}


def told_too_much(
    configuration: Configuration,
    files: dict[str, dict[str, str]],
    identity_of: Callable[[Architecture], str],
    jets: int,
) -> list[JetlineError]:
    """Refuse each tagger that is told more than the first jets of some file have.

    Parameters
    ----------
    configuration : Configuration
        The taggers.
    files : dict
        Of each dataset, the name of each file of the user's to its path.
    identity_of : callable
        Gives what a tagger is told.
    jets : int
        How many jets of each file are looked at.
    """
    least: dict[str, tuple[str, str]] = {}
    for name in configuration.used_datasets:
        source = configuration.datasets[name]
        if source.species_unknown:
            layout = getattr(source, "layout", None)
            for path in files[name].values():
                identity = _identity_in(Path(path), layout, jets)
                if identity != "full" and identity not in least:
                    least[identity] = (name, path)
    errors = []
    for label, architecture in configuration.architectures.items():
        told = identity_of(architecture)
        less = [one for one in _IDENTITIES[: _IDENTITIES.index(told)] if one in least]
        if less:
            errors.append(_refusal(label, architecture, told, less[0], *least[less[0]]))
    return errors


def _refusal(
    label: str, architecture: Architecture, told: str, identity: str, dataset: str, path: str
) -> JetlineError:
    key, value = "identity", identity
    if architecture.kind == "images":
        key, value = "inputs", "images/pt"
    return JetlineError(
        place("architectures", label),
        found=f"{told} identity of particles, but {path} of dataset {dataset} {_WHY[identity]}",
        expected=f"a tagger that is told {identity} identity at most",
        remedy=f"{paste('architectures', label, key, value=value)}\n    or name the columns of "
        "species in the dataset's `layout`",
    )


def _identity_in(path: Path, layout: Any, jets: int) -> str:
    """Tell what a file's first jets tell; a file that is not valid is left to its check."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(JetlineError))
        if layout is not None or format_by_name(path) not in (None, "npz"):
            laid_out: Any = JET_FORMATS["laid-out"]
            return str(laid_out.identity_of(path, layout, jets))
        blocks: Any = open_jets(path).blocks(jets)
        stack.enter_context(contextlib.closing(blocks))
        return "full" if next(blocks)[..., PDG_ID].any() else "none"
    return "full"
