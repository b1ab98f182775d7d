"""Where lines go: a log, or a terminal with a block of lines at its end that is drawn anew."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, TextIO

from jetline.core.letters import shown_in

if TYPE_CHECKING:
    from collections.abc import Iterable

_BOLD, _RED, _FAINT = "1", "31", "2"


class Screen:
    """A stream to write lines to.

    Parameters
    ----------
    stream : text file
        Such as stderr.
    colours : bool
        Whether colours are wanted; NO_COLOR in the environment and a log do without.
    """

    def __init__(self, stream: TextIO, *, colours: bool = True) -> None:
        self._stream = stream
        self._drawn = 0
        #: Whether the stream is a terminal in which lines can be drawn anew.
        self.live = bool(stream.isatty()) and os.environ.get("TERM", "dumb") != "dumb"
        self._coloured = self.live and colours and not os.environ.get("NO_COLOR")

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the terminal."""
        try:
            columns, rows = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            columns, rows = shutil.get_terminal_size()
        # A serial line may not know its size.
        return columns or 80, rows or 24

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None for a log, whose lines may be of any length."""
        return self.size[0] if self.live else None

    def say(self, *lines: str) -> None:
        """Write lines that stay; a block that is drawn gives way until the next `draw`."""
        self._write(self._erasing() + "".join(f"{self.fitting(line)}\n" for line in lines))

    def draw(self, lines: Iterable[str]) -> None:
        """Draw the block at the end of a terminal, in place of the one that is there."""
        if not self.live:
            return
        columns, rows = self.size
        block = [self.fitting(line)[: max(1, columns - 1)] for line in lines]
        if len(block) > (room := max(1, rows - 2)):
            hidden = len(block) - room + 1
            block = [*block[: room - 1], f"  and {hidden} more"[: max(1, columns - 1)]]
        self._write(self._erasing() + "".join(f"{self._with(_FAINT, line)}\n" for line in block))
        self._drawn = len(block)

    def bold(self, text: str) -> str:
        """Make a text stand out where there are colours."""
        return self._with(_BOLD, text)

    def red(self, text: str) -> str:
        """Make a text look like a failure where there are colours."""
        return self._with(f"{_BOLD};{_RED}", text)

    def _with(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._coloured else text

    def _erasing(self) -> str:
        lines, self._drawn = self._drawn, 0
        return f"\033[{lines}F\033[J" if lines else ""

    def fitting(self, line: str) -> str:
        """Give a line that the stream can take."""
        return shown_in(line, getattr(self._stream, "encoding", None))

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
