"""What a module imports, and its decisive syntax, kept between the starts of Snakemake.

To find both of all modules takes longer than all else that Snakemake does when it starts, and each
job on a cluster starts it twice. What is kept is named by the text that it was found in.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

from jetline.core.files import atomic
from jetline.planning.syntax import decisive


class ModuleSyntax(NamedTuple):
    """Of a module's text.

    Parameters
    ----------
    imports : tuple of str
        All that it may import, wherever the import stands: modules, or names within them.
    decisive : str
        What of it can decide a result.
    """

    imports: tuple[str, ...]
    decisive: str


@functools.cache  # most modules are behind many steps
def module_syntax(text: str) -> ModuleSyntax:
    """Find what a module imports, and its decisive syntax; take what is kept of it, if anything."""
    path = _folder() / _hash(_rules() + text) if _folder().is_absolute() else None
    if path is not None and (kept := _kept(path)):
        return kept
    tree = ast.parse(text)
    found = ModuleSyntax(tuple(_imports(tree)), ast.dump(decisive(tree)))
    if path is not None:
        written = json.dumps(found)
        # A folder that cannot be written keeps nothing.
        with contextlib.suppress(OSError), atomic(path, flushed=False) as temporary:
            temporary.write_text(f"{_hash(written)}\n{written}", encoding="utf-8")
    return found


def _imports(tree: ast.Module) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names += [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names


def _kept(path: Path) -> ModuleSyntax | None:
    """Read what is kept; None if nothing is, or the file is damaged."""
    try:
        checksum, _, written = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    if checksum != _hash(written):
        return None
    imports, syntax = json.loads(written)
    return ModuleSyntax(tuple(imports), syntax)


def _folder() -> Path:
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    return Path(caches) / "jetline" / "syntax"


@functools.cache
def _rules() -> str:
    """By what rules the syntax is found: another Python may print it otherwise."""
    rules = [Path(__file__), Path(__file__).with_name("syntax.py")]
    return sys.version + "".join(path.read_text(encoding="utf-8") for path in rules)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
