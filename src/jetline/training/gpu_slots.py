"""Slots of this machine's GPUs: one for each process that may run a network on one, held by a lock.

Nothing here imports keras: the workflow asks for the number of slots before the first job.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

from jetline.core.errors import JetlineError
from jetline.core.locks import try_lock
from jetline.training.usable import usable_gpus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jetline.training.driver import Gpu

Owner = TypeVar("Owner")

#: By which CUDA is told which GPUs it may use, and in which order it counts them.
VISIBLE = "CUDA_VISIBLE_DEVICES"
_ORDER = "CUDA_DEVICE_ORDER"

#: Share of a GPU's memory that all its slots have together; CUDA itself takes some beside it.
SHARED_MEMORY = 0.9


def visible(gpus: Sequence[Gpu], assigned: str | None) -> list[Gpu]:
    """Choose those that ``CUDA_VISIBLE_DEVICES`` leaves; CUDA stops at the first unknown name.

    Parameters
    ----------
    gpus : sequence of Gpu
        Of the machine.
    assigned : str or None
        The variable's value; None leaves all.
    """
    if assigned is None:
        return list(gpus)
    chosen: list[Gpu] = []
    for name in map(str.strip, assigned.split(",")):
        if name.isdecimal():
            found = [gpu for gpu in gpus if gpu.index == name]
        else:
            found = [gpu for gpu in gpus if gpu.uuid.startswith(name) or not gpu.uuid][:1]
        if not found or not name:
            break
        chosen += found
    return list(dict.fromkeys(chosen))


def slots_here(wanted: str, gpus: Sequence[Gpu], per_gpu: int, backend: str) -> int:
    """Count the processes that this machine's GPUs run at once; 0 where no GPU is used.

    Parameters
    ----------
    wanted : "auto", "cpu" or "gpu"
        The configuration's `device`.
    gpus : sequence of Gpu
        Of this machine.
    per_gpu : int
        The configuration's `trainings_per_gpu`.
    backend : str
        The configuration's.
    """
    seen = [] if wanted == "cpu" else visible(gpus, os.environ.get(VISIBLE))
    return per_gpu * len(usable_gpus(seen, backend))


@contextlib.contextmanager
def slot(
    gpus: Sequence[Gpu], per_gpu: int, locks: Path | None = None, count: int = 1
) -> Iterator[tuple[Gpu, ...]]:
    """Hold a slot for as long as the block lasts, and let CUDA see its GPU alone.

    The system releases the lock however the process ends. Slots are taken on the GPUs in turn, so
    that none is shared before all are used. Where SLURM gives a job as many GPUs as it takes, or a
    share of one, that stands: SLURM keeps count.

    Parameters
    ----------
    gpus : sequence of Gpu
        Those that CUDA may use, at least one.
    per_gpu : int
        Slots of each GPU.
    locks : Path, optional
        Folder of the lock files; a folder of this user in the temporary folder if left out.
    count : int
        GPUs of which a slot each is held; no more than there are.

    Yields
    ------
    tuple of Gpu
        The GPUs of the slots.

    Raises
    ------
    JetlineError
        If a GPU is to have no slots.
    """
    if per_gpu < 1:
        raise JetlineError(
            "--trainings-per-gpu",
            found=str(per_gpu),
            expected="1 or more",
            remedy="leave it out, to have a GPU alone",
        )
    assigned = os.environ.get(VISIBLE)
    with contextlib.ExitStack() as held:
        if len(gpus) == count and assigned is not None and "SLURM_JOB_ID" in os.environ:
            yield tuple(gpus)
            return
        folder = locks or Path(tempfile.gettempdir()) / f"jetline-gpus-{os.getuid()}"
        folder.mkdir(parents=True, exist_ok=True)
        taken = _taken(gpus, per_gpu, folder, count, held)
        # By itself CUDA counts from the fastest GPU on, nvidia-smi by their places on the bus.
        os.environ.setdefault(_ORDER, "PCI_BUS_ID")
        os.environ[VISIBLE] = ",".join(gpu.place for gpu in taken)
        try:
            yield taken
        finally:
            if assigned is None:
                del os.environ[VISIBLE]
            else:
                os.environ[VISIBLE] = assigned


def _taken(
    gpus: Sequence[Gpu], per_gpu: int, folder: Path, count: int, held: contextlib.ExitStack
) -> tuple[Gpu, ...]:
    """Take a slot of so many GPUs, and leave their locks to what holds them.

    Who takes several keeps those that it has while it waits for more, so that single trainings,
    one after the other, cannot keep it waiting for ever. Only one at a time does so: two that had
    half of the GPUs each would wait for each other.
    """
    files = [
        (gpu, folder / f"{gpu.uuid or gpu.place}.{number}.lock")
        for number in range(1, per_gpu + 1)
        for gpu in gpus
    ]
    with contextlib.ExitStack() as turn:
        if count > 1:
            mine = [(None, folder / "several.lock")]
            turn.enter_context(_first_free(mine, "until another training has its GPUs")[1])
        taken: list[Gpu] = []
        while len(taken) < count:
            left = [(gpu, path) for gpu, path in files if gpu not in taken]
            gpu, lock = _first_free(left, "for a GPU: other trainings use all of them")
            held.enter_context(lock)
            taken.append(gpu)
    return tuple(taken)


def _first_free(files: Sequence[tuple[Owner, Path]], why: str) -> tuple[Owner, TextIO]:
    """Lock the first file that nobody has locked, and give whose it is; say why it waits."""
    waiting = False
    while True:
        for owner, path in files:
            lock = path.open("w")
            if try_lock(lock):
                return owner, lock
            lock.close()
        if not waiting:
            print(f"waiting {why}", flush=True)
            waiting = True
        time.sleep(2)


def settle_memory(per_gpu: int) -> None:
    """Let a process take no more of a GPU's memory than its share; before keras.

    TensorFlow takes memory as it is used in any case; JAX takes its part at once, as it does by
    itself, where it has the GPU alone. What the user has set stands.
    """
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    if per_gpu > 1 and "XLA_CLIENT_MEM_FRACTION" not in os.environ:
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
        share = f"{SHARED_MEMORY / per_gpu:.3f}"
        os.environ.setdefault("XLA_PYTHON_CLIENT_MEM_FRACTION", share)


def bound_memory(gpu: Gpu, per_gpu: int) -> None:
    """Bound the memory that TensorFlow takes of a shared GPU; before it opens its devices.

    So a network that needs more than its share ends with an error of its own, and not another that
    happens to ask next. JAX is bound by `settle_memory`.
    """
    if per_gpu == 1 or os.environ.get("KERAS_BACKEND") != "tensorflow":
        return
    if gpu.memory is None:
        print("nvidia-smi does not tell the GPU's memory: it is shared without bounds", flush=True)
        return
    import tensorflow as tf

    share = int(SHARED_MEMORY * gpu.memory / per_gpu)
    limit = tf.config.LogicalDeviceConfiguration(memory_limit=share)
    for device in tf.config.list_physical_devices("GPU"):
        tf.config.set_logical_device_configuration(device, [limit])
