"""What a run prints through the shipped profile: steps, failures, the result, and no more."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

from checkout import TINY, Checkout

pytestmark = pytest.mark.slow

ONE = {"architectures": {"pfn": TINY["architectures"]["pfn"]}}


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    """A checkout with few jets and one tagger."""
    made = Checkout(root, tmp_path_factory.mktemp("display"))
    (made.folder / "jets").mkdir()
    with np.load(bundled[0], allow_pickle=False) as archive:
        few = {name: archive[name][:400] for name in ("X", "y")}
    np.savez_compressed(made.folder / "jets/few.npz", **few)
    return made


@pytest.fixture(scope="module")
def tiny(checkout) -> tuple[str, str]:
    return "--configfile", str(checkout.configure(**ONE))


@pytest.fixture(scope="module")
def first(checkout, tiny) -> str:
    """What the first run of all has printed."""
    result = checkout.snakemake(*tiny)
    assert result.returncode == 0, result.stdout
    return result.stdout


def test_a_run_prints_one_line_a_step_and_the_result(first):
    lines = first.splitlines()
    steps = [line for line in lines if line.startswith("[")]
    total = len(steps)
    assert [int(re.match(r"\[ *(\d+)/", line)[1]) for line in steps] == [*range(1, total + 1)]
    assert f"{total} steps, 1 training among them, on 2 cores; logs: results/logs" in first
    (trained,) = (line for line in steps if "train pfn, seed 1" in line)
    assert re.search(r"1 epoch, validation AUC 0\.\d{4} \([\d .mins]+\)$", trained)
    # Beside the steps: profile, first line, the result's eight, some minutes of slow steps.
    assert len(lines) - total < 20
    assert "jetline train" not in first


def test_the_end_is_the_result(checkout, first):
    *_, report, pages = first.splitlines()
    assert report == f"Report:  {checkout.folder / 'results/runs/tiny/report.html'}"
    assert pages == "MLflow:  jetline ui results"
    assert re.search(r"^  pfn +0\.\d+ ± 0\.\d+", first, re.MULTILINE)


def test_the_commands_are_in_snakemakes_own_log(checkout, first):
    (log,) = (checkout.folder / ".snakemake/log").glob("*.log")
    assert "jetline train --run tiny" in log.read_text()


def test_nothing_to_do_shows_the_result_again(checkout, tiny, first):
    again = checkout.snakemake(*tiny)
    assert again.returncode == 0
    assert "Nothing to be done: everything is up to date.\n" in again.stdout
    assert first.endswith(again.stdout[again.stdout.index("Taggers on") :])
    training = "results/runs/tiny/trainings/pfn/seed-1/training.json"
    one = checkout.snakemake(training, *tiny).stdout
    assert "Nothing to be done" in one
    assert "Taggers on" not in one


def test_a_dry_run_counts_the_steps_of_each_rule(checkout, tiny, first):
    plan = checkout.snakemake(*tiny, "--dry-run", "--forcerun", "evaluate").stdout
    assert re.search(r"^  evaluate +1  asked for$", plan, re.MULTILINE)
    assert re.search(r"^  html_report +1  its inputs are made anew$", plan, re.MULTILINE)
    assert "7 steps would be run." in plan
    assert "rule evaluate:" not in plan
    assert "rule evaluate:" in checkout.snakemake(*tiny, "-np", "--forcerun", "evaluate").stdout


def test_printshellcmds_brings_all_messages_back(checkout, tiny, first):
    text = checkout.snakemake(*tiny, "-p", "--forcerun", "html_report").stdout
    assert "Building DAG of jobs" in text
    assert "jetline report --output" in text
    assert "Taggers on" in text


def test_a_failed_step_is_told_with_its_error_and_once_more_at_the_end(checkout):
    (checkout.folder / "bad").mkdir()
    (checkout.folder / "bad/cut.npz").write_bytes(b"PK cut off")
    datasets = {"few": {"source": "files", "paths": ["bad/cut.npz"]}}
    configuration = checkout.configure("bad", run="bad", datasets=datasets, **ONE)
    result = checkout.snakemake("--configfile", configuration)
    assert result.returncode == 1
    assert result.stdout.count("    error: bad/cut.npz\n") == 1
    assert re.search(r"^  its log: results/logs/check/files/cut-\w+\.log$", result.stdout, re.M)
    assert re.search(r"^1 of \d+ steps failed, 1 done, \d+ not begun:$", result.stdout, re.M)
    assert "Taggers on" not in result.stdout
    for noise in ("RuleException", "CalledProcessError", "WorkflowError", "set -euo"):
        assert noise not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("no_such_file.npz",), "No rule to produce no_such_file.npz"),
        (("--unlock",), "Unlocked working directory"),
        (("--list",), "html_report"),
        (("--summary",), "results/runs/tiny/report.html"),
        (("--dag",), "digraph snakemake_dag"),
    ],
)
def test_what_else_snakemake_is_asked_for_it_still_tells(checkout, tiny, first, arguments, told):
    assert told in checkout.snakemake(*arguments, *tiny).stdout


def test_a_terminal_shows_what_is_running_in_place(checkout, tiny, first):
    main, side = pty.openpty()
    process = subprocess.Popen(
        ["snakemake", "--cores", "2", *tiny, "--forcerun", "html_report"],
        cwd=checkout.folder,
        env=checkout.environment | {"TERM": "xterm", "NO_COLOR": "1"},
        stdout=side,
        stderr=side,
    )
    os.close(side)
    shown = b""
    # Reading from a terminal that nobody writes to any more is an error.
    while chunk := _read(main):
        shown += chunk
    os.close(main)
    text = shown.decode().replace("\r\n", "\n")
    assert process.wait() == 0, text
    assert "  write the report (0.0 s)\n\033[1F\033[J" in text
    assert "[1/2] write the report (" in text
    assert "\033[2m" not in text
    assert "Taggers on" in text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("snakefile", "end"),
    [
        (
            "import sys, time\nprint('now', file=sys.stderr, flush=True)\ntime.sleep(60)\n",
            "stopped before the first step; the same command starts again",
        ),
        (
            "onstart:\n    shell('echo now >&2; sleep 60')\nrule some:\n    shell: 'true'\n",
            "stopped: 0 of 1 step done; the same command goes on, trainings after their last "
            "whole epoch",
        ),
        (
            "rule some:\n    shell: 'echo now >&2; sleep 60'\n",
            "stopped: 0 of 1 step done; the same command goes on, trainings after their last "
            "whole epoch",
        ),
    ],
    ids=["reading", "starting", "running"],
)
def test_ctrl_c_ends_in_a_line_without_a_traceback(checkout, tmp_path, snakefile, end):
    (tmp_path / "Snakefile").write_text(snakefile)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--logger", "jetline"]
    run = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=checkout.environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    said = []
    while "now\n" not in said:
        said.append(run.stderr.readline())
        assert said[-1], said
    os.killpg(run.pid, signal.SIGINT)
    said = run.communicate(timeout=60)[1].splitlines()
    assert run.returncode != 0
    assert said[-1] == end, said
    assert not [line for line in said if "Traceback" in line or "failed" in line]
    assert not list((tmp_path / ".snakemake").glob("locks/*"))
