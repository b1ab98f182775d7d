"""Architectures: one file each; a file in this folder that defines `Settings` is registered.

A configuration names an architecture by its file, with `-` for `_`. Nothing here imports keras
before `build`.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from typing import Any

from jetline.core.errors import JetlineError
from jetline.models import layers
from jetline.models.architecture import Architecture

_SHARED = {"architecture", "layers"}


def names() -> list[str]:
    """Names of all registered architectures."""
    return sorted(name.replace("_", "-") for name in _modules() if name not in _SHARED)


def register_layers() -> None:
    """Import every module of layers, for models that are about to be loaded."""
    for module in pkgutil.iter_modules(layers.__path__):
        importlib.import_module(f"{layers.__name__}.{module.name}")


def _modules() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__)]


def settings_class(name: str) -> type[Architecture]:
    """The settings class of one architecture.

    Raises
    ------
    JetlineError
        If no architecture has this name.
    """
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=1)
        raise JetlineError(
            f"architecture {name!r}",
            found="no architecture of this name",
            expected="one of " + ", ".join(names()),
            remedy=f"did you mean {near[0]}?"
            if near
            else "choose one of these, or add a file to src/jetline/models",
        )
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}").Settings


def read_settings(label: str, values: dict[str, Any]) -> Architecture:
    """Validated settings of one entry of the configuration's `architectures`.

    Parameters
    ----------
    label : str
        The entry's name; it is also the architecture's unless `values` has `architecture`.
    values : dict
        The entry's keys and values.

    Raises
    ------
    JetlineError
        If no architecture has this name.
    pydantic.ValidationError
        If a key or value is wrong.
    """
    name = str(values.get("architecture", label))
    return settings_class(name).model_validate({**values, "architecture": name})
