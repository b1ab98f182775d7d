from __future__ import annotations

import fcntl
import io
import os
import pty
import select
import struct
import termios

import pytest

from snakemake_logger_plugin_jetline.screen import Screen


class Terminal:
    """A pseudo-terminal: a stream to write to, and what has been written."""

    def __init__(self, columns: int, rows: int, encoding: str) -> None:
        self._main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.stream = os.fdopen(side, "w", encoding=encoding)

    def text(self) -> str:
        self.stream.flush()
        text = b""
        while select.select([self._main], [], [], 0.2)[0]:
            text += os.read(self._main, 65536)
        return text.decode().replace("\r\n", "\n")

    def close(self) -> None:
        self.stream.close()
        os.close(self._main)


@pytest.fixture
def terminal(monkeypatch):
    """Opens terminals."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    opened = []

    def opening(columns: int = 80, rows: int = 24, encoding: str = "utf-8") -> Terminal:
        opened.append(Terminal(columns, rows, encoding))
        return opened[-1]

    yield opening
    for one in opened:
        one.close()


def test_a_block_is_drawn_in_place(terminal):
    one = terminal()
    screen = Screen(one.stream)
    screen.draw(["first", "second"])
    screen.draw(["again"])
    screen.say("done")
    faint = "\033[2m{}\033[0m\n".format
    assert one.text() == (
        faint("first") + faint("second") + "\033[2F\033[J" + faint("again") + "\033[1F\033[Jdone\n"
    )


def test_a_block_never_fills_more_than_the_terminal(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    one = terminal(columns=12, rows=6)
    Screen(one.stream).draw([f"a long line {number}" for number in range(9)])
    lines = one.text().splitlines()
    assert lines == ["a long line"] * 3 + ["  and 6 mor"]


def test_no_colours_where_none_are_wanted(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    one = terminal()
    screen = Screen(one.stream)
    screen.draw(["running"])
    screen.say(screen.red("failed"), screen.bold("best"))
    assert one.text() == "running\n\033[1F\033[Jfailed\nbest\n"


def test_a_dumb_terminal_and_a_log_get_lines_alone(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    one, log = terminal(), io.StringIO()
    for stream in (one.stream, log):
        screen = Screen(stream)
        screen.draw(["running"])
        screen.say(screen.red("failed"))
    assert one.text() == log.getvalue() == "failed\n"
    assert screen.width is None


def test_letters_that_a_stream_does_not_have_are_written_otherwise(terminal):
    one = terminal(encoding="ascii")
    screen = Screen(one.stream)
    screen.say("0.86 ± 0.01 at ε_q, 音")
    screen.draw(["± ä"])
    assert one.text() == "0.86 +- 0.01 at eps_q, \\u97f3\n\033[2m+- \\xe4\033[0m\n"
