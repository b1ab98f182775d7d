"""The command line: all commands, and mistakes told without a traceback."""

from __future__ import annotations

import contextlib
import errno
import io
import signal
import sys
import threading
from typing import TYPE_CHECKING

import click

from jetline import __version__
from jetline.cli import (
    cluster,
    devices,
    evaluation,
    explanation,
    export,
    generative,
    inputs,
    jets,
    judging,
    report,
    scans,
    scoring,
    seeds,
    taggers,
    tracking,
    training,
)
from jetline.cli.command import Stages
from jetline.core.errors import JetlineError
from jetline.core.home import settle_home
from jetline.core.letters import PLAIN
from jetline.core.limits import limit_of, raise_open_files

if TYPE_CHECKING:
    from collections.abc import Iterator

#: All commands by what they are for; first those that are typed, then those of the workflow.
STAGES = {
    "See what a run will use, and what it has given": [
        devices.devices,
        report.result,
        cluster.resources,
        tracking.ui,
    ],
    "Use jets and taggers of your own": [
        jets.check,
        jets.validate,
        jets.generate,
        generative.draw_jets,
        judging.judge,
        inputs.show,
        taggers.taggers,
        scoring.score,
        training.from_weaver,
        training.to_weaver,
        export.export,
    ],
    "Called by the workflow: jets": [
        jets.download,
        jets.make_pictures,
        jets.import_jets,
        jets.measure,
    ],
    "Called by the workflow: inputs of models": [inputs.shard, inputs.split, inputs.statistics],
    "Called by the workflow: taggers": [
        training.train,
        seeds.train_together,
        training.predict,
        explanation.explain,
        explanation.lund_planes,
    ],
    "Called by the workflow: taggers elsewhere": [export.compare_export, taggers.write_card],
    "Called by the workflow: scans of settings": [scans.propose, scans.conclude],
    "Called by the workflow: evaluation": [
        evaluation.join_folds,
        evaluation.evaluate,
        evaluation.cut,
        evaluation.examine,
        evaluation.examine_classes,
        evaluation.compare,
    ],
    "Called by the workflow: report": [
        report.draw,
        report.draw_confused,
        report.show_explanations,
        report.show_judgements,
        report.report,
    ],
    "Called by the workflow: MLflow": [
        tracking.start_tracking,
        tracking.track,
        tracking.track_comparison,
        scans.track_scan,
    ],
    "For whoever changes Jetline": [report.document],
}

COMMANDS = Stages(
    "jetline",
    help="From quark and gluon jets to a trustworthy comparison of jet taggers, step by step. The "
    "workflow calls most of these commands; each can be run by hand, and says by --help what it "
    "takes. Where several files or folders are asked for, @LIST stands for those in the file LIST, "
    "one a line.",
    stages=STAGES,
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
)
click.version_option(__version__, prog_name="jetline", message="%(prog)s %(version)s")(COMMANDS)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a user's mistake is printed without a traceback.

    Returns
    -------
    int
        Exit status: 0; 1 after a mistake; 2 if the command's options are wrong; 130 after an
        interrupt, 143 if the command was told to end (SIGTERM).
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal or a log that cannot show a letter must not undo what a command has done.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN)
    raise_open_files()
    settle_home()
    try:
        with _ended_as_by_an_error():
            COMMANDS.main(arguments, prog_name="jetline", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except JetlineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        told = limit_of(error, error.filename or "open files") or _system_error(error)
        print(f"error: {told}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, click.Abort):
        print("interrupted", file=sys.stderr)
        return 130
    except _Terminated:
        print("terminated", file=sys.stderr)
        return 143
    return 0


class _Terminated(BaseException):
    """The command was told to end."""


@contextlib.contextmanager
def _ended_as_by_an_error() -> Iterator[None]:
    """Let SIGTERM, by which Snakemake and batch systems end a job, clean up as an error does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # what cleans up is not interrupted
    raise _Terminated


def _system_error(error: OSError) -> JetlineError:
    """Tell of a full disk or a forbidden folder like of any other mistake."""
    remedies = {
        errno.ENOSPC: "free some space, then run the same command again; nothing is half-written",
        errno.EDQUOT: "free some of your quota, then run the same command again",
        errno.EFBIG: "raise the limit on file sizes (ulimit -f), then run the same command again",
        errno.EACCES: "change its permissions, or work in a folder that is yours",
        errno.EROFS: "work in a folder that can be written to",
    }
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return JetlineError(
        str(error.filename or "output"),
        found=error.strerror or str(error),
        expected="room for the output" if error.errno in full else "a file or folder of yours",
        remedy=remedies.get(error.errno or 0, "check the path, then run the same command again"),
    )


if __name__ == "__main__":
    sys.exit(main())
