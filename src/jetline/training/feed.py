"""The feed: batches made ahead by a thread, and how long the steps waited for them."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")

#: Items that are ready and not yet asked for, at most.
_AHEAD = 2


class Feed(Generic[Item]):
    """Iterate over items that a thread makes ahead.

    Parameters
    ----------
    items : iterable
        What the thread iterates over. An error in it is raised where the item is asked for.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = items
        #: Time that was spent waiting for items [s].
        self.waited = 0.0
        self._error: BaseException | None = None

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Raise an error in the making of items as it is.

        TensorFlow would make another one of it, with Python's traceback as its text.
        """
        try:
            yield
        except Exception:
            if self._error is not None:
                raise self._error from None
            raise

    def __iter__(self) -> Iterator[Item]:
        ready: queue.Queue[tuple[list[Item], BaseException | None]] = queue.Queue(_AHEAD)
        closed = threading.Event()
        thread = threading.Thread(target=self._make, args=(ready, closed), daemon=True)
        thread.start()
        try:
            while True:
                began = time.perf_counter()
                item, error = ready.get()
                self.waited += time.perf_counter() - began
                if error is not None:
                    self._error = error
                    raise error
                if not item:
                    return
                yield item[0]
        finally:
            # Whoever stops asking in the middle lets the thread end.
            closed.set()
            while not ready.empty():
                ready.get_nowait()

    def _make(
        self,
        ready: queue.Queue[tuple[list[Item], BaseException | None]],
        closed: threading.Event,
    ) -> None:
        def put(item: list[Item], error: BaseException | None = None) -> None:
            while not closed.is_set():
                try:
                    return ready.put((item, error), timeout=0.1)
                except queue.Full:
                    continue
            return None

        try:
            for item in self._items:
                put([item])
                if closed.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again by who asks
            put([], error)
        put([])
