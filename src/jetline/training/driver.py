"""What NVIDIA's driver tells of this machine's GPUs.

Set-up asks it before anything is installed, so that it needs Python alone:
``python -m jetline.training.driver`` prints which packages suit this machine, ``gpu`` or ``cpu``.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

#: Seconds after which nvidia-smi is no longer waited for; eight GPUs that sleep take ten.
LIMIT = 20.0

#: Oldest driver for each major version of CUDA on Linux.
OLDEST_DRIVER = {11: "450.80.02", 12: "525.60.13", 13: "580.65.06"}

#: Major version of the CUDA in requirements-gpu.lock.
LOCKED_CUDA = 12

#: Where Windows puts the program in its Linux.
_OF_WINDOWS = "/usr/lib/wsl/lib"

_FIELDS = (
    *("index", "name", "driver_version", "mig.mode.current", "compute_cap", "uuid"),
    "memory.total",
)
#: Processors for which set-up has CUDA by itself.
_MACHINES = ("x86_64",)

_MISMATCH = "version mismatch"
_MIG = re.compile(r"^\s+MIG (\S+) .*\(UUID: (MIG-[^)]+)\)")


@dataclass(frozen=True)
class Gpu:
    """A GPU, or a slice of one, that one process can have for itself.

    Parameters
    ----------
    place : str
        What ``CUDA_VISIBLE_DEVICES`` calls it: an index, or the UUID of a slice (MIG).
    name : str
        Name of the card, and of the slice.
    capability : (int, int), optional
        Compute capability; None where the driver does not tell.
    uuid : str
        Empty where the driver does not tell.
    memory : int, optional
        In MiB; None where the driver does not tell.
    index : str
        Of the card, also of that which a slice is of.
    """

    place: str
    name: str = "GPU"
    capability: tuple[int, int] | None = None
    uuid: str = ""
    memory: int | None = None
    index: str = ""

    @property
    def is_slice(self) -> bool:
        """Whether it is a slice of a card (MIG)."""
        return self.place.startswith("MIG-")


@dataclass(frozen=True)
class Driver:
    """What the driver tells.

    Parameters
    ----------
    gpus : tuple of Gpu
        In the order of the driver.
    version : str
        Of the driver; empty where it does not tell.
    trouble, remedy : str
        Why there may be GPUs that it does not list, and what to do; both empty where it has
        answered, or where there is no GPU.
    """

    gpus: tuple[Gpu, ...] = ()
    version: str = ""
    trouble: str = ""
    remedy: str = ""


def ask_driver(limit: float = LIMIT, system: Path = Path("/")) -> Driver:
    """Ask NVIDIA's driver, by its program nvidia-smi, for this machine's GPUs.

    Parameters
    ----------
    limit : float
        Seconds to wait for each answer.
    system : Path
        Root of the file system.
    """
    if shutil.which("nvidia-smi") is None:
        return _without_program(system)
    query = [f"--query-gpu={','.join(_FIELDS)}", "--format=csv,noheader"]
    answer = _ask(query, limit)
    if answer is not None and answer[0] != 0 and "not a valid field" in answer[1]:
        # Older drivers do not know all fields.
        query[0] = f"--query-gpu={','.join(_FIELDS[:3])}"
        answer = _ask(query, limit)
    if answer is None:
        return Driver(
            trouble=f"nvidia-smi gives no answer within {limit:g} s",
            remedy="try nvidia-smi yourself; if it hangs there too, restart the machine, or set "
            "`device: cpu`",
        )
    status, text = answer
    if "no devices were found" in text.lower():
        return Driver()
    if status != 0:
        return _failed(status, text)
    rows = [[word.strip() for word in line.split(",")] for line in text.splitlines()]
    rows = [row for row in rows if row[0].isdecimal()]
    if not rows:
        return Driver(
            trouble=f"nvidia-smi gives an answer that names no GPU: {_first_line(text)}",
            remedy="try nvidia-smi yourself; the first one on the PATH should be NVIDIA's",
        )
    version = next((row[2] for row in rows if len(row) > 2), "")
    version = version if re.match(r"\d+\.\d", version) else ""
    parts = _parts(rows, limit)
    if not parts:
        return Driver(
            version=version,
            trouble="MIG is on, and no GPU has been cut into slices",
            remedy="sudo nvidia-smi mig -cgi 0 -C makes one slice of each GPU's first profile",
        )
    return Driver(parts, version)


def is_older(version: str, than: str) -> bool:
    """Tell whether a version of the driver comes before another."""
    one, other = ([int(word) for word in re.findall(r"\d+", text)] for text in (version, than))
    return one < other


def _parts(rows: list[list[str]], limit: float) -> tuple[Gpu, ...]:
    """Make one GPU of each row, or of each slice where a GPU is cut into slices."""
    cut = any(len(row) > 3 and row[3] == "Enabled" for row in rows)
    slices = _slices(limit) if cut else {}
    found = []
    for index, *row in rows:
        name = row[0] if row and row[0] else "GPU"
        told = re.fullmatch(r"(\d+)\.(\d+)", row[3]) if len(row) > 3 else None
        capability = (int(told[1]), int(told[2])) if told else None
        if len(row) > 2 and row[2] == "Enabled":
            # Whole it cannot be used, and without slices not at all.
            found += [
                Gpu(uuid, f"{name} MIG {kind}", capability, uuid, _slice_memory(kind), index)
                for kind, uuid in slices.get(index, [])
            ]
        else:
            uuid = row[4] if len(row) > 4 else ""
            memory = re.match(r"\d+", row[5]) if len(row) > 5 else None
            size = int(memory[0]) if memory else None
            found.append(Gpu(index, name, capability, uuid, size, index))
    return tuple(found)


def _slice_memory(kind: str) -> int | None:
    """Read the memory of a slice [MiB] from its kind, such as 3g.20gb."""
    told = re.search(r"\.(\d+)gb", kind)
    return 1024 * int(told[1]) if told else None


def _slices(limit: float) -> dict[str, list[tuple[str, str]]]:
    """Find kind and UUID of the slices of each GPU, by its index."""
    answer = _ask(["-L"], limit)
    slices: dict[str, list[tuple[str, str]]] = {}
    index = ""
    for line in answer[1].splitlines() if answer else ():
        if whole := re.match(r"GPU (\d+):", line):
            index = whole[1]
        elif part := _MIG.match(line):
            slices.setdefault(index, []).append((part[1], part[2]))
    return slices


def _ask(arguments: list[str], limit: float) -> tuple[int, str] | None:
    """Run nvidia-smi; give its exit status and what it prints, or None if it does not end.

    One that waits for a broken driver cannot even be killed: it is left behind.
    """
    try:
        process = subprocess.Popen(
            ["nvidia-smi", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return 126, error.strerror or str(error)
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
        if process.stdout:
            process.stdout.close()
        return None
    return process.returncode, output.decode(errors="replace")


def _failed(status: int, text: str) -> Driver:
    said = _first_line(text) or f"exit status {status}"
    if _MISMATCH in text.lower():
        remedy = "restart the machine: its driver was replaced while it ran"
    else:
        remedy = "install NVIDIA's driver anew (Ubuntu: sudo ubuntu-drivers install), and restart"
    return Driver(trouble=f"nvidia-smi fails: {said}", remedy=remedy)


def _first_line(text: str) -> str:
    """Give the first line that is not empty, cut, without what is no letter."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "nothing")
    return "".join(letter if letter.isprintable() else "?" for letter in line)[:160]


def _without_program(system: Path) -> Driver:
    """Tell of a GPU that is there without nvidia-smi."""
    if (system / _OF_WINDOWS[1:] / "nvidia-smi").exists():
        return Driver(
            trouble="nvidia-smi is not on the PATH",
            remedy=f'export PATH="$PATH:{_OF_WINDOWS}"',
        )
    if (system / "proc/driver/nvidia/version").exists():
        return Driver(
            trouble="NVIDIA's driver is loaded, but nvidia-smi is not on the PATH",
            remedy="install it (Ubuntu: sudo ubuntu-drivers install), or put its folder on the "
            "PATH; a container has to be started with its GPUs (docker run --gpus all)",
        )
    for device in (system / "sys/bus/pci/devices").glob("*"):
        if _is_nvidia_gpu(device):
            return Driver(
                trouble="the machine has a GPU of NVIDIA's, but no driver for it",
                remedy="install NVIDIA's driver (Ubuntu: sudo ubuntu-drivers install), and restart",
            )
    return Driver()


def _is_nvidia_gpu(device: Path) -> bool:
    """Tell whether a device on the PCI bus is a display controller of NVIDIA's."""
    try:
        vendor, kind = ((device / name).read_text().strip() for name in ("vendor", "class"))
    except OSError:
        return False
    return vendor == "0x10de" and kind.startswith("0x03")


def main() -> None:
    """Print which packages suit this machine, and to stderr why not those for the GPU there."""
    driver = ask_driver()
    oldest = OLDEST_DRIVER[LOCKED_CUDA]
    why = driver.trouble and f"{driver.trouble}: {driver.remedy}"
    if driver.version and is_older(driver.version, oldest):
        why = f"the driver is {driver.version}, and CUDA {LOCKED_CUDA} needs {oldest} or later"
    elif driver.gpus and (sys.platform != "linux" or platform.machine() not in _MACHINES):
        why = f"CUDA is locked for Linux on x86-64, not {sys.platform} on {platform.machine()}"
    if why:
        print(f"not the packages for a GPU: {why}", file=sys.stderr)
    print("gpu" if driver.gpus and not why else "cpu")


if __name__ == "__main__":
    main()
