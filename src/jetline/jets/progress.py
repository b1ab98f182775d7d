"""Room for a download, and how far it is."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from tqdm import tqdm

from jetline.errors import JetlineError


def require_space(path: Path, needed: int) -> None:
    """Make sure that a file can grow by so many bytes.

    Raises
    ------
    JetlineError
        If its disk has less free space.
    """
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise JetlineError(
            f"folder {path.parent.absolute()}",
            found=f"{free / 1e6:,.1f} MB free",
            expected=f"{needed / 1e6:,.1f} MB for what is still to come",
            remedy="free some space, then run the same command again; it goes on where it stopped",
        )


class Progress:
    """A bar in a terminal; in a log, a line now and then."""

    def __init__(self, name: str, every: float = 10) -> None:
        self.name, self.every = name, every
        self.bar: tqdm | None = None
        self.told = time.monotonic()

    def show(self, done: int, total: int | None) -> None:
        """Show that `done` bytes of `total` (None if not known) are here."""
        if sys.stderr.isatty():
            if self.bar is None:
                self.bar = tqdm(
                    desc=self.name, initial=done, total=total, unit="B", unit_scale=True
                )
            self.bar.update(done - self.bar.n)
        elif time.monotonic() - self.told >= self.every:
            self.told = time.monotonic()
            of = f" of {total / 1e6:.1f}" if total else ""
            print(f"{self.name}: {done / 1e6:.1f}{of} MB", flush=True)

    def close(self) -> None:
        """End the bar, so that something else can be printed; `show` begins another."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None
