"""The feed: batches made ahead by threads, and how long the steps waited for them."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

import keras

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

Item = TypeVar("Item")

#: Items that are begun for each thread, ahead of those that were asked for.
_AHEAD = 2


class Feed(Generic[Item]):
    """Iterate over items that threads make ahead, in their order.

    Parameters
    ----------
    make : callable
        Makes the item of a number. An error in it is raised where the item is asked for.
    numbers : iterable of int
        Of the items, in their order.
    threads : int
        How many make items at once; with 0 each is made when it is asked for.
    """

    def __init__(self, make: Callable[[int], Item], numbers: Iterable[int], threads: int) -> None:
        self._make, self._numbers, self._threads = make, numbers, threads
        #: Time that was spent waiting for items [s].
        self.waited = 0.0
        self._error: Exception | None = None

    def __iter__(self) -> Generator[Item, None, None]:
        return self._made_ahead() if self._threads else self._made_when_asked()

    def _made_when_asked(self) -> Generator[Item, None, None]:
        for number in self._numbers:
            began = time.perf_counter()
            item = self._make(number)
            self.waited += time.perf_counter() - began
            yield item

    def _made_ahead(self) -> Generator[Item, None, None]:
        pool = ThreadPoolExecutor(self._threads)
        numbers = iter(self._numbers)
        begun = deque(
            pool.submit(self._make, number)
            for _, number in zip(range(_AHEAD * self._threads), numbers, strict=False)
        )
        try:
            while begun:
                began = time.perf_counter()
                try:
                    item = begun.popleft().result()
                except Exception as error:
                    self._error = error
                    raise
                self.waited += time.perf_counter() - began
                for number in numbers:
                    begun.append(pool.submit(self._make, number))
                    break
                yield item
        finally:
            # Whoever stops asking in the middle leaves nothing that goes on.
            pool.shutdown(cancel_futures=True)

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


def has_gpu() -> bool:
    """Tell whether the backend computes on a GPU."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.list_logical_devices("GPU"))
    import jax

    return bool(jax.default_backend() == "gpu")


def feeding_threads() -> int:
    """Choose how many threads make batches: one where the steps keep the processor busy."""
    return max(1, int(os.environ.get("OMP_NUM_THREADS", 1))) if has_gpu() else 1
