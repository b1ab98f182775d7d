"""Whether Snakemake can work with the places that the user gives it."""

from __future__ import annotations

import re
import tempfile
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from pathlib import Path


def require_no_braces(checkout: Path) -> None:
    """Make sure that Snakemake can find the workflow's own files.

    It formats the whole path of a rule's `conda` file, the checkout's folder included.

    Raises
    ------
    JetlineError
        If a folder of the path has a brace in its name.
    """
    if match := re.search(r"[{}]", str(checkout)):
        raise JetlineError(
            f"checkout {checkout}",
            found=f"{match[0]} in the name of a folder, which Snakemake takes for a wildcard",
            expected="a path without braces; every other character is right",
            remedy="rename that folder; results and jets may lie below braces (--directory)",
        )


def require_literal(path: str) -> None:
    """Make sure that Snakemake takes the path of a jet file as it is.

    It has no way to write a brace that is none of a wildcard.

    Raises
    ------
    JetlineError
        If a part of the path looks like a wildcard of Snakemake's, or like one of its variables.
    """
    if match := re.search(r"\{\s*\w+\s*(,.*)?\}|<[a-z][a-z0-9_]*>", path):
        raise JetlineError(
            f"configuration, datasets, path {path}",
            found=f"{match[0]}, for which Snakemake fills in a word of its own",
            expected="a path without words in braces or angle brackets",
            remedy="rename it, or name a link instead, made by ln -s; what stands in the names of "
            "folders above the working directory does no harm in a relative path",
        )


def require_writable(folder: Path) -> None:
    """Make sure that results can be written, before anything runs; nothing is left behind.

    Raises
    ------
    JetlineError
        If no file can be written into the folder, or where it would be made.
    """
    try:
        with tempfile.TemporaryFile(dir=folder if folder.exists() else folder.parent) as probe:
            probe.write(b"x")
    except OSError as error:
        raise JetlineError(
            f"results folder {folder.absolute()}",
            found=f"it cannot be written to ({error.strerror or error})",
            expected="a folder of yours on a disk with space",
            remedy="change its permissions, or give another working folder by --directory",
        ) from None
