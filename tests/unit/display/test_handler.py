from __future__ import annotations

import io
import re
import sys

import pytest
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry
from snakemake_interface_logger_plugins.tests import TestLogHandlerBase as LogHandlerTests

from log_records import begins, ends, fails, record, settings, stats
from snakemake_logger_plugin_jetline import LogHandler
from synthetic_run import write_drawn_comparison, write_run


class TestInterface(LogHandlerTests):
    __test__ = True

    def get_log_handler_cls(self):
        return LogHandler

    def get_log_handler_settings(self):
        return None


class Stderr:
    """All that was written to stderr."""

    def __init__(self, capsys) -> None:
        self._capsys, self._text = capsys, ""

    def getvalue(self) -> str:
        self._text += self._capsys.readouterr().err
        return self._text


@pytest.fixture
def stderr(capsys) -> Stderr:
    return Stderr(capsys)


@pytest.fixture
def run(tmp_path, monkeypatch) -> str:
    """A finished run; the path of its report."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results/runs/toy"
    made = write_run(folder, {"good": {"noise": 0.1}, "bad": {"noise": 2.0}}, n_jets=200)
    write_drawn_comparison(*made, folder / "comparison")
    return "results/runs/toy/report.html"


def told(report: str, whole: bool = True):
    return record(
        None, jetline={"report": report, "whole": lambda: whole, "logs": ["results/logs"]}
    )


def whole_run(report: str) -> list:
    target = begins(0, "all", reads=(report,))
    return [told(report), stats(html_report=1, all=1), begins(1, "html_report"), ends(1), target]


def handled(*records, **changed) -> None:
    handler = LogHandler(settings(**changed), None)
    for one in records:
        handler.handle(one)
    handler.close()
    handler.close()


def test_snakemake_finds_the_plugin_by_its_name():
    assert LoggerPluginRegistry().get_plugin("jetline").log_handler is LogHandler


def test_the_end_is_the_table_with_the_best_first(stderr, run):
    handled(*whole_run(run), ends(0))
    lines = stderr.getvalue().splitlines()
    assert lines[:2] == ["1 step; logs: results/logs", "[1/1] write the report (0.0 s)"]
    assert [line.split()[0] for line in lines if re.match("  (good|bad|tagger)", line)] == [
        *("tagger", "good", "bad")
    ]
    assert lines[-2].endswith("results/runs/toy/report.html")
    assert lines[-1] == "MLflow:  jetline ui results"


@pytest.mark.parametrize("whole", [True, False])
def test_nothing_to_do_shows_the_result_again_if_it_was_asked_for(stderr, run, whole):
    handled(told(run, whole), record(None, "Nothing to be done (all requested files ...)."))
    assert stderr.getvalue().startswith("Nothing to be done: everything is up to date.\n")
    assert ("best first" in stderr.getvalue()) == whole


def test_no_result_after_a_failure_or_of_another_target(stderr, run):
    handled(*whole_run(run)[:-2], fails(1))
    handled(told(run), stats(train=1), begins(1, "train", label="a", seed=1), ends(1))
    handled(*whole_run(run)[:-2], record(None, "Terminating processes on user request, ..."))
    assert "best first" not in stderr.getvalue()
    assert "1 of 1 step failed" in stderr.getvalue()
    assert "stopped: 0 of 1 step done" in stderr.getvalue()


def test_a_result_that_cannot_be_read_is_told_in_one_error(stderr, tmp_path):
    report = str(tmp_path / "results/runs/none/report.html")
    handled(*whole_run(report), ends(0))
    assert "\nerror: " in stderr.getvalue()
    assert "mistake in it" not in stderr.getvalue()


@pytest.mark.parametrize("asked", ["verbose", "printshellcmds"])
def test_verbose_brings_snakemakes_own_messages_and_the_result_stays(stderr, run, asked):
    command = record(LogEvent.SHELLCMD, "Shell command: jetline report")
    noise = record(None, "Building DAG of jobs...")
    handled(noise, command, *whole_run(run)[:2], **{asked: True})
    text = stderr.getvalue()
    assert "Building DAG" in text
    assert ("jetline report" in text) == (asked == "printshellcmds")
    assert "1 step;" not in text


def test_quiet_prints_nothing_of_a_run_that_succeeds(stderr, run):
    handled(*whole_run(run), ends(0), quiet={Quietness.PROGRESS})
    assert stderr.getvalue() == ""


def test_a_mistake_in_the_plugin_stops_nothing(stderr):
    broken = record(LogEvent.JOB_FINISHED, "Finished jobid: 3")
    handled(broken, record(None, "a later message"))
    text = stderr.getvalue()
    assert "display stops because of a mistake in it (AttributeError" in text
    assert text.count("a later message") == 1


def test_a_stream_that_is_gone_stops_nothing(monkeypatch):
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    handled(stats(train=1), begins(1, "train", label="a", seed=1), ends(1))


def test_commands_are_in_snakemakes_log_in_any_case(stderr):
    given = settings()
    LogHandler(given, None).close()
    assert given.printshellcmds
