"""Forms of a computation that are timed, each in a process of its own.

They need different versions of packages, their own threads, and partly another environment. Run as
a file this is such a process: it reads what to prepare, and then one request a line.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

#: Where the system tells the peak memory of a process.
_STATUS = Path("/proc/self/status")


class NotPreparedError(Exception):
    """Tells why a form cannot be measured here: what its process says last."""


@dataclass(frozen=True)
class Form:
    """A form of a computation.

    Parameters
    ----------
    function : str
        Module beside this one, and function in it: it prepares the form, and gives functions by
        name, which take a number.
    options : dict
        Its arguments.
    environment : dict
        Variables of its process.
    python : str
        Interpreter that has its packages.
    """

    function: str
    options: dict[str, Any]
    environment: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable

    def given(self, **options: Any) -> Form:
        """Add arguments."""
        return Form(self.function, {**self.options, **options}, self.environment, self.python)


@dataclass(frozen=True)
class Answer:
    """What came of a request.

    Parameters
    ----------
    seconds, memory : float
        Time that it took, and peak memory of the process so far [MB].
    value : object
        What the function gave, of the types of JSON.
    """

    seconds: float
    memory: float
    value: Any = None


class Worker:
    """A process that has prepared a form, and runs it when it is asked.

    Parameters
    ----------
    form : Form
        What it prepares.
    limit : float, optional
        Seconds after which it is ended, whatever it does.

    Raises
    ------
    NotPreparedError
        Where an answer is waited for and the process has ended.
    """

    def __init__(self, form: Form, limit: float | None = None) -> None:
        self._limit, self._late = limit, False
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [form.python, __file__, form.function, json.dumps(form.options)],
            env=os.environ | form.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )
        self._timer = threading.Timer(limit, self._stop) if limit is not None else None
        if self._timer:
            self._timer.daemon = True
            self._timer.start()

    def _stop(self) -> None:
        self._late = True
        self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def ask(self, kind: str, number: int = 0) -> None:
        """Let it begin."""
        assert self._process.stdin
        try:
            print(kind, number, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise self._ended() from None

    def answer(self) -> Answer:
        """Wait for what was asked."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise self._ended()
        return Answer(**json.loads(line))

    def call(self, kind: str, number: int = 0) -> Answer:
        """Ask, and wait for it."""
        self.ask(kind, number)
        return self.answer()

    def _ended(self) -> NotPreparedError:
        status = self._process.wait()
        if self._late:
            return NotPreparedError(f"it took more than {self._limit:.0f} s")
        self._said.seek(0)
        lines = [line.strip() for line in self._said if line.strip()]
        # What Python says of an error comes last, and may go over several lines.
        errors = [line for line in lines if line.partition(":")[0].endswith(("Error", "Exception"))]
        last = (errors or lines or [""])[-1][:200]
        if absent := re.match(r"ModuleNotFoundError: No module named '([^'.]+)", last):
            return NotPreparedError(f"{absent[1]} is not installed")
        return NotPreparedError(last or f"its process ended with status {status}")

    def end(self) -> None:
        """End the process."""
        if self._timer:
            self._timer.cancel()
        self._process.kill()
        self._process.communicate()
        self._said.close()


def serve(function: str, options: dict[str, Any]) -> None:
    """Prepare a form and run what is asked for, until nobody asks any more."""
    # What packages print must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module, _, name = function.partition(":")
    calls = getattr(importlib.import_module(module), name)(**options)
    for line in sys.stdin:
        kind, number = line.split()
        start = time.perf_counter()
        value = calls[kind](int(number))
        seconds = time.perf_counter() - start
        peak = int(_STATUS.read_text().split("VmHWM:")[1].split()[0]) / 1e3
        told = value if kind == "facts" else None
        print(json.dumps({"seconds": seconds, "memory": peak, "value": told}), file=answers)
        answers.flush()


if __name__ == "__main__":
    serve(sys.argv[1], json.loads(sys.argv[2]))
