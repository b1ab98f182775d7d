"""Hash of the code that a step depends on, so that a change in it reruns the step.

Snakemake notices changed inputs and rules, not a change in an imported package.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from jetline.planning.module_syntax import module_syntax

PACKAGE = Path(__file__).parents[1]


def code_version(*modules: str) -> str:
    """Hash modules and all of ours that they import, directly or not.

    Comments, docstrings, descriptions of settings, layout and the texts of messages do not count.
    Packages' own `__init__` files do not count either: ours hold a docstring, or a registry that
    finds members by name, so a new architecture changes no other's version.

    Parameters
    ----------
    *modules : str
        Names within the package, such as ``"inputs.split"``.

    Returns
    -------
    str
        12 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for name in sorted(dependencies(*modules)):
        digest.update(f"{name}\n{_syntax(_path(name))}\n".encode())
    return digest.hexdigest()[:12]


def dependencies(*modules: str) -> set[str]:
    """Find the modules and all of ours that they import, wherever the import stands."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imports(_path(name))
    return found


def _path(name: str) -> Path:
    return PACKAGE / (name.replace(".", "/") + ".py")


def _imports(path: Path) -> list[str]:
    names = module_syntax(path.read_text(encoding="utf-8")).imports
    ours = [name.removeprefix("jetline.") for name in names if name.startswith("jetline.")]
    return [name for name in ours if _path(name).is_file()]


def _syntax(path: Path) -> str:
    return module_syntax(path.read_text(encoding="utf-8")).decisive
