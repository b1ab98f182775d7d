"""Stand-ins of nvidia-smi: what a machine with GPUs would say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def stand_in(
    folder: Path, count: int, *, slices: Iterable[int] = (), machine: str = "0"
) -> dict[str, str]:
    """Write a stand-in that lists GPUs, and give the PATH that finds it first.

    Parameters
    ----------
    folder : Path
        Folder for the program.
    count : int
        Number of GPUs.
    slices : iterable of int
        Indices of the GPUs that are cut into two slices each.
    machine : str
        Tells the UUIDs of these GPUs from those of others.
    """
    lines = []
    for index in range(count):
        lines.append(f"GPU {index}: NVIDIA H100 80GB HBM3 (UUID: {uuid(index, machine)})")
        for part in range(2 if index in slices else 0):
            name = f"(UUID: MIG-{machine}{index}-{part})"
            lines.append(f"  MIG 3g.40gb     Device  {part}: {name}")
    told = "\n".join(lines)
    indices = "\n".join(map(str, range(count)))
    return program(
        folder,
        f"case \"$*\" in\n-L) echo '{told}' ;;\n*memory.total*) echo 81559 ;;\n"
        f"*index*) echo '{indices}' ;;\n*) exit 2 ;;\nesac\n",
    )


def program(folder: Path, script: str) -> dict[str, str]:
    """Write a stand-in that runs this script of a shell."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def uuid(index: int, machine: str = "0") -> str:
    """Give the UUID of a stand-in's GPU."""
    return f"GPU-{machine}-{index}"
