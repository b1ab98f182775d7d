"""Architectures: one module each, found by its name.

A configuration names an architecture by its module, with `-` for `_`. Nothing here imports keras
before a network is built.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from jetline.core.registry import Registry
from jetline.models import layers
from jetline.models.architecture import Architecture
from jetline.models.generative import GENERATIVE_MODELS

ARCHITECTURES: Registry[type[Architecture]] = Registry(
    __name__,
    Architecture,
    "architecture",
    without=(
        "attention_network",
        "generative",
        "layers",
        "particle_network",
        "starting_point",
        "training_recipe",
    ),
)


def names() -> list[str]:
    """List the names of all architectures."""
    return list(ARCHITECTURES)


def settings_class(name: str) -> type[Architecture]:
    """Give the class of an architecture or generative model, whose fields are its settings.

    Raises
    ------
    JetlineError
        If none has this name.
    """
    return _registry_of(name)[name]


def read_settings(label: str, values: dict[str, Any]) -> Architecture:
    """Validate one entry of the configuration's `architectures` or `generative`.

    Parameters
    ----------
    label : str
        The entry's name; it is also the architecture's unless `values` has `architecture`.
    values : dict
        The entry's keys and values.

    Raises
    ------
    JetlineError
        If none has this name.
    pydantic.ValidationError
        If a key or value is wrong.
    """
    name = str(values.get("architecture", label))
    return settings_class(name).model_validate({**values, "architecture": name})


def _registry_of(name: str) -> Registry[Any]:
    return GENERATIVE_MODELS if name in GENERATIVE_MODELS else ARCHITECTURES


def register_layers() -> None:
    """Import every module of layers, because Keras loads a model only of classes it knows."""
    for module in pkgutil.iter_modules(layers.__path__):
        importlib.import_module(f"{layers.__name__}.{module.name}")
