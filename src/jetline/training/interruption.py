"""Signals that ask a training to end, held back until it can end without loss."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

#: By which Snakemake, batch systems and a key end a job.
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Interruption:
    """A context in which SIGTERM and SIGINT wait until `obey` is called.

    Outside of the main thread, where Python lets nobody handle signals, it changes nothing.
    """

    def __init__(self) -> None:
        #: The signal that has come; None before.
        self.asked: int | None = None
        self._before: dict[int, Any] = {}
        self._at_once = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._come)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def obey(self) -> None:
        """End as the signal that has come would have ended the process; nothing if none has."""
        if self.asked is not None:
            handler = self._before[self.asked]
            if callable(handler):
                handler(self.asked, None)
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Let signals end the block where it is."""
        self.obey()
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False

    def _come(self, number: int, _frame: FrameType | None) -> None:
        again = self.asked is not None
        self.asked = number
        if self._at_once or again:
            self.obey()
