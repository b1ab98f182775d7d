"""Provide configurations with a mistake, and the errors that they cause."""

from __future__ import annotations

import copy
import textwrap
from typing import Any

import pytest
import yaml

from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError

#: A right configuration without any key that may be left out.
LEAST = {
    "run": "mine",
    "datasets": {"jets": {"source": "sample"}},
    "train_on": "jets",
    "test_on": ["jets"],
    "architectures": {"pfn": {}},
}

GONE = object()


def changed(*path: str, value: Any, base: dict[str, Any] = LEAST) -> dict[str, Any]:
    """The least configuration with another value (or none, `GONE`) at a key."""
    result = copy.deepcopy(base)
    *parents, key = path
    section = result
    for parent in parents:
        section = section.setdefault(parent, {})
    if value is GONE:
        del section[key]
    else:
        section[key] = value
    return result


def mistakes(values: dict[str, Any]) -> list[JetlineError]:
    """Everything that a configuration is refused for."""
    with pytest.raises(JetlineError) as caught:
        read_configuration(values)
    errors = [caught.value, *caught.value.others]
    for error in errors:
        assert error.where.startswith("configuration, ")
        assert "see config/README.md" not in error.remedy
        # pydantic's own words, which tell a reader of YAML nothing
        for word in ("valid integer", "valid string", "tuple", "dictionary", "instance", "Input"):
            assert word not in str(error)
    return errors


def mistake(values: dict[str, Any]) -> JetlineError:
    """The one thing that a configuration is refused for."""
    (error,) = mistakes(values)
    return error


def pasted(error: JetlineError, values: dict[str, Any]) -> dict[str, Any]:
    """The configuration with the error's snippet merged into it."""
    assert error.remedy.startswith("paste\n")
    lines = error.remedy.splitlines()[1:]
    snippet = yaml.safe_load(textwrap.dedent("\n".join(x for x in lines if "    or " not in x)))

    def merged(old: Any, new: Any) -> Any:
        if not (isinstance(old, dict) and isinstance(new, dict)):
            return new
        return old | {key: merged(old.get(key), value) for key, value in new.items()}

    return merged(values, snippet)
