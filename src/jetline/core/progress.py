"""How far a long piece of work is: a bar in a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from typing import Any

from tqdm import tqdm

#: Seconds between two lines in a log.
_EVERY = 30.0


class Lines:
    """Lines in a log, in place of a progress bar that nobody would see move.

    Parameters
    ----------
    **settings
        As `progress_bar` gives them to `tqdm`.
    """

    def __init__(self, **settings: Any) -> None:
        self._name = settings.pop("desc")
        self._settings = settings
        self._done = settings["initial"]
        self._began = self._told = time.monotonic()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the block; nothing is left open."""

    def update(self, more: int = 1) -> None:
        """Count further units, and print a line if the last one is long ago."""
        self._done += more
        now = time.monotonic()
        if now - self._told >= _EVERY:
            self._told = now
            line = tqdm.format_meter(
                self._done,
                elapsed=now - self._began,
                prefix=self._name,
                bar_format="{desc}: {n_fmt} of {total_fmt}{unit}, {rate_fmt}, {remaining} left",
                **self._settings,
            )
            print(line, file=sys.stderr, flush=True)


def progress_bar(
    name: str, total: int | None, unit: str, *, initial: int = 0, unit_scale: bool = False
) -> tqdm | Lines:
    """Open a progress bar: a context manager whose `update` is called after each unit.

    Parameters
    ----------
    name : str
        Of the work.
    total : int or None
        How many units it has, if known.
    unit : str
        What is counted, in the plural.
    initial : int
        How many are done already.
    unit_scale : bool
        Whether to write thousands and millions as k and M.
    """
    settings = {
        "desc": name,
        "total": total,
        "unit": f" {unit}",
        "initial": initial,
        "unit_scale": unit_scale,
    }
    if sys.stderr.isatty():
        return tqdm(**settings)
    return Lines(**settings)
