"""Stand-ins of NVIDIA's program nvidia-smi: small scripts that are put first on the PATH."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

H100 = "NVIDIA H100 80GB HBM3, 550.54.15, Disabled, 9.0, GPU-11f0, 81559 MiB"

#: What the scripts do, by what they stand for.
KINDS = {
    "one": f'echo "0, {H100}"',
    "eight": f'for n in 0 1 2 3 4 5 6 7; do echo "$n, {H100.replace("11f0", "11f0$n")}"; done',
    "old driver": 'echo "0, Tesla V100-SXM2-32GB, 470.82.01, [N/A], 7.0, GPU-47"',
    "driver that knows few fields": (
        'case "$1" in *compute_cap*) echo "Field compute_cap is not a valid field"; exit 2;; '
        'esac; echo "0, Tesla K80, 450.80.02"'
    ),
    "old card": 'echo "0, Tesla M40, 535.129.03, [N/A], 5.2, GPU-52"',
    "old card beside a new one": (
        f'echo "0, Tesla M40, 550.54.15, [N/A], 5.2, GPU-52"; echo "1, {H100}"'
    ),
    "slices": """
if [ "$1" = -L ]; then
  echo "GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5c89)"
  echo "  MIG 3g.20gb     Device  0: (UUID: MIG-aaaa)"
  echo "  MIG 3g.20gb     Device  1: (UUID: MIG-bbbb)"
  echo "GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-5c90)"
else
  echo "0, NVIDIA A100-SXM4-40GB, 550.54.15, Enabled, 8.0, GPU-5c89"
  echo "1, NVIDIA A100-SXM4-40GB, 550.54.15, Disabled, 8.0, GPU-5c90"
fi""",
    "uncut": 'echo "0, NVIDIA A100-SXM4-40GB, 550.54.15, Enabled, 8.0, GPU-5c89"',
    "none": 'echo "No devices were found"; exit 6',
    "no driver": "echo \"NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA "
    'driver. Make sure that it is installed."; exit 9',
    "replaced driver": 'echo "Failed to initialize NVML: Driver/library version mismatch"; exit 18',
    "garbage": "printf '\\377\\376\\001 not, what\\n you expect'",
    "silence": "exit 0",
    # The one that hangs has a child, which holds what the asker reads.
    "hanging": "sleep 300",
}


def path_with(folder: Path, kind: str) -> str:
    """Write a stand-in into a folder, and give the PATH that has it first.

    Parameters
    ----------
    folder : Path
        Where to.
    kind : str
        One of `KINDS`.
    """
    return path_with_script(folder, KINDS[kind])


def path_with_script(folder: Path, script: str) -> str:
    """Write a stand-in that runs a script of the shell, and give the PATH that has it first."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "nvidia-smi"
    program.write_text(f"#!{shutil.which('sh')}\n{script}\n")
    program.chmod(0o755)
    # The commands of this environment come next, whether it is activated or not.
    return os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.environ["PATH"]])


def path_with_gpus(folder: Path, count: int, *, cut: Iterable[int] = (), machine: str = "0") -> str:
    """Write a stand-in that lists H100s, and give the PATH that has it first.

    Parameters
    ----------
    folder : Path
        Where to.
    count : int
        Number of GPUs.
    cut : iterable of int
        Indices of those that are cut into two slices each.
    machine : str
        Tells the UUIDs of these GPUs from those of others.
    """
    rows, lines = [], []
    for index in range(count):
        mig, uuid = "Enabled" if index in cut else "Disabled", uuid_of(index, machine)
        rows.append(f"{index}, NVIDIA H100 80GB HBM3, 550.54.15, {mig}, 9.0, {uuid}, 81559 MiB")
        lines.append(f"GPU {index}: NVIDIA H100 80GB HBM3 (UUID: {uuid})")
        lines += [
            f"  MIG 3g.40gb     Device  {part}: (UUID: MIG-{machine}{index}-{part})"
            for part in range(2 if index in cut else 0)
        ]
    told, listed = "\n".join(rows), "\n".join(lines)
    return path_with_script(
        folder, f"if [ \"$1\" = -L ]; then echo '{listed}'; else echo '{told}'; fi"
    )


def uuid_of(index: int, machine: str = "0") -> str:
    """Give the UUID of a GPU of `path_with_gpus`."""
    return f"GPU-{machine}-{index}"
