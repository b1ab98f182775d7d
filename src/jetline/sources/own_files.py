"""What sources of the user's own files share: paths and patterns, read where they lie."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path
from typing import ClassVar

from jetline.core.errors import JetlineError
from jetline.core.files import short_hash
from jetline.sources.source import Source


class OwnFiles(Source):
    """The user's own files, read where they lie."""

    #: What a file is called in errors.
    called: ClassVar[str]

    paths: tuple[str, ...]

    @property
    def classes_made(self) -> None:
        """None: the files' labels decide."""

    def jet_files(self, _bundled: Path, /) -> dict[str, str | None]:
        """List the files, patterns expanded and sorted, each file once, folders left out.

        Raises
        ------
        JetlineError
            If a path or pattern matches no file.
        """
        paths = []
        for pattern in self.paths:
            matches = _matches(pattern)
            if not matches:
                raise JetlineError(
                    f"configuration, datasets, path {pattern}",
                    found=f"no such file from {Path.cwd()}",
                    expected=f"{self.called}, or a pattern that matches some",
                    remedy="correct the path; relative ones start at the working directory",
                )
            folders = [match for match in matches if Path(match).is_dir()]
            if len(folders) == len(matches):
                raise JetlineError(
                    f"configuration, datasets, path {pattern}",
                    found="a folder" if len(folders) == 1 else "folders alone",
                    expected=f"{self.called}, or a pattern that matches some",
                    remedy=f"name the files in it: {folders[0].rstrip('/')}/*.npz",
                )
            paths += [match for match in matches if match not in folders]
        return {_file_name(path): path for path in dict.fromkeys(map(os.path.normpath, paths))}


def _matches(pattern: str) -> list[str]:
    """List the files of a path or pattern; what exists is taken as it is, brackets and all."""
    if Path(pattern).exists():
        return [pattern]
    path = Path(pattern).expanduser()
    whole = next((folder for folder in (path, *path.parents) if folder.exists()), Path())
    rest = path.relative_to(whole)
    # Not Path.glob, which passes over nothing that begins with a dot.
    return sorted(glob.glob(os.path.join(glob.escape(str(whole)), rest), recursive=True))  # noqa: PTH118, PTH207


def _file_name(path: str) -> str:
    """Make a name without dots or slashes that two paths never share."""
    # docs/decisions.md: Keys of jets
    stem = re.sub(r"[^A-Za-z0-9_-]", "_", Path(path).stem)
    return f"{stem}-{short_hash(path)}"
