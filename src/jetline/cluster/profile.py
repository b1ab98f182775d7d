"""The profile that a user has chosen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def profile_of(arguments: Sequence[str]) -> str:
    """Name the profile that a command line of Snakemake's gives."""
    found = "the profile"
    for option in ("--profile", "--workflow-profile"):
        for place, argument in enumerate(arguments):
            if argument == option and place + 1 < len(arguments):
                found = arguments[place + 1]
            elif argument.startswith(f"{option}="):
                found = argument.partition("=")[2]
    inside = Path(found) / "profile.yaml"
    return str(inside) if inside.is_file() else found
