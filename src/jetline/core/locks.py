"""Locks between processes that die with whoever holds them."""

from __future__ import annotations

import fcntl
from typing import IO, Any


def try_lock(stream: IO[Any]) -> bool:
    """Lock an open file, unless another process has.

    The lock lasts until the file is closed; the system releases it however the process ends, even
    by SIGKILL.

    Returns
    -------
    bool
        Whether the lock is held now.
    """
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
