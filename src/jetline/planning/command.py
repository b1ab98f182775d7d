"""The command `jetline`, as the jobs of a workflow find it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def find_jetline() -> None:
    """Make `jetline` the command of the package that this Python has, if it is another or none.

    The PATH of this process changes, not a prefix of all shell commands: those of a workflow that
    uses this one as a module stay as they are.
    """
    beside = Path(sys.executable).with_name("jetline")
    found = shutil.which("jetline")
    if beside.exists() and not (found and Path(found).samefile(beside)):
        folders = [os.environ.get("PATH", os.defpath), str(beside.parent)]
        os.environ["PATH"] = os.pathsep.join(reversed(folders) if found else folders)
