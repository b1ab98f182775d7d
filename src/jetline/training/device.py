"""Which processor a command uses, which has to be settled before keras is imported."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from jetline.core.errors import JetlineError
from jetline.core.locks import try_lock
from jetline.training.driver import ask_driver
from jetline.training.numerics import settle_numerics

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Says why the GPU that is there is not used, and what to do.
_WHY = "jetline devices"


@contextlib.contextmanager
def on_device(wanted: str, threads: int, locks: Path | None = None) -> Iterator[str]:
    """Claim a processor for as long as the block lasts, within which keras is first imported.

    Parameters
    ----------
    wanted : "auto", "cpu" or "gpu"
        The configuration's `device`.
    threads : int
        Threads that the numerical libraries may use.
    locks : Path, optional
        As in `claim`.

    Yields
    ------
    str
        What is really used: ``"cpu"`` or ``"gpu <indices>"``.

    Raises
    ------
    JetlineError
        If a GPU is wanted and there is none, or the backend cannot use it or is none of ours.
    """
    settle_numerics()
    limit_threads(threads)
    available = gpus(tell=True) if wanted != "cpu" else []
    with claim(wanted, available, locks) as claimed:
        yield check_visible(claimed, wanted)


def limit_threads(threads: int) -> None:
    """Let the numerical libraries use this many threads; call it before they are imported."""
    for variable in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ[variable] = str(threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def gpus(*, tell: bool = False) -> list[str]:
    """List this machine's NVIDIA GPUs by the driver's indices, slices (MIG) by their UUIDs.

    Parameters
    ----------
    tell : bool
        Print why a driver that is there lists none.
    """
    driver = ask_driver()
    if tell and driver.trouble:
        print(f"{driver.trouble} (`{_WHY}` tells what to do)", flush=True)
    return [gpu.place for gpu in driver.gpus]


@contextlib.contextmanager
def claim(wanted: str, available: list[str], locks: Path | None = None) -> Iterator[str]:
    """Claim a processor for as long as the block lasts; before keras is imported.

    A GPU is claimed by a lock on a file, which the system releases however the process ends, so
    that two trainings on one machine do not share it. Where SLURM or the user has set
    ``CUDA_VISIBLE_DEVICES``, that stands.

    Parameters
    ----------
    wanted : "auto", "cpu" or "gpu"
        The configuration's `device`.
    available : list of str
        Indices of the GPUs, from `gpus`.
    locks : Path, optional
        Folder of the lock files; a folder of this user in the temporary folder if left out.

    Yields
    ------
    str
        ``"cpu"`` or ``"gpu <indices>"``.

    Raises
    ------
    JetlineError
        If a GPU is wanted and there is none.
    """
    assigned = os.environ.get("CUDA_VISIBLE_DEVICES")
    if wanted == "cpu" or (wanted == "auto" and not available) or assigned in ("", "-1"):
        if wanted == "gpu":
            raise _no_gpu("CUDA_VISIBLE_DEVICES hides every GPU")
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
        yield "cpu"
    elif not available:
        raise _no_gpu("nvidia-smi lists none")
    elif assigned is not None:
        yield f"gpu {assigned}"
    else:
        folder = locks or Path(tempfile.gettempdir()) / f"jetline-gpus-{os.getuid()}"
        folder.mkdir(parents=True, exist_ok=True)
        index, lock = _first_free(available, folder)
        with lock:
            os.environ["CUDA_VISIBLE_DEVICES"] = index
            try:
                yield f"gpu {index}"
            finally:
                del os.environ["CUDA_VISIBLE_DEVICES"]


def _first_free(available: list[str], folder: Path) -> tuple[str, TextIO]:
    waiting = False
    while True:
        for index in available:
            lock = (folder / f"{index}.lock").open("w")
            if try_lock(lock):
                return index, lock
            lock.close()
        if not waiting:
            print("waiting for a GPU: other trainings use all of them", flush=True)
            waiting = True
        time.sleep(2)


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

    if keras.distribution.list_devices("gpu"):
        return claimed
    backend = keras.backend.backend()
    if wanted == "gpu":
        raise JetlineError(
            "configuration, device",
            found=f"gpu, and one is here, but {backend} cannot use it",
            expected=f"{backend} with CUDA",
            remedy=f"`{_WHY} --backend {backend}` tells why, and what to do",
        )
    print(f"a GPU is here, but {backend} cannot use it, as `{_WHY} --backend {backend}` explains")
    print("using the CPU", flush=True)
    return "cpu"
