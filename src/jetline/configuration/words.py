"""Say where something is wrong in the configuration, and what to write there instead."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

#: What is expected, by pydantic's types of problems; the braces take pydantic's own limits.
EXPECTED = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("dict_type", "model_type"), "keys and values"),
    "string_type": "text",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "letters, digits, _ and - alone, a letter or digit first",
    "tuple_type": "a list in square brackets",
    "too_short": "{min_length} or more entries",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "less_than": "less than {lt:g}",
    "less_than_equal": "{le:g} or less",
    "multiple_of": "a multiple of {multiple_of:g}",
}


def place(*path: str | int) -> str:
    """Say where in the configuration, such as `architectures.cnn.epochs` or `seeds[0]`."""
    keys = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return f"configuration, {keys.removeprefix('.') or 'top level'}"


def paste(*path: str | int, value: Any) -> str:
    """Say what to paste: the lines that give `value` to the key at `path`."""
    text = yaml.safe_dump(value, sort_keys=False, default_flow_style=True, width=200)
    leaf = text.removesuffix("\n").removesuffix("\n...")
    lines = [f"{'  ' * depth}{key}:" for depth, key in enumerate(path)]
    return "paste" + "".join(f"\n      {line}" for line in lines) + f" {leaf}"


def nearest(found: Any, known: Iterable[str]) -> str | None:
    """Find the known word that was probably meant."""
    near = difflib.get_close_matches(str(found), list(known), n=1)
    return near[0] if near else None


def one_of(choices: Iterable[str]) -> str:
    """Join words, such as `a, b or c`."""
    *others, last = choices
    return f"{', '.join(others)} or {last}" if others else last


def best_fitting(classes: dict[str, type[BaseModel]], entry: dict[str, Any]) -> str:
    """Choose the first of the classes that knows most of the entry's keys and lacks fewest."""

    def fit(name: str) -> tuple[int, int]:
        fields = classes[name].model_fields
        missing = [key for key, field in fields.items() if field.is_required() and key not in entry]
        return len(entry.keys() & fields.keys()), -len(missing)

    return max(classes, key=fit)
