"""Long work reports its progress: by lines in a log, by a bar in a terminal."""

import os
import pty
import sys
import termios

from jetline.core import progress


def test_a_log_gets_whole_lines_now_and_then(capfd, monkeypatch):
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    with progress.progress_bar("jets_0.npz", 3, "jets") as bar:
        for _ in range(3):
            bar.update()
    told = capfd.readouterr().err
    assert "\r" not in told
    assert "jets_0.npz: 2 of 3 jets, " in told
    assert " jets/s, " in told
    assert told.count("\n") == 3


def test_quick_work_leaves_no_line_in_a_log(capfd):
    with progress.progress_bar("jets_0.npz", 3, "jets") as bar:
        bar.update(3)
    assert capfd.readouterr().err == ""


def test_a_terminal_gets_a_bar(monkeypatch):
    ours, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    with os.fdopen(terminal, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        with progress.progress_bar("jets_0.npz", 3, "jets") as bar:
            bar.update(3)
        told = os.read(ours, 10_000).decode()
        while "100%" not in told:
            told += os.read(ours, 10_000).decode()
    os.close(ours)
    assert "\r" in told
    assert "3/3" in told
