"""Locks between processes that die with whoever holds them."""

from __future__ import annotations

import errno
import fcntl
import sys
from typing import IO, Any

#: What the system answers where a file system, such as some of a network, has no locks.
_UNSUPPORTED = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)

#: The file of which it was told that it cannot be locked: one in the life of a process.
_TOLD: list[str] = []


def try_lock(stream: IO[Any]) -> bool:
    """Lock an open file, unless another process has.

    The lock lasts until the file is closed; the system releases it however the process ends, even
    by SIGKILL. Where the file system has no locks, that is told once, and the file counts as
    locked.

    Returns
    -------
    bool
        Whether to go on.
    """
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        _tell_unlocked(str(stream.name), error.strerror)
    return True


def _tell_unlocked(name: str, reason: str | None) -> None:
    """Warn, once a process, that nothing keeps two processes apart."""
    if not _TOLD:
        _TOLD.append(name)
        print(
            f"warning: {name}: this file system has no locks ({reason}): going on without. "
            "Do not run the same training, download or workflow twice at once in this folder",
            file=sys.stderr,
            flush=True,
        )
