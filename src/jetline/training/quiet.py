"""A backend that is loaded without a word, for commands that somebody types."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What TensorFlow's libraries say of themselves while they load, at whatever level is asked for,
#: and of CUDA on a machine that has none.
_CHATTER = re.compile(
    r"WARNING: All log messages before absl|I\d{4} |E\d{4} .*(cuInit|CUDA error: Failed call)"
)


def load_backend(device: str) -> None:
    """Import Keras and its backend, and keep back what they say to a terminal meanwhile.

    Parameters
    ----------
    device : str
        What is used, as `jetline.training.device.on_device` gives it: on a GPU all errors are told.
    """
    if device != "cpu":
        return
    with _without_chatter():
        import keras

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            # Looks for CUDA, which it would otherwise do, and tell of, at the first array.
            tf.config.list_logical_devices()


@contextlib.contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep what libraries write to stderr, and write it afterwards but for chatter."""
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
            kept.seek(0)
            for line in kept.read().decode(errors="replace").splitlines(keepends=True):
                if not _CHATTER.match(line):
                    os.write(2, line.encode())
