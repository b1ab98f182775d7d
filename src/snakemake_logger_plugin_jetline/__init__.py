"""What Snakemake prints while it runs the workflow: one line a step, and the result.

Snakemake finds this package by its name, and the workflow's profiles choose it (``logger:
jetline``). It is the only code of ours that knows Snakemake, and nothing imports it.
"""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from jetline.cluster.queue import waiting
from snakemake_logger_plugin_jetline import endings
from snakemake_logger_plugin_jetline.groups import keep_messages
from snakemake_logger_plugin_jetline.narrator import Narrator
from snakemake_logger_plugin_jetline.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

#: Seconds between two drawings of the running steps.
_TICK = 1.0
#: Seconds between two questions to a cluster for what jobs wait.
_LOOK = 20.0

_UP_TO_DATE = "Nothing to be done: everything is up to date."


class LogHandler(LogHandlerBase):
    """Prints what happens; with ``--verbose`` or ``--printshellcmds`` Snakemake does it itself."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        settings = self.common_settings
        stream = sys.stdout if settings.stdout else sys.stderr
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
        self._screen = Screen(stream, colours=not settings.nocolor)
        quiet = {Quietness.PROGRESS, Quietness.RULES, Quietness.ALL} & set(settings.quiet or ())
        self._quiet = bool(quiet)
        self._dry_run = endings.DryRun() if settings.dryrun else None
        self._told: dict[str, Any] = {}
        self._over = threading.Event()
        self._ticker: threading.Thread | None = None
        asked = settings.verbose or settings.printshellcmds or settings.debug_dag
        self._verbose = self._snakemakes_own() if asked else None
        # What it learns is of use in any case, even where Snakemake speaks itself.
        unseen = Screen(io.StringIO())
        self._narrator = Narrator(unseen if asked else self._screen, quiet=self._quiet)
        keep_messages()
        self._unheard, sys.excepthook = sys.excepthook, self._interrupted
        # The log file below .snakemake has the commands in any case.
        settings.printshellcmds = True

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of a record; a mistake here must not stop the workflow."""
        try:
            self._hear(record)
        except Exception as error:  # noqa: BLE001 - told, and Snakemake's own output goes on
            self._give_up(error)
            if self._verbose:
                self._verbose.handle(record)

    def close(self) -> None:
        """Print the end."""
        with self._held():
            if self._over.is_set():
                return
            self._over.set()
            try:
                self._screen.say(*self._end())
            except Exception as error:  # noqa: BLE001 - the workflow is done, whatever this prints
                self._give_up(error)
        super().close()

    def _interrupted(
        self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        """Say without a traceback that the user has stopped Snakemake outside of the steps.

        It reads the rules then, looks at what there is, or prepares the first step; its log is
        closed before this is called.
        """
        if self._verbose or not issubclass(kind, KeyboardInterrupt):
            self._unheard(kind, error, traceback)
        else:
            self._screen.say(*endings.stopped(self._narrator))

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Hold the lock under which records come."""
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def _hear(self, record: logging.LogRecord) -> None:
        told = getattr(record, "jetline", None)
        if told is not None:
            self._told = told
            self._narrator.folders(told["logs"])
            return
        event = getattr(record, "event", None)
        if self._verbose:
            self._verbose.handle(record)
        elif self._dry_run and event == LogEvent.RUN_INFO:
            self._dry_run.count(record)
        elif self._dry_run and event == LogEvent.JOB_INFO:
            self._dry_run.add(record)
        if not self._dry_run or event is None or event == LogEvent.ERROR:
            self._narrator.hear(record)
        if self._narrator.running and not (self._verbose or self._ticker):
            self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
            self._ticker.start()

    def _tick(self) -> None:
        """Show every second how far the running steps are."""
        look = time.monotonic() + _LOOK
        while not self._over.wait(_TICK):
            if time.monotonic() >= look:
                self._look_at_cluster()
                look = time.monotonic() + _LOOK
            with self._held():
                if self._over.is_set() or self._verbose:
                    return
                try:
                    self._narrator.tick()
                except Exception as error:  # noqa: BLE001 - as in `emit`
                    self._give_up(error)

    def _look_at_cluster(self) -> None:
        """Ask the cluster what jobs wait; not under the lock, since it may take its time."""
        with self._held():
            jobs = self._narrator.on_cluster
        told = waiting(jobs) if jobs else {}
        if told is not None and not self._over.is_set():
            with self._held():
                self._narrator.be_told(told)

    def _end(self) -> list[str]:
        """Give the lines that stand at the end."""
        narrator = self._narrator
        report = self._told.get("report", "")
        made = report in narrator.reached
        if self._dry_run:
            plan = [] if self._verbose else self._dry_run.lines()
            return [_UP_TO_DATE] if narrator.nothing_to_do else plan
        if narrator.failed:
            # What Ctrl-C ends may be told as failed before Snakemake says that it was stopped.
            stopped = endings.stopped(narrator) if narrator.stopped else []
            return stopped if self._verbose else [*endings.failures(narrator), *stopped]
        if narrator.stopped:
            return endings.stopped(narrator)
        if self._quiet:
            return []
        if narrator.nothing_to_do:
            made = report != "" and self._told["whole"]()
        lines = [_UP_TO_DATE] if narrator.nothing_to_do and not self._verbose else []
        return [*lines, *(endings.result(report, self._screen) if made else [])]

    def _snakemakes_own(self) -> logging.Handler:
        """Make the handler that Snakemake would use without this plugin."""
        settings = self.common_settings
        return ColorizingTextHandler(
            nocolor=settings.nocolor,
            stream=sys.stdout if settings.stdout else sys.stderr,
            formatter=DefaultFormatter(settings.quiet, settings.show_failed_logs),
            filter=DefaultFilter(
                settings.quiet,
                settings.debug_dag,
                settings.verbose,
                settings.dryrun,
                settings.printshellcmds,
            ),
        )

    def _give_up(self, error: Exception) -> None:
        """Leave the rest to Snakemake, because of a mistake in this package."""
        self._narrator.screen = Screen(io.StringIO())
        if isinstance(error, OSError):
            # The terminal is gone, or the disk of the log full: nothing can be told there.
            self._verbose = logging.NullHandler()
            return
        self._verbose = self._verbose or self._snakemakes_own()
        with contextlib.suppress(OSError):
            self._screen.say(
                f"jetline's display stops because of a mistake in it ({type(error).__name__}: "
                f"{error}); it does not touch the workflow, and Snakemake's own messages follow"
            )
