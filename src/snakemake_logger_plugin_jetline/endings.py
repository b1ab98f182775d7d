"""What stands at the end: the result, what failed and what to do next, or what would be done."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jetline.core.errors import JetlineError
from jetline.report.result import result_of_run
from snakemake_logger_plugin_jetline.words import cause_of, counted, steps_of

if TYPE_CHECKING:
    from snakemake_logger_plugin_jetline.narrator import Narrator
    from snakemake_logger_plugin_jetline.screen import Screen


def result(report: str, screen: Screen) -> list[str]:
    """Give the result of the run that a report belongs to.

    Parameters
    ----------
    report : str
        Path of the report.
    screen : Screen
        Where it will stand.
    """
    try:
        return ["", *result_of_run(Path(report).parent, screen.width, screen.fitting)]
    except JetlineError as error:
        return ["", *f"error: {error}".splitlines()]


def failures(narrator: Narrator) -> list[str]:
    """List what failed, and say what to do next."""
    failed = list(narrator.failed.values())
    waiting = narrator.total - narrator.done - len(failed)
    rest = f", {waiting} not begun" if waiting else ""
    column = max(len(step.words) for step in failed)
    own = [f"All that Snakemake says: {narrator.own_log}"] if narrator.own_log else []
    return [
        "",
        f"{len(failed)} of {counted(narrator.total, 'step')} failed, {narrator.done} done{rest}:",
        *[f"  {step.words:{column}}  {step.log or 'has no log'}" for step in failed],
        "Put right what is told above, then run the same command again: what is done stays.",
        *own,
    ]


def stopped(narrator: Narrator) -> list[str]:
    """Say how far a run is that was stopped."""
    if not narrator.total:
        return ["stopped before the first step; the same command starts again"]
    return [
        f"stopped: {narrator.done} of {counted(narrator.total, 'step')} done; the same command "
        "goes on, trainings after their last whole epoch"
    ]


class DryRun:
    """What would be run, and why."""

    def __init__(self) -> None:
        self._steps: Counter[str] = Counter()
        self._causes: dict[str, Counter[str]] = {}

    def count(self, record: Any) -> None:
        """Take the numbers of steps by rule, in the order in which they would run."""
        self._steps = steps_of(record.stats)

    def add(self, record: Any) -> None:
        """Take one step."""
        self._causes.setdefault(record.rule_name, Counter())[cause_of(record.reason)] += 1

    def lines(self) -> list[str]:
        """Give the table of steps by rule; nothing before any is known."""
        if not self._steps:
            return []
        column = max(map(len, self._steps), default=0)
        rows = [
            f"  {rule:{column}}  {number:>6}  {self._why(rule)}".rstrip()
            for rule, number in self._steps.items()
        ]
        return [
            f"  {'rule':{column}}   steps  why",
            *rows,
            f"{counted(self._steps.total(), 'step')} would be run. This was a dry run: nothing was "
            "made. --printshellcmds lists each step with its command, files and reason.",
        ]

    def _why(self, rule: str) -> str:
        causes = self._causes.get(rule, Counter()).most_common()
        if len(causes) == 1:
            return causes[0][0]
        return ", ".join(f"{number} {cause}" for cause, number in causes)
