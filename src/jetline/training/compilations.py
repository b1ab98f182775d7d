"""What JAX compiles for a training: kept between jobs, and counted for the log.

Each shape of a batch costs a compilation of each program, of seconds to minutes.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
from pathlib import Path
from typing import Any

#: Programs of a training: Keras' steps, and what gathers their batches.
_PROGRAMS = frozenset({"train_step", "predict_step", "gathered", "gathered_for_seeds"})

_FOLDER, _LEAST = "JAX_COMPILATION_CACHE_DIR", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"


def keep_compiled() -> None:
    """Let JAX keep what it compiles in a folder of the user, for later jobs; before jax.

    Programs are found again by their content, the version of XLA and the device, so that none of
    another network is ever taken. Where the user has named a folder, that one stays; where none
    can be made, nothing is kept.
    """
    if _FOLDER not in os.environ:
        folder = _cache_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return
        os.environ[_FOLDER] = str(folder)
    # By default only what took a second: on a GPU a batch of small networks takes less.
    os.environ.setdefault(_LEAST, "0.2")


def _cache_folder() -> Path:
    """Give the folder of this kind of processor: another may not have the same instructions."""
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    processor = platform.machine()
    if (cpuinfo := Path("/proc/cpuinfo")).is_file():
        told = cpuinfo.read_text(errors="replace").partition("\n\n")[0].splitlines()
        deciding = ("model name", "flags", "Features", "CPU part")
        processor += "".join(sorted(line for line in told if line.startswith(deciding)))
    name = hashlib.sha256(processor.encode()).hexdigest()[:12]
    return Path(caches) / "jetline" / "compiled" / name


class Compilations:
    """Count the programs of trainings that are compiled in this process, or taken from the cache.

    On TensorFlow it counts nothing: one graph of a step serves all shapes.
    """

    def __init__(self) -> None:
        self.number, self.from_cache, self.seconds = 0, 0, 0.0
        self._hit = False

    def notice(self, event: str, **_about: Any) -> None:
        """Take an event as `jax.monitoring` tells it."""
        self._hit |= event == "/jax/compilation_cache/cache_hits"

    def count(self, event: str, duration_secs: float, **about: Any) -> None:
        """Take an event that lasted, the same way."""
        if event == "/jax/core/compile/backend_compile_duration":
            name = str(about.get("fun_name", "")).removeprefix("jit(").removesuffix(")")
            if name in _PROGRAMS:
                self.number += 1
                self.seconds += duration_secs
                self.from_cache += self._hit
            self._hit = False

    def since(self, before: tuple[int, int, float]) -> str:
        """Tell what was compiled since `so_far` gave `before`; nothing if nothing was."""
        number, from_cache, seconds = (
            now - then for now, then in zip(self.so_far, before, strict=True)
        )
        if not number:
            return ""
        cached = f", {from_cache} of them from the cache" if from_cache else ""
        programs = "program" if number == 1 else "programs"
        return f"compiled {number} {programs} in {seconds:.1f} s{cached}"

    @property
    def so_far(self) -> tuple[int, int, float]:
        """Number of programs, how many of them came from the cache, and the time that took [s]."""
        return self.number, self.from_cache, self.seconds


@functools.cache
def compilations() -> Compilations:
    """Give what counts in this process, from the first call on."""
    import keras

    counted = Compilations()
    if keras.backend.backend() == "jax":
        import jax.monitoring

        jax.monitoring.register_event_listener(counted.notice)
        jax.monitoring.register_event_duration_secs_listener(counted.count)
    return counted
