"""Words for what is wrong in the configuration: where it is, and what to write there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import yaml


def place(*path: str | int) -> str:
    """Where in the configuration, such as `architectures.cnn.epochs` or `seeds[0]`."""
    keys = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return f"configuration, {keys.removeprefix('.') or 'top level'}"


def paste(*path: str | int, value: Any) -> str:
    """What to do: the lines that give `value` to the key at `path`."""
    text = yaml.safe_dump(value, sort_keys=False, default_flow_style=True, width=200)
    leaf = text.removesuffix("\n").removesuffix("\n...")
    lines = [f"{'  ' * depth}{key}:" for depth, key in enumerate(path)]
    return "paste" + "".join(f"\n      {line}" for line in lines) + f" {leaf}"


def nearest(found: Any, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    near = difflib.get_close_matches(str(found), list(known), n=1)
    return near[0] if near else None


def one_of(choices: Iterable[str]) -> str:
    """Such as `a, b or c`."""
    *others, last = choices
    return f"{', '.join(others)} or {last}" if others else last
