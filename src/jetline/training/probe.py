"""What Keras' backend sees of the GPUs, and what its packages of CUDA are.

``python -m jetline.training.probe tensorflow`` prints it as JSON. It runs as a process of its own,
because a backend keeps its processors once it is imported, and importing takes seconds.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Seconds to wait for an answer; the first import on a network file system takes minutes.
LIMIT = 300.0

#: Begins the line of the answer.
_MARK = "seen: "

#: What TensorFlow's description of its build calls the compute capabilities.
_CAPABILITIES = "cuda_compute_capabilities"

#: Libraries of CUDA that a backend loads, each before those that need it.
_LIBRARIES = (
    *("libcudart", "libnvrtc", "libnvJitLink", "libcublasLt", "libcublas", "libcufft"),
    *("libcurand", "libcusparse", "libcusolver", "libcudnn", "libnccl", "libcupti"),
)

#: Lowest compute capability of JAX' packages, by their version of CUDA.
JAX_CAPABILITY = {12: (5, 2), 13: (7, 5)}


@dataclass(frozen=True)
class Seen:
    """What a backend sees, and what its packages are.

    Parameters
    ----------
    backend, version : str
        "tensorflow" or "jax", and its version; empty where it is not installed.
    gpus : int
        How many it can use.
    built : bool
        Whether it is built for CUDA at all.
    cuda : str
        Version of CUDA that it has, or is built for; empty without.
    capability : (int, int) or None
        Lowest compute capability that it can use.
    missing : list of str
        Packages of CUDA's libraries that it needs and that are not installed.
    unloadable : dict
        Library of these packages, or of the driver, that does not load, to why.
    shadowed : dict
        Library of these packages to the folder of ``LD_LIBRARY_PATH`` that has another one.
    error : str
        Why there is no answer; empty otherwise.
    """

    backend: str
    version: str = ""
    gpus: int = 0
    built: bool = False
    cuda: str = ""
    capability: tuple[int, int] | None = None
    missing: list[str] = field(default_factory=list)
    unloadable: dict[str, str] = field(default_factory=dict)
    shadowed: dict[str, str] = field(default_factory=dict)
    error: str = ""


def ask_backend(backend: str, limit: float = LIMIT) -> Seen:
    """Ask a backend, in a process of its own, which GPUs it can use in this environment."""
    quiet = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Asking must not take the memory that a training wants.
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    }
    try:
        answer = subprocess.run(
            [sys.executable, "-P", "-m", "jetline.training.probe", backend],
            env=os.environ | quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Seen(backend, error=f"no answer within {limit:g} s")
    # Packages may print something of their own.
    for line in answer.stdout.decode(errors="replace").splitlines():
        if line.startswith(_MARK):
            return _read(line.removeprefix(_MARK))
    said = answer.stderr.decode(errors="replace").strip().splitlines() or ["nothing"]
    return Seen(backend, error=f"exit status {answer.returncode}, {said[-1][:200]}")


def _read(line: str) -> Seen:
    told = json.loads(line)
    told["capability"] = told["capability"] and tuple(told["capability"])
    return Seen(**told)


def look(backend: str) -> Seen:
    """Import a backend and look; for a process that ends afterwards."""
    try:
        installed = version(backend)
        importlib.import_module(backend)
    except (ImportError, PackageNotFoundError) as error:
        return Seen(backend, error=f"it cannot be imported: {error}")
    gpus, built, cuda, capability = (_tensorflow if backend == "tensorflow" else _jax)()
    folders = library_folders()
    return Seen(
        backend=backend,
        version=installed,
        gpus=gpus,
        built=built,
        cuda=_installed_cuda() or cuda,
        capability=capability,
        missing=missing_packages(backend) if built else [],
        unloadable={} if gpus else unloadable(folders),
        shadowed=shadowed(folders, os.environ.get("LD_LIBRARY_PATH", "")),
    )


def _tensorflow() -> tuple[int, bool, str, tuple[int, int] | None]:
    import tensorflow as tf

    build = tf.sysconfig.get_build_info()
    return (
        len(tf.config.list_physical_devices("GPU")),
        bool(build.get("is_cuda_build")),
        str(build.get("cuda_version", "")),
        lowest_capability(build),
    )


def lowest_capability(build: Mapping[str, Any]) -> tuple[int, int] | None:
    """Find the lowest compute capability in TensorFlow's description of its build."""
    known = [re.fullmatch(r"\w+_(\d+)(\d)a?", one) for one in build.get(_CAPABILITIES, ())]
    return min(((int(one[1]), int(one[2])) for one in known if one), default=None)


def _jax() -> tuple[int, bool, str, tuple[int, int] | None]:
    import jax

    majors = [n for n in JAX_CAPABILITY if importlib.util.find_spec(f"jax_cuda{n}_plugin")]
    try:
        gpus = len(jax.devices("gpu"))
    except RuntimeError:  # so it says that there is none
        gpus = 0
    major = max(majors, default=0)
    return gpus, bool(majors), str(major or ""), JAX_CAPABILITY.get(major)


def _installed_cuda() -> str:
    """Find the version of CUDA that is installed as packages."""
    for name in ("nvidia-cuda-runtime-cu12", "nvidia-cuda-runtime"):
        try:
            return ".".join(version(name).split(".")[:2])
        except PackageNotFoundError:
            continue
    return ""


def missing_packages(backend: str) -> list[str]:
    """List the packages of CUDA's libraries that a backend asks for and that are not there."""
    if backend == "tensorflow":
        owner, extra = "tensorflow", "and-cuda"
    else:
        major = next((n for n in (13, 12) if importlib.util.find_spec(f"jax_cuda{n}_plugin")), 12)
        owner, extra = f"jax-cuda{major}-plugin", "with-cuda"
    try:
        lines = requires(owner) or []
    except PackageNotFoundError:
        return [owner]
    wanted = re.compile(rf"(nvidia-[\w-]+).*extra == [\"']{extra}[\"']")
    names = [found[1] for line in lines if (found := wanted.match(line))]
    return [name for name in names if not _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def library_folders() -> list[Path]:
    """List the folders in which packages keep CUDA's libraries."""
    spec = importlib.util.find_spec("nvidia")
    places = (spec.submodule_search_locations if spec else None) or []
    return sorted(folder for place in places for folder in Path(place).glob("*/lib"))


def _files(folders: list[Path]) -> list[Path]:
    """List the libraries in these folders, each before those that need it."""
    return [
        path for name in _LIBRARIES for folder in folders for path in folder.glob(f"{name}.so.*")
    ]


def unloadable(folders: list[Path]) -> dict[str, str]:
    """Load the driver's library and those of packages; give those that do not load, and why."""
    failed = {}
    for library in ["libcuda.so.1", *map(str, _files(folders))]:
        try:
            ctypes.CDLL(library)
        except OSError as error:
            failed[Path(library).name] = str(error)
    return failed


def shadowed(folders: list[Path], search_path: str) -> dict[str, str]:
    """Find libraries of packages that the loader finds in another folder first.

    Parameters
    ----------
    folders : list of Path
        Those of the packages.
    search_path : str
        ``LD_LIBRARY_PATH``.
    """
    others = [Path(one) for one in search_path.split(":") if one and Path(one) not in folders]
    return {
        path.name: str(other)
        for path in _files(folders)
        for other in reversed(others)
        if (other / path.name).exists()
    }


if __name__ == "__main__":
    print(f"\n{_MARK}{json.dumps(asdict(look(sys.argv[1])))}")
