"""Slots of this machine's GPUs: one for each process that may run a network on one, held by a lock.

Nothing here imports keras: the workflow asks for the number of slots before the first job.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from jetline.core.errors import JetlineError
from jetline.core.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

#: By which CUDA is told of its devices, and in which order it counts them.
VISIBLE = "CUDA_VISIBLE_DEVICES"
_ORDER = "CUDA_DEVICE_ORDER"

#: Share of a GPU's memory that all its slots have together; CUDA itself takes some beside it.
SHARED_MEMORY = 0.9

#: How long nvidia-smi may take [s].
_PATIENCE = 30

_GPU = re.compile(r"GPU (\d+): .*\(UUID: (GPU-[^)]+)\)")
_SLICE = re.compile(r"\s+MIG (?:\S*?\.)?(\d+)gb\S*\s+Device\s+\d+: \(UUID: (MIG-[^)]+)\)")


@dataclass(frozen=True)
class Gpu:
    """A GPU, or a slice of one (MIG).

    Parameters
    ----------
    name : str
        What CUDA is told to use it by: its index, or the UUID of a slice.
    uuid : str
        By which all processes know it, whatever they see of the machine.
    memory : int or None
        Of a slice, its memory [MB]; None where it is not known.
    index : str
        The index of the GPU, also of that which a slice is of.
    """

    name: str
    uuid: str
    memory: int | None
    index: str


def choice(available: list[str]) -> list[Gpu]:
    """List what processes of this machine may choose among.

    A GPU that is cut into slices (MIG) is its slices. Where ``CUDA_VISIBLE_DEVICES`` names some,
    these are all.

    Parameters
    ----------
    available : list of str
        Indices of the GPUs, or UUIDs of slices.
    """
    gpus = [gpu for gpu in _listed() if {gpu.index, gpu.name} & {*available}]
    gpus = gpus or [Gpu(index, index, None, index) for index in available]
    assigned = os.environ.get(VISIBLE)
    if assigned is None:
        return gpus
    named = [word.strip() for word in assigned.split(",") if word.strip()]
    chosen = [gpu for name in named for gpu in _named(name, gpus)]
    return list(dict.fromkeys(chosen))


def _named(name: str, gpus: list[Gpu]) -> list[Gpu]:
    """Find the GPU of an index or of the beginning of a UUID; slices if it has any."""
    if name.isdecimal():
        found = [gpu for gpu in gpus if gpu.index == name]
    else:
        found = [gpu for gpu in gpus if gpu.uuid.startswith(name)][:1]
    # What nvidia-smi does not list, such as a whole GPU that is cut, is CUDA's own to judge.
    return found or [Gpu(name, name, None, name)]


def _listed() -> list[Gpu]:
    """List GPUs and slices as ``nvidia-smi -L`` does; none where it cannot be read."""
    gpus: list[Gpu] = []
    for line in _answer("-L").splitlines():
        if found := _GPU.match(line):
            index, uuid = found.groups()
            gpus.append(Gpu(index, uuid, None, index))
        elif gpus and (found := _SLICE.match(line)):
            of, (gigabytes, uuid) = gpus[-1], found.groups()
            if of.name == of.index:
                gpus.pop()
            gpus.append(Gpu(uuid, uuid, 1024 * int(gigabytes), of.index))
    return gpus


def _answer(*arguments: str) -> str:
    """Give what nvidia-smi says; nothing where it fails or hangs."""
    try:
        answer = subprocess.run(
            ["nvidia-smi", *arguments],
            capture_output=True,
            text=True,
            check=False,
            errors="replace",
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout if answer.returncode == 0 else ""


def slots_here(wanted: str, available: list[str], per_gpu: int) -> int:
    """Count the processes that this machine's GPUs run at once; 0 where no GPU is used.

    Parameters
    ----------
    wanted : "auto", "cpu" or "gpu"
        The configuration's `device`.
    available : list of str
        Indices of the GPUs.
    per_gpu : int
        The configuration's `trainings_per_gpu`.
    """
    if wanted == "cpu" or not available or os.environ.get(VISIBLE) in ("", "-1"):
        return 0
    return per_gpu * len(choice(available))


@contextlib.contextmanager
def slot(available: list[str], per_gpu: int, locks: Path | None = None) -> Iterator[Gpu]:
    """Hold a slot for as long as the block lasts, and let CUDA see its GPU alone.

    The system releases the lock however the process ends. Slots are taken on the GPUs in turn, so
    that none is shared before all are used. Where SLURM gives a job one GPU, or a share of one,
    that stands: SLURM keeps count.

    Parameters
    ----------
    available : list of str
        Indices of the GPUs, at least one.
    per_gpu : int
        Slots of each GPU.
    locks : Path, optional
        Folder of the lock files; a folder of this user in the temporary folder if left out.

    Yields
    ------
    Gpu
        The GPU of the slot.

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
    gpus = choice(available)
    assigned = os.environ.get(VISIBLE)
    with contextlib.ExitStack() as held:
        if len(gpus) == 1 and assigned is not None and "SLURM_JOB_ID" in os.environ:
            yield gpus[0]
            return
        folder = locks or Path(tempfile.gettempdir()) / f"jetline-gpus-{os.getuid()}"
        folder.mkdir(parents=True, exist_ok=True)
        gpu, lock = _first_free(gpus, per_gpu, folder)
        held.enter_context(lock)
        # By itself CUDA counts from the fastest GPU on, nvidia-smi by their places on the bus.
        os.environ.setdefault(_ORDER, "PCI_BUS_ID")
        os.environ[VISIBLE] = gpu.name
        try:
            yield gpu
        finally:
            if assigned is None:
                del os.environ[VISIBLE]
            else:
                os.environ[VISIBLE] = assigned


def _first_free(gpus: list[Gpu], per_gpu: int, folder: Path) -> tuple[Gpu, TextIO]:
    waiting = False
    while True:
        for number in range(1, per_gpu + 1):
            for gpu in gpus:
                lock = (folder / f"{gpu.uuid}.{number}.lock").open("w")
                if try_lock(lock):
                    return gpu, lock
                lock.close()
        if not waiting:
            print("waiting for a GPU: other trainings use all of them", flush=True)
            waiting = True
        time.sleep(2)


def memory_of(gpu: Gpu) -> int | None:
    """Give the memory of a GPU or slice [MB], or None where nvidia-smi does not tell."""
    if gpu.memory:
        return gpu.memory
    query = ("--query-gpu=memory.total", "--format=csv,noheader,nounits", "-i", gpu.uuid)
    words = _answer(*query).split()
    return int(words[0]) if words and words[0].isdecimal() else None


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
    memory = memory_of(gpu)
    if memory is None:
        print("nvidia-smi does not tell the GPU's memory: it is shared without bounds", flush=True)
        return
    import tensorflow as tf

    limit = tf.config.LogicalDeviceConfiguration(memory_limit=int(SHARED_MEMORY * memory / per_gpu))
    for device in tf.config.list_physical_devices("GPU"):
        tf.config.set_logical_device_configuration(device, [limit])
