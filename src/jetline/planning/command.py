"""The command `jetline`, as the jobs of a workflow find it."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import sys
from pathlib import Path

#: In the path of an environment, pip writes these as they are into the first lines of its commands,
#: which a shell reads: none of the commands starts.
_UNQUOTED = '"$`\\'
#: Where bash looks for a function of this name.
_FUNCTION = "BASH_FUNC_jetline%%"


def find_jetline() -> None:
    """Make `jetline` the command of the package that this Python has, if it is another or none.

    Where the command cannot start because of its folder's name, a function of bash, in which
    Snakemake runs the jobs, takes its place.

    The PATH of this process changes, not a prefix of all shell commands: those of a workflow that
    uses this one as a module stay as they are.
    """
    beside = Path(sys.executable).with_name("jetline")
    found = shutil.which("jetline")
    if beside.exists() and not (found and Path(found).samefile(beside)):
        folders = [os.environ.get("PATH", os.defpath), str(beside.parent)]
        os.environ["PATH"] = os.pathsep.join(reversed(folders) if found else folders)
    if any(character in sys.executable for character in _UNQUOTED):
        python = shlex.quote(sys.executable)
        os.environ[_FUNCTION] = f'() {{ {python} -m jetline.cli.main "$@"; }}'


def name_user() -> None:
    """Name a user who has no name, since Snakemake asks for one when it starts.

    In a container a number is often all that is known of the user: ``LOGNAME`` is set to it.
    """
    try:
        getpass.getuser()
    except (KeyError, OSError):  # the latter from Python 3.13 on
        os.environ["LOGNAME"] = str(os.getuid())
