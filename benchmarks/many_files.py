"""Import millions of jets in many ROOT files, one job a file: `python benchmarks/many_files.py`.

The bundled jets, repeated, are one file with a jagged tree, which stands under as many names as
there are files. Each is imported by `jetline import` in a process of its own, two at a time, as the
workflow does it. What an import costs is told as a share of the jets/s at which the same jets are
read and validated from an archive of the benchmark's form, both of processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import awkward as ak
import numpy as np
import uproot
from jet_formats import LAYOUT, NAMES, SAMPLE, read, seconds

from jetline.jets.formats.npz import write_jets

#: Imports side by side.
AT_ONCE = 2


def main() -> None:
    """Print jets, time and the most memory that an import took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--jets", type=int, default=100_000, help="in each file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jetline-") as temporary:
        folder = Path(temporary)
        write(folder, asked.jets)
        by_archive = [seconds(lambda: read(folder / "jets.npz", None)) for _ in range(3)]
        names = [folder / f"jets_{number}.root" for number in range(asked.files)]
        for name in names:
            name.hardlink_to(folder / "jets.root")
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            used = list(pool.map(imported, names))
        took = time.monotonic() - began
        size = (folder / "jets.root").stat().st_size / 1e6
    cpu, memory = zip(*used, strict=True)
    print(
        f"{asked.files} ROOT files of {asked.jets:,} jets and {size:.0f} MB each: "
        f"{took / 60:.1f} min, {AT_ONCE} at a time; {sum(cpu) / 60:.1f} min of processor, "
        f"{statistics.median(by_archive) * asked.files / sum(cpu):.2f} of the jets/s of an "
        f"archive read and validated; {max(memory):.0f} MB at most in an import, and at least "
        f"{min(memory):.0f} MB"
    )


def write(folder: Path, jets: int) -> None:
    """Write the jets as an archive and as a tree."""
    with np.load(SAMPLE) as archive:
        times = -(-jets // len(archive["y"]))
        constituents = np.concatenate([archive["X"]] * times)[:jets]
        labels = np.concatenate([archive["y"]] * times)[:jets]
    write_jets(folder / "jets.npz", constituents, labels)
    present = constituents[..., 0] > 0
    counts = present.sum(axis=1)
    lists = {
        name: ak.unflatten(constituents[..., place][present], counts)
        for place, name in enumerate(NAMES)
    }
    with uproot.recreate(folder / "jets.root") as file:
        types = dict.fromkeys(NAMES, "var * float32") | {"label": "uint8"}
        file.mktree("tree", types).extend(lists | {"label": labels})


def imported(path: Path) -> tuple[float, float]:
    """Import a file; give seconds of processor and the most memory [MB]."""
    output = path.with_suffix(".npz")
    layout = json.dumps(LAYOUT.model_dump(mode="json", exclude_defaults=True))
    jetline = Path(sys.executable).with_name("jetline")
    command = [jetline, "import-jets", path, "--layout", layout, "--output", output]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the import of {path} has ended with {process.returncode}")
    output.unlink()
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
