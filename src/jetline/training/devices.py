"""Which processor trainings will use on this machine, and why it is not the GPU that is there."""

from __future__ import annotations

import os
import platform
import shlex
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.training.driver import LOCKED_CUDA, OLDEST_DRIVER, ask_driver, is_older
from jetline.training.gpu_slots import VISIBLE, visible
from jetline.training.packages import renew_command, setup_command
from jetline.training.probe import ask_backend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jetline.training.driver import Driver, Gpu
    from jetline.training.probe import Seen


@dataclass(frozen=True)
class Reason:
    """Why something is not used, and what to do."""

    why: str
    remedy: str

    def __str__(self) -> str:
        return f"  {self.why}; to do: {self.remedy}"


@dataclass(frozen=True)
class Devices:
    """What the trainings will use.

    Parameters
    ----------
    used : str
        A sentence.
    on_gpu : bool
        Whether that is a GPU.
    reasons : tuple of Reason
        Why it is not the GPU that is there, or what should be put right in any case.
    gpus : tuple of Gpu
        Those that are used.
    """

    used: str
    on_gpu: bool = False
    reasons: tuple[Reason, ...] = ()
    gpus: tuple[Gpu, ...] = ()

    @property
    def lines(self) -> list[str]:
        """What is printed."""
        return [self.used, *map(str, self.reasons)]


def find_devices(wanted: str, backend: str) -> Devices:
    """Find out which processor trainings will use on this machine.

    Without a driver that is known at once. With one the backend is asked, which takes seconds.

    Parameters
    ----------
    wanted : "auto", "cpu" or "gpu"
        The configuration's `device`.
    backend : str
        Keras' backend.

    Raises
    ------
    JetlineError
        If a GPU is wanted and cannot be had.
    """
    if wanted == "cpu":
        return Devices("Trainings use the CPU, as `device: cpu` says")
    devices = decide(ask_driver(), lambda: ask_backend(backend), os.environ)
    if wanted == "gpu" and not devices.on_gpu:
        raise unavailable(devices.reasons)
    return devices


def timed_devices(wanted: str, backend: str) -> tuple[Devices, float]:
    """Find out likewise, and how many seconds that takes."""
    began = time.monotonic()
    return find_devices(wanted, backend), time.monotonic() - began


def unavailable(reasons: tuple[Reason, ...]) -> JetlineError:
    """Make the error that tells why there is no GPU where one is wanted."""
    if not reasons:
        return JetlineError(
            "configuration, device",
            found="gpu, but there is no GPU here",
            expected="a machine with an NVIDIA GPU and its driver",
            remedy="set `device: auto` or `device: cpu`, or run on a machine with a GPU",
        )
    return JetlineError(
        "configuration, device",
        found=f"gpu, but it cannot be used: {'; '.join(one.why for one in reasons)}",
        expected="a GPU that the trainings can use",
        remedy="; ".join(dict.fromkeys(one.remedy for one in reasons)),
    )


def decide(driver: Driver, ask: Callable[[], Seen], environment: Mapping[str, str]) -> Devices:
    """Tell what trainings use that may take a GPU.

    Parameters
    ----------
    driver : Driver
        What the driver tells.
    ask : callable
        Gives what the backend sees; called only where there is a GPU that is not hidden.
    environment : mapping
        Variables of the environment.
    """
    if not driver.gpus:
        if not driver.trouble:
            return Devices("Trainings use the CPU: no GPU of NVIDIA's is here")
        reason = Reason(driver.trouble, driver.remedy)
        return Devices("Trainings use the CPU, although a GPU may be here:", reasons=(reason,))
    assigned = environment.get(VISIBLE)
    left = visible(driver.gpus, assigned)
    if not left:
        why = f"{VISIBLE}={assigned} hides {_named(driver.gpus)}"
        return _not_used(driver.gpus, Reason(why, f"unset {VISIBLE}"))
    seen = ask()
    weak = [gpu for gpu in left if _is_too_weak(gpu, seen)]
    if not seen.gpus:
        reasons = _why_unseen(driver, seen, environment) or (_unexplained(seen),)
        all_weak = len(weak) == len(left)
        return _not_used(left, *(_weakness(weak, seen) if all_weak else reasons))
    strong = [gpu for gpu in left if gpu not in weak] or left
    cuda = f", CUDA {seen.cuda}" if seen.cuda else ""
    version = f"driver {driver.version}; " if driver.version else ""
    only = f", as {VISIBLE}={assigned} says" if assigned is not None else ""
    many = len(strong) > 1
    told = f"{len(strong)} GPUs, each training one of them" if many else "the GPU"
    return Devices(
        f"Trainings use {told}: {_named(strong)} "
        f"({version}{seen.backend} {seen.version}{cuda}){only}",
        on_gpu=True,
        reasons=(*_weakness(weak, seen, strong[0]), *_shadows(seen)),
        gpus=tuple(strong),
    )


def _not_used(gpus: list[Gpu] | tuple[Gpu, ...], *reasons: Reason) -> Devices:
    used = f"Trainings use the CPU, although a GPU is here ({_named(gpus)}):"
    return Devices(used, reasons=reasons)


def _named(gpus: list[Gpu] | tuple[Gpu, ...]) -> str:
    """Name cards, alike ones together."""
    names = [gpu.name for gpu in gpus]
    return ", ".join(
        name if names.count(name) == 1 else f"{names.count(name)} x {name}"
        for name in dict.fromkeys(names)
    )


def _why_unseen(driver: Driver, seen: Seen, environment: Mapping[str, str]) -> tuple[Reason, ...]:
    """Find why the backend sees no GPU, the first cause alone where others follow from it."""
    backend = seen.backend
    if seen.error:
        return (Reason(f"{backend} does not run: {seen.error}", setup_command()),)
    platforms = environment.get("JAX_PLATFORMS", "")
    if backend == "jax" and platforms and not {"cuda", "gpu"} & set(platforms.split(",")):
        return (Reason(f"JAX_PLATFORMS={platforms} hides it", "unset JAX_PLATFORMS"),)
    cuda = seen.cuda or str(LOCKED_CUDA)
    oldest = OLDEST_DRIVER.get(int(cuda.partition(".")[0]), "")
    if oldest and driver.version and is_older(driver.version, oldest):
        why = (
            f"the driver is {driver.version}, and CUDA {cuda} of {backend} needs {oldest} or later"
        )
        return (Reason(why, "install a newer driver (Ubuntu: sudo ubuntu-drivers install)"),)
    if not seen.built:
        why = f"{backend} {seen.version} is installed without CUDA"
        if backend == "tensorflow" and platform.machine() != "x86_64":
            why += f", which it has not for {platform.machine()}"
            return (Reason(why, f"set `backend: jax`, and {setup_command()}"),)
        return (Reason(why, setup_command()),)
    if seen.missing:
        some = ", ".join(seen.missing[:3])
        more = f" and {len(seen.missing) - 3} more" if len(seen.missing) > 3 else ""
        return (
            Reason(
                f"the libraries of CUDA that {backend} needs are not installed: {some}{more}",
                setup_command(),
            ),
        )
    shadows = _shadows(seen)
    own = [
        Reason(f"{library} does not load: {why}", _remedy(library))
        for library, why in seen.unloadable.items()
        if library not in seen.shadowed
    ]
    # Where the driver's own library is missing, nothing else matters.
    return shadows or tuple(own[:1])


def _remedy(library: str) -> str:
    if library.startswith("libcuda.so"):
        return (
            "install the driver's libraries too (Ubuntu: sudo ubuntu-drivers install); a container "
            "has to be started with its GPUs (docker run --gpus all)"
        )
    return renew_command()


def _shadows(seen: Seen) -> tuple[Reason, ...]:
    """Tell of libraries that a module has put before those of the packages."""
    if not seen.shadowed:
        return ()
    library, folder = next(iter(seen.shadowed.items()))
    more = f" and {len(seen.shadowed) - 1} more" if len(seen.shadowed) > 1 else ""
    why = (
        f"LD_LIBRARY_PATH puts {folder}/{library}{more} before those that belong to {seen.backend}"
    )
    return (Reason(why, "unset LD_LIBRARY_PATH (or unload the module of CUDA that sets it)"),)


def _is_too_weak(gpu: Gpu, seen: Seen) -> bool:
    return bool(seen.capability and gpu.capability and gpu.capability < seen.capability)


def _weakness(gpus: list[Gpu], seen: Seen, better: Gpu | None = None) -> tuple[Reason, ...]:
    """Tell of GPUs whose compute capability is too low, where there is a better one or none."""
    remedy = (
        f"export {VISIBLE}={better.place}"
        if better
        else "use a machine with a newer GPU, or set `device: cpu`"
    )
    needed = f"{seen.backend} {seen.version} needs {_dotted(seen.capability)}"
    return tuple(
        Reason(
            f"{gpu.name} (GPU {gpu.place}) has compute capability {_dotted(gpu.capability)}, and "
            f"{needed}",
            remedy,
        )
        for gpu in gpus
    )


def _dotted(capability: tuple[int, int] | None) -> str:
    return ".".join(map(str, capability or ()))


def _unexplained(seen: Seen) -> Reason:
    """Tell that there is no known reason, and how to see all that the backend says."""
    code = {
        "tensorflow": "import tensorflow as tf; tf.config.list_physical_devices()",
        "jax": "import jax; jax.devices('gpu')",
    }[seen.backend]
    command = f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"
    return Reason(f"{seen.backend} {seen.version} does not see it", f"read what it says: {command}")
