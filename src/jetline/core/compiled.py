"""Compiled functions, kept on disk so that only the first job compiles (a few seconds)."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

# As in NumPy, a division by zero gives infinity, so that no division is checked.
_OPTIONS: dict[str, Any] = {"error_model": "numpy"}

#: Compiles a function that only compiled ones of the same file call.
inner = numba.njit(**_OPTIONS)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function, and keep the code beside it, or else in the user's cache folder.

    ``NUMBA_CACHE_DIR`` names another folder. Where none can be written to, each process compiles.
    """
    try:
        kept = numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # there is no such folder
        return inner(function)

    @functools.wraps(function)
    def called(*arguments: Any) -> Any:
        try:
            return kept(*arguments)
        except OSError:  # there is no room in it; the code is compiled nevertheless
            return kept(*arguments)

    return called
