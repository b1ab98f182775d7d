"""Points of a scan: values of settings, and the settings of an entry with these values."""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def grid_points(grid: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """List every combination of values, those of the last key changing first."""
    return [dict(zip(grid, point, strict=True)) for point in itertools.product(*grid.values())]


def with_values(entry: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Put values over the keys of an entry.

    Parameters
    ----------
    entry : mapping
        As a configuration has it.
    values : mapping
        By key; one with a dot is of the section before it. A section that is a word, such as
        `training: published`, becomes the recipe of its section.

    Returns
    -------
    dict
        As a configuration may have it.
    """
    changed = copy.deepcopy(dict(entry))
    for key, value in values.items():
        section, dot, name = key.rpartition(".")
        if not dot:
            changed[key] = value
            continue
        inner = changed.get(section) or {}
        inner = {"recipe": inner} if isinstance(inner, str) else inner
        changed[section] = {**inner, name: value}
    return changed


def value_at(settings: Mapping[str, Any], key: str) -> Any:
    """Give the value of a key, with a dot or without, of an entry's settings."""
    found: Any = settings
    for name in key.split("."):
        found = found[name]
    return found


def name_of_trial(label: str, number: int) -> str:
    """Give the label of a trial, which Snakemake and MLflow name it by."""
    return f"{label}--{number}"


def entry_of_trial(name: str) -> str:
    """Give the label of the entry that a trial is of."""
    return name.rpartition("--")[0]


def measure_of(settings: Mapping[str, Any]) -> str:
    """Give the column of the history that tells the best trial, of an entry's whole settings."""
    recipe = settings.get("training") or {}
    return f"validation_{recipe.get('early_stopping', 'loss')}"
