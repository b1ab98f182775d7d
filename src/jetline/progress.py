"""How far a long piece of work is: a bar in a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

#: Seconds between two lines in a log.
_EVERY = 30.0


class Lines:
    """What stands for a progress bar where nobody can see it move.

    Parameters
    ----------
    name, total, unit
        As for `progress_bar`.
    """

    def __init__(self, name: str, total: int | None, unit: str) -> None:
        self.name, self.total, self.unit, self.done = name, total, unit, 0
        self._began = self._told = time.monotonic()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is left open."""

    def update(self, more: int = 1) -> None:
        """Count further units, and tell them if it is time to."""
        self.done += more
        now = time.monotonic()
        if now - self._told >= _EVERY:
            self._told = now
            form = "{desc}: {n_fmt} of {total_fmt}{unit}, {rate_fmt}, {remaining} left"
            elapsed = now - self._began
            line = tqdm.format_meter(
                self.done, self.total, elapsed, unit=self.unit, prefix=self.name, bar_format=form
            )
            print(line, file=sys.stderr, flush=True)


def progress_bar(name: str, total: int | None, unit: str) -> tqdm | Lines:
    """A context manager with `update`, to be told of each unit; shows rate and time left.

    Parameters
    ----------
    name : str
        Of the work.
    total : int or None
        How many units it has, if known.
    unit : str
        What is counted, in the plural.
    """
    if sys.stderr.isatty():
        return tqdm(desc=name, total=total, unit=f" {unit}")
    return Lines(name, total, f" {unit}")
