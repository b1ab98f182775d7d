"""What the log of a step tells: how far a training is, and why a step failed."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetline.core.attempts import latest_attempt
from snakemake_logger_plugin_jetline.words import counted, duration

if TYPE_CHECKING:
    from pathlib import Path

#: Bytes at the end of a log that are read.
_END = 65536
#: Lines of a failed step's log that are shown, unless its error is longer or shorter.
_LINES = 12

#: Of seeds that train together each line begins with the seed, and tells its share of the time.
_EPOCH = re.compile(r"^(?:seed (\d+), )?epoch (\d+)/(\d+): (.*), ([\d.]+) s$", re.MULTILINE)


@dataclass(frozen=True)
class Epochs:
    """How far a training is.

    Parameters
    ----------
    done, all : int
        Epochs that it has, and that it may have at most.
    quality : str
        Validation AUC, or a loss, of the last one, in words; empty where the log has neither.
    left : float
        Seconds that the rest takes at most: a training may stop earlier.
    """

    done: int
    all: int
    quality: str
    left: float

    def __str__(self) -> str:
        # The last epochs are over before the network is saved.
        left = f"at most {duration(self.left)} left" if self.done < self.all else "saving"
        return ", ".join(filter(None, [f"epoch {self.done}/{self.all}", self.quality, left]))

    @property
    def summary(self) -> str:
        """What to say of a training that has finished."""
        return ", ".join(filter(None, [counted(self.done, "epoch"), self.quality]))


def epochs(log: Path, since: float) -> Epochs | None:
    """Read how far a training is from its log.

    Parameters
    ----------
    log : Path
        What ``jetline train`` prints.
    since : float
        When the step began [s since 1970]: an older log is of an earlier attempt.

    Returns
    -------
    Epochs or None
        None before the first epoch is over, and for trainings without epochs.
    """
    text, changed = end_of(log)
    found = _EPOCH.findall(latest_attempt(text))
    if not found or changed < since - 1:
        return None
    _, done, all_, measured, _ = found[-1]
    last = [float(seconds) for *_, seconds in found[-3:]]
    seeds = len({seed for seed, *_ in found})
    rest = seeds * (int(all_) - int(done)) * sum(last) / len(last)
    return Epochs(int(done), int(all_), _quality(measured), max(0.0, rest + changed - time.time()))


def _quality(measured: str) -> str:
    for name, written in (
        ("validation auc", "validation AUC"),
        ("validation loss", "validation loss"),
        ("loss", "loss"),
    ):
        if value := re.search(rf"(?:^|, ){name} (\S+?)(?:,|$)", measured):
            return f"{written} {value[1]}"
    return ""


def failure(log: Path) -> list[str]:
    """Give what a user needs to see of the log of a failed step: our error, or its last lines."""
    told = latest_attempt(end_of(log)[0])
    lines = [line.rpartition("\r")[2].rstrip() for line in told.split("\n")]
    lines = [line for line in lines if line]
    starts = [place for place, line in enumerate(lines) if line.startswith("error: ")]
    return lines[starts[-1] :][:60] if starts else lines[-_LINES:]


def end_of(log: Path) -> tuple[str, float]:
    """Read the end of a log, and when it was last written to; nothing of one that is not there."""
    try:
        with log.open("rb") as file:
            facts = os.fstat(file.fileno())
            file.seek(max(0, facts.st_size - _END))
            return file.read(_END).decode("utf-8", errors="replace"), facts.st_mtime
    except OSError:
        return "", 0.0
