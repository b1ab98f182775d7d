"""Where things lie under results/: keys and paths that the workflow and the tests share."""

from __future__ import annotations

import tempfile
from pathlib import Path

from jetline.core.errors import JetlineError
from jetline.core.files import short_hash
from jetline.inputs.kinds.images.recipe import Recipe


def recipe_folder(name: str, recipe: Recipe) -> str:
    """Folder name of a recipe: other settings under the same name have another one."""
    return f"{name}-{short_hash(recipe.model_dump(mode='json'))}"


def require_writable(folder: Path) -> None:
    """Make sure that results can be written, before anything runs.

    Raises
    ------
    JetlineError
        If the folder cannot be made, or no file can be written into it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
    except OSError as error:
        raise JetlineError(
            f"results folder {folder.absolute()}",
            found=f"it cannot be written to ({error.strerror})",
            expected="a folder of yours on a disk with space",
            remedy="change its permissions, or give another working folder by --directory",
        ) from None
