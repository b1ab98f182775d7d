"""Limits of the system: raised where we may, and told as what they are."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from pathlib import Path

#: As many files as Linux lets a process map by default.
_ENOUGH = 65_536


def raise_open_files() -> None:
    """Let this process open as many files as it may: every array of a shard is one.

    The soft limit, often 1024, is a default for programs that cannot do with more; the hard one is
    the system's.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # Some systems allow less than their hard limit says.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def limit_of(error: BaseException, path: Path | str) -> JetlineError | None:
    """Tell of a limit of the system that an error comes of; None if it comes of another reason.

    Parameters
    ----------
    error : exception
        What was raised.
    path : Path or str
        The file that was to be opened, which is not to blame.
    """
    number = error.errno if isinstance(error, OSError) else None
    if number not in (errno.EMFILE, errno.ENFILE):
        return None
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    told = f"the {limit} files that this process may open at once are open"
    return JetlineError(
        str(path),
        found=told if number == errno.EMFILE else "too many files are open on this machine",
        expected="room to open one more; the file itself is not to blame",
        remedy="raise the limit (`ulimit -n 65536`, or ask who runs the machine to raise the hard "
        "one), or put the jets into fewer and larger files",
    )


def require_memory(where: str, needed: int) -> None:
    """Refuse to read at once what is larger than the memory.

    Parameters
    ----------
    where : str
        File and array, for the error.
    needed : int
        Size of the array [bytes].

    Raises
    ------
    JetlineError
        If this machine has less memory.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > memory:
        raise JetlineError(
            where,
            found=f"{needed / 1e9:.1f} GB of data",
            expected=f"at most this machine's memory, {memory / 1e9:.1f} GB",
            remedy="split it into files of about 100,000 jets",
        )
