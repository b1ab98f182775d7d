"""Find taggers that are told more of species than the user's own files tell."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.configuration.words import paste, place
from jetline.core.errors import JetlineError
from jetline.jets.told_species import IDENTITIES, WHY, identity_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from jetline.configuration.schema import Configuration
    from jetline.models.architecture import Architecture


def told_too_much(
    configuration: Configuration,
    files: dict[str, dict[str, str]],
    identity_of: Callable[[Architecture], str],
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
    """
    least: dict[str, tuple[str, str]] = {}
    for name in configuration.used_datasets:
        source = configuration.datasets[name]
        if source.species_unknown:
            layout = getattr(source, "layout", None)
            for path in files[name].values():
                identity = _identity_in(path, layout)
                if identity != "full" and identity not in least:
                    least[identity] = (name, path)
    errors = []
    for label, architecture in configuration.architectures.items():
        told = identity_of(architecture)
        less = [one for one in IDENTITIES[: IDENTITIES.index(told)] if one in least]
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
        found=f"{told} identity of particles, but {path} of dataset {dataset} {WHY[identity]}",
        expected=f"a tagger that is told {identity} identity at most",
        remedy=f"{paste('architectures', label, key, value=value)}\n    or name the columns of "
        "species in the dataset's `layout`",
    )


def _identity_in(path: str, layout: Any) -> str:
    """Tell what a file's first jets tell; a file that is not valid is left to its check."""
    with contextlib.suppress(JetlineError):
        return identity_in(Path(path), layout)
    return IDENTITIES[-1]
