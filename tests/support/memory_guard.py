"""End a test that takes the machine's memory, and say where it was.

Without this the system ends the process, xdist waits for it for ever, and nobody knows which test
it was.
"""

from __future__ import annotations

import ctypes
import faulthandler
import sys
import threading
from pathlib import Path

#: A worker that has run all tests of networks has some 5 GB.
LIMIT_GB = 9.0


def resident_gb() -> float:
    """Memory that this process has of its own, where the system tells it."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1e9


def guard(thread: int, limit_gb: float, *, every: float = 0.25) -> threading.Thread:
    """Watch this process from now on: beyond the limit a thread gets a MemoryError, once.

    Parameters
    ----------
    thread : int
        Identity of the thread that runs the tests.
    limit_gb : float
        Most memory.
    every : float
        How often it is looked at [s].
    """

    def watch() -> None:
        # Not by `time.sleep`, which tests replace to see who waits.
        never = threading.Event()
        while resident_gb() <= limit_gb:
            never.wait(every)
        print(f"{resident_gb():.1f} GB of memory, in:", file=sys.stderr, flush=True)
        faulthandler.dump_traceback(sys.__stderr__)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread), ctypes.py_object(MemoryError)
        )

    watching = threading.Thread(target=watch, name="memory guard", daemon=True)
    watching.start()
    return watching
