"""Which processor a command uses, which has to be settled before keras is imported."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.models import ARCHITECTURES
from jetline.records.training import TRAINING, read_tagger
from jetline.training import gpu_slots
from jetline.training.driver import ask_driver
from jetline.training.gpu_slots import VISIBLE, visible
from jetline.training.numerics import settle_numerics
from jetline.training.usable import usable_gpus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jetline.training.driver import Gpu

#: Says why the GPU that is there is not used, and what to do.
_WHY = "jetline devices"


@contextlib.contextmanager
def on_device(
    wanted: str, threads: int, locks: Path | None = None, *, per_gpu: int = 1, count: int = 1
) -> Iterator[str]:
    """Claim a processor for as long as the block lasts, within which keras is first imported.

    Parameters
    ----------
    wanted : "auto", "cpu" or "gpu"
        The configuration's `device`.
    threads : int
        Threads that the numerical libraries may use.
    locks : Path, optional
        As in `claim`.
    per_gpu : int
        The configuration's `trainings_per_gpu`.
    count : int
        As in `claim`.

    Yields
    ------
    str
        What is really used: ``"cpu"`` or ``"gpu <index>"``, as `claim` gives it.

    Raises
    ------
    JetlineError
        If a GPU is wanted and there is none, or the backend cannot use it or is none of ours, or
        there are fewer than the training takes.
    """
    settle_numerics()
    limit_threads(threads)
    available = gpus(tell=True) if wanted != "cpu" else ()
    backend = os.environ["KERAS_BACKEND"]
    shared = {"per_gpu": per_gpu, "count": count}
    with claim(wanted, available, locks, **shared, backend=backend) as claimed:
        yield check_visible(claimed, wanted)


def limit_threads(threads: int) -> None:
    """Let the numerical libraries use this many threads; call it before they are imported."""
    for variable in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ[variable] = str(threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def gpus(*, tell: bool = False) -> tuple[Gpu, ...]:
    """List this machine's NVIDIA GPUs, and slices (MIG) of those that are cut.

    Parameters
    ----------
    tell : bool
        Print why a driver that is there lists none.
    """
    driver = ask_driver()
    if tell and driver.trouble:
        print(f"{driver.trouble} (`{_WHY}` tells what to do)", flush=True)
    return driver.gpus


@contextlib.contextmanager
def claim(
    wanted: str,
    available: Sequence[Gpu],
    locks: Path | None = None,
    *,
    per_gpu: int = 1,
    count: int = 1,
    backend: str = "",
) -> Iterator[str]:
    """Claim a processor for as long as the block lasts; before keras is imported.

    Of a GPU a slot is claimed (`gpu_slots`), so that no more trainings than `per_gpu` share it.

    Parameters
    ----------
    wanted : "auto", "cpu" or "gpu"
        The configuration's `device`.
    available : sequence of Gpu
        From `gpus`.
    locks : Path, optional
        Folder of the lock files; a folder of this user in the temporary folder if left out.
    per_gpu : int
        How many trainings share a GPU.
    count : int
        GPUs that a training takes for itself: of a processor without any it takes that.
    backend : str
        What computes; of the GPUs those are left out that it cannot use for certain. None are if
        it is empty.

    Yields
    ------
    str
        ``"cpu"`` or ``"gpu <indices>"``, and how many may share it.

    Raises
    ------
    JetlineError
        If a GPU is wanted and there is none, or there are fewer than the training takes.
    """
    seen = visible(available, os.environ.get(VISIBLE))
    usable = usable_gpus(seen, backend) if backend else seen
    if wanted == "gpu" and not seen:
        hidden = f"{VISIBLE}={os.environ.get(VISIBLE)} hides every GPU"
        raise _no_gpu(hidden if available else "nvidia-smi lists none")
    if wanted != "cpu" and seen and not usable:
        _tell_unusable(backend, wanted)
    if wanted == "cpu" or not usable:
        os.environ[VISIBLE] = "-1"
        yield "cpu"
    else:
        if count > 1:
            usable = require_several(usable, count, per_gpu)
        gpu_slots.settle_memory(per_gpu)
        with gpu_slots.slot(usable, per_gpu, locks, count) as taken:
            gpu_slots.bound_memory(taken[0], per_gpu)
            places = ", ".join(gpu.place for gpu in taken)
            yield f"gpu {places}" + (f", shared by up to {per_gpu}" if per_gpu > 1 else "")


def require_several(usable: Sequence[Gpu], count: int, per_gpu: int = 1) -> list[Gpu]:
    """Give the GPUs that one training can take several of: not slices, of which CUDA sees one.

    Raises
    ------
    JetlineError
        If they are fewer than it takes, or each is to be shared.
    """
    if per_gpu > 1:
        raise JetlineError(
            "--trainings-per-gpu",
            found=f"{per_gpu}, for a training with gpus: {count}",
            expected="1, since it takes whole GPUs",
            remedy="leave it out, or set `gpus: 1`",
        )
    whole = [gpu for gpu in usable if not gpu.is_slice]
    if len(whole) < count:
        slices = f", beside {len(usable) - len(whole)} slices" if len(usable) > len(whole) else ""
        raise JetlineError(
            "configuration, gpus",
            found=f"{count}, and {len(whole)} here that a training can take{slices}",
            expected="a machine with as many GPUs as the entry asks for",
            remedy="write a smaller `gpus` into the entry, or `device: cpu`, or run on a machine "
            f"with more; `{_WHY} --backend jax` tells what is here",
        )
    return whole


def suiting(training: Path, wanted: str) -> str:
    """Give the device that a tagger is scored on: ``"cpu"`` for trees, which gain nothing of a GPU.

    Where there is no record of a tagger, the command that reads it tells.

    Parameters
    ----------
    training : Path
        Folder of the training.
    wanted : "auto", "cpu" or "gpu"
        The configuration's `device`.

    Raises
    ------
    JetlineError
        If the record is none of this version.
    """
    if not (training / TRAINING).exists():
        return wanted
    name = read_tagger(training).architecture
    trees = name in ARCHITECTURES and not ARCHITECTURES[name].on_gpu
    return "cpu" if trees else wanted


def _no_gpu(found: str) -> JetlineError:
    return JetlineError(
        "configuration, device",
        found=f"gpu, but there is no GPU here ({found})",
        expected="a machine with an NVIDIA GPU and its driver",
        remedy="set `device: auto` or `device: cpu`, or run on a machine with a GPU; "
        f"`{_WHY}` tells what is here",
    )


def check_visible(claimed: str, wanted: str) -> str:
    """Check that the backend sees the GPU that was claimed; imports keras if there is one.

    Returns
    -------
    str
        What is used: `claimed`, or ``"cpu"`` where `wanted` is "auto" and the backend sees none.

    Raises
    ------
    JetlineError
        If a GPU is wanted and the backend sees none.
    """
    if claimed == "cpu":
        return claimed
    import keras

    # Where JAX has no GPU, it knows none of the name.
    with contextlib.suppress(RuntimeError):
        if keras.distribution.list_devices("gpu"):
            return claimed
    _tell_unusable(keras.backend.backend(), wanted)
    return "cpu"


def _tell_unusable(backend: str, wanted: str) -> None:
    """Tell that the backend cannot use the GPU that is here, and that the CPU is used.

    Raises
    ------
    JetlineError
        If a GPU is wanted.
    """
    if wanted == "gpu":
        raise JetlineError(
            "configuration, device",
            found=f"gpu, and one is here, but {backend} cannot use it",
            expected=f"{backend} with CUDA",
            remedy=f"`{_WHY} --backend {backend}` tells why, and what to do",
        )
    print(f"a GPU is here, but {backend} cannot use it, as `{_WHY} --backend {backend}` explains")
    print("using the CPU", flush=True)
