"""The user's home, which not every user has."""

from __future__ import annotations

import os
from pathlib import Path


def settle_home() -> None:
    """Let a user without a home have none, instead of a traceback of whoever asks for it.

    In a container or a batch job the user may be a number alone, and ``HOME`` unset. Some packages
    cannot even be imported then. They are told of a place where no folder can be: nothing is read
    from there, and caches go into the temporary folder, or are done without.
    """
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = os.devnull
