"""What is told of a run of the workflow, and when."""

from __future__ import annotations

import time
from logging import ERROR, INFO, LogRecord
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_jetline.executors import of_no_interest, submitted
from snakemake_logger_plugin_jetline.groups import (
    Groups,
    failure_of_job,
    steps_beside,
    words_of_job,
)
from snakemake_logger_plugin_jetline.queue import never_starts, summary_of
from snakemake_logger_plugin_jetline.step import Step
from snakemake_logger_plugin_jetline.words import (
    TARGETS,
    TRAININGS,
    counted,
    duration,
    known,
    steps_of,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jetline.cluster.queue import Waiting
    from snakemake_logger_plugin_jetline.screen import Screen

#: Seconds between two reports on what is running, in a log.
_EVERY = 60.0

#: Beginnings of what Snakemake says of itself; it stands in Snakemake's own log.
_SAID_OTHERWISE = (
    "Assuming unrestricted shared filesystem",
    "Auto-selected partition",
    "Building DAG of jobs",
    "Cleaning up SLURM log files",
    "Conda environments: ignored",
    "DAG of jobs will be updated",
    "Exception in run_job for rule",
    "Exiting because a job execution failed",
    "Elapsed time:",
    "Falling back to 'sacct'",
    "'sacct' unavailable",
    "Group jobs: inactive",
    "Job rate limit reached",
    "MinJobAge ",
    "No SLURM account given",
    "No account was given",
    "None",
    "Processed ",
    "Reasons:",
    "RuleException:\nCalledProcessError in file",
    "Removing output files of failed job",
    "Removing temporary output",
    "Rules with provenance triggered jobs",
    "SLURM run ID",
    "Select jobs to execute",
    "Shutting down, this might take some time",
    "Singularity containers: ignored",
    "Some jobs were triggered by provenance",
    "This was a dry-run",
    "Storing output in storage",
    "Unable to guess SLURM account",
    "Updating checkpoint dependencies",
    "Using shell:",
    "WorkflowError:\nAt least one job did not complete successfully",
)
_NOTHING = "Nothing to be done"
_LOGS = "Complete log(s): "
_STOPPED = "Terminating processes on user request"


class Narrator:
    """Tells what happens, one line a step.

    Parameters
    ----------
    screen : Screen
        Where to.
    quiet : bool
        Whether to tell of failures alone.
    clock : callable
        Gives the time [s].
    """

    def __init__(
        self, screen: Screen, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.screen = screen
        self.running: dict[int, Step] = {}
        self.failed: dict[int, Step] = {}
        #: Whatever files the finished steps read.
        self.reached: set[str] = set()
        self.done = self.total = 0
        self.nothing_to_do = self.stopped = False
        self.own_log = ""
        self._quiet = quiet
        self._clock = clock
        self._cores = ""
        self._told = clock()
        self._log_folders: list[str] = []
        self._groups = Groups()
        self._tell = {
            LogEvent.RESOURCES_INFO: self._resources,
            LogEvent.RUN_INFO: self._begin,
            LogEvent.JOB_INFO: self._start,
            LogEvent.JOB_FINISHED: self._finish,
            LogEvent.JOB_ERROR: self._fail,
            LogEvent.GROUP_INFO: self._groups.add,
            LogEvent.GROUP_ERROR: self._fail_together,
            LogEvent.ERROR: self._say,
            None: self._say,
        }

    def hear(self, record: LogRecord) -> None:
        """Take one record of Snakemake's log."""
        tell = self._tell.get(getattr(record, "event", None))
        if tell:
            tell(record)
            self.redraw()

    def folders(self, folders: list[str]) -> None:
        """Be told where the logs of the steps lie."""
        self._log_folders = folders

    def tick(self) -> None:
        """Show how far the running steps are: at once in a terminal, each minute in a log."""
        if self.screen.live:
            self.redraw()
        elif self._clock() - self._told >= _EVERY and not self._quiet:
            self._told = self._clock()
            self._report()

    def redraw(self) -> None:
        """Draw the block of running steps."""
        if not self._quiet:
            self.screen.draw([f"  {step.state(self._clock())}" for step in self._by_age()])

    @property
    def on_cluster(self) -> list[str]:
        """Numbers of the jobs of the steps that a cluster with SLURM has."""
        return [step.cluster_job for step in self.running.values() if step.cluster == "SLURM"]

    def be_told(self, waiting: Mapping[str, Waiting]) -> None:
        """Be told which jobs wait on the cluster, and why; tell at once of those that never start.

        Parameters
        ----------
        waiting : mapping of str to Waiting
            By the number of the job.
        """
        never: dict[str, str] = {}
        for step in self._by_age():
            before, step.waits = step.waits, waiting.get(step.cluster_job)
            if step.waits and step.waits.for_ever and step.waits != before:
                never.setdefault(
                    step.cluster_job, never_starts(step.words, step.cluster_job, step.waits)
                )
        self.screen.say(*map(self.screen.red, never.values()))

    def _report(self) -> None:
        """Tell of each training, together of other steps that take long, and of those that wait."""
        begun = [step for step in self._by_age() if not step.waits]
        trainings = [step for step in begun if step.rule in TRAININGS]
        long = [
            f"{step.words} ({duration(self._clock() - step.began)})"
            for step in begun
            if step.rule not in TRAININGS and self._clock() - step.began >= _EVERY
        ]
        more = f" and {len(long) - 4} more" if len(long) > 4 else ""
        others = [f"  running: {', '.join(long[:4])}{more}"] if long else []
        waits = [(step.waits, self._clock() - step.began) for step in self._by_age() if step.waits]
        waiting = [f"  {summary_of(waits)}"] if waits else []
        self.screen.say(
            *[f"  {step.state(self._clock())}" for step in trainings], *others, *waiting
        )

    def _by_age(self) -> list[Step]:
        steps = (step for step in self.running.values() if step.rule not in TARGETS)
        return sorted(steps, key=lambda step: step.began)

    def _resources(self, record: Any) -> None:
        if cores := getattr(record, "cores", None):
            self._cores = f" on {counted(cores, 'core')}"
        elif getattr(record, "nodes", None):
            self._cores = " on the cluster"

    def _begin(self, record: Any) -> None:
        """Say what will be made."""
        steps = steps_of(record.stats)
        self.total = sum(steps.values())
        trainings = sum(number for rule, number in steps.items() if known(rule) in TRAININGS)
        among = f", {counted(trainings, 'training')} among them," if trainings else ""
        logs = f"; logs: {', '.join(self._log_folders)}" if self._log_folders else ""
        if not self._quiet:
            self.screen.say(f"{counted(self.total, 'step')}{among}{self._cores}{logs}")

    def _start(self, record: Any) -> None:
        self.running[record.jobid] = Step(
            words=words_of(record.rule_name, record.wildcards or {}),
            rule=known(record.rule_name),
            log=Path(record.log[0]) if record.log else None,
            began=self._clock(),
            since=time.time(),
            reads=frozenset([*record.input, *record.output]),
            name=record.rule_name,
            resources=getattr(record, "resources", None) or {},
        )

    def _submit(self, numbers: Iterable[int], job: str, cluster: str) -> None:
        steps = [self.running[number] for number in numbers if number in self.running]
        for step in steps:
            step.cluster_job, step.cluster, step.together = job, cluster, len(steps)
        if steps and not self._quiet:
            self.screen.say(f"  submitted: {words_of_job(steps)} ({cluster} job {job})")

    def _finish(self, record: Any) -> None:
        step = self.running.pop(record.job_id, None)
        if step is None:
            return
        self.failed.pop(record.job_id, None)
        self.reached |= step.reads
        if step.rule in TARGETS:
            return
        self.done += 1
        if not self._quiet:
            reached = step.epochs()
            more = f": {reached.summary}" if reached else ""
            self.screen.say(f"{self._share()} {step.words}{more} ({step.took(self._clock())})")

    def _fail(self, record: Any) -> None:
        """Tell once of a failed step, unless the user has stopped it: its error, and its log."""
        step = self.running.pop(record.jobid, None)
        if step is None or self.stopped:
            return
        self.failed[record.jobid] = step
        logs = [Path(log) for log in record.log]
        self._say_failed(step, step.failure(record.rule_msg or "", logs), logs)

    def _fail_together(self, record: Any) -> None:
        """Tell which step of a job has failed; the records of its steps, which follow, name all."""
        numbers = {told["jobid"] for told in record.job_error_info} & set(self.running)
        steps = {number: self.running.pop(number) for number in numbers}
        if not steps or self.stopped:
            return
        step, logs, told = failure_of_job(
            [*steps.values()], getattr(record, "said", ""), record.aux_logs
        )
        self.failed = {k: v for k, v in self.failed.items() if k not in steps}
        self.failed |= {k: v for k, v in steps.items() if v is step}
        self._say_failed(step, told, logs, steps_beside(step, steps.values()))

    def _say_failed(self, step: Step, told: list[str], logs: list[Path], beside: str = "") -> None:
        self.screen.say(
            self.screen.red(f"{self._share()} failed: {step.words} ({step.took(self._clock())})"),
            *[f"    {line}" for line in told],
            *[f"  its log: {log}" for log in logs if log.exists()],
            *filter(None, [beside]),
        )

    def _share(self) -> str:
        width = len(str(self.total))
        return f"[{self.done:>{width}}/{self.total}]"

    def _say(self, record: LogRecord) -> None:
        """Tell what Snakemake or an executor says, if somebody needs it."""
        text = record.getMessage().rstrip()
        if text.startswith(_LOGS):
            self.own_log = text.removeprefix(_LOGS)
        elif text.startswith(_NOTHING):
            self.nothing_to_do = True
        elif sent := submitted(text):
            self._submit(self._groups.steps_of(sent.step), sent.job, sent.cluster)
        elif text and not text.startswith(_SAID_OTHERWISE) and not of_no_interest(text):
            self.stopped |= text.startswith(_STOPPED)
            if record.levelno > INFO or not self._quiet:
                red = record.levelno >= ERROR
                lines = _without_traceback(text).splitlines()
                self.screen.say(*[self.screen.red(line) if red else line for line in lines])


def _without_traceback(text: str) -> str:
    """Leave out of a message where in Snakemake's code it arose."""
    if not text.startswith("Traceback (most recent call last)"):
        return text
    lines = text.splitlines()
    inner = [place for place, line in enumerate(lines) if line.startswith((" ", "Traceback"))]
    return "\n".join([*filter(None, lines[inner[-1] + 1 :]), "(--verbose shows the traceback)"])
