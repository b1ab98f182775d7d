"""The setting of what is measured on a GPU: which device, how many jets, and until when."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from side_by_side import Form, NotPreparedError, Worker

if TYPE_CHECKING:
    from gpu_results import Results

ROOT = Path(__file__).parents[1]

#: Seconds after which a form is given up: some are compiled for minutes.
_LIMIT = 480.0
#: Uncounted turns: in them all shapes are compiled, and weaver begins to trim.
WARM_UP = 3


class TimeIsUpError(Exception):
    """Ends a call that has no time left; the next one goes on."""


@dataclass(frozen=True)
class Setting:
    """What is measured, and where.

    Parameters
    ----------
    device : "gpu" or "cpu"
        The CPU only to test the command.
    card : str
        Name of the GPU.
    jets, batch, repeats : int
        Jets in a turn, in a step, and turns, whose median counts.
    networks, precisions : tuple of str
        Those that are measured.
    backends : tuple of str
        Those that are installed.
    torch_python : str
        Interpreter that has PyTorch.
    ends_at : float
        When to end, by `time.monotonic`.
    results : Results
        Where measurements go.
    """

    device: str
    card: str
    jets: int
    batch: int
    repeats: int
    networks: tuple[str, ...]
    precisions: tuple[str, ...]
    backends: tuple[str, ...]
    torch_python: str
    ends_at: float
    results: Results

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.ends_at - time.monotonic()

    def form(self, form: Form, name: str, backend: str = "", **options: Any) -> Form:
        """Give a form its network, jets and device."""
        in_torch = form.function.startswith("torch_forms")
        found = filter(None, [os.environ.get("PYTHONPATH")])
        environment = {
            # Several processes may use the card one after the other.
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
            **({"CUDA_VISIBLE_DEVICES": "-1"} if self.device == "cpu" else {}),
            **({"KERAS_BACKEND": backend} if backend else {}),
            # It has our needs, and not us.
            **({"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *found])} if in_torch else {}),
            **form.environment,
        }
        python = self.torch_python if in_torch else sys.executable
        given = {
            "name": name,
            "chunks": (1, self.jets),
            "batch": self.batch,
            "threads": 1,
            "device": self.device,
            **options,
        }
        return Form(form.function, {**form.options, **given}, environment, python)

    def speed(self, worker: Worker, kind: str) -> float:
        """Measure how many jets a second a form processes: the median of several turns."""
        for _ in range(WARM_UP):
            worker.call(kind)
        seconds = [worker.call(kind).seconds for _ in range(self.repeats)]
        return self.jets / median(seconds)

    def measure(self, asked: dict[str, Any], measured: Any) -> None:
        """Measure something that is not measured yet; if it cannot be, keep why.

        Parameters
        ----------
        asked : dict
            What it is, by `gpu_results.KEY`.
        measured : callable
            Given the seconds that it may take, gives what is measured.
        """
        if self.results.has(asked):
            return
        told = ", ".join(str(value) for value in asked.values() if value)
        limit = min(_LIMIT if asked["part"] != "demo" else self.left, self.left)
        if limit <= 0:
            raise TimeIsUpError
        print(f"{told} ...", flush=True)
        try:
            row = measured(limit)
        except NotPreparedError as error:
            # What a whole call is too short for would never be done.
            if self.left <= 0 and self.results.grown:
                raise TimeIsUpError from None
            print(f"  left out: {error}", flush=True)
            self.results.leave_out(asked, str(error))
        else:
            self.results.add(asked, **row)
