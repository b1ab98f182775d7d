"""Memory of long trainings and of many, and what checkpoints cost.

Trains on the bundled jets: a Particle Flow Network for 50 epochs, then 20 short ones in one
process; prints the resident memory on the way. Then times the checkpoints of several networks.
For docs/training.md.

    python benchmarks/long_trainings.py
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from jetline.training.device import limit_threads
from jetline.training.numerics import settle_numerics

settle_numerics()
limit_threads(2)

import keras  # noqa: E402

from jetline.inputs.making import inputs_of, make_scratch_shards, read_inputs  # noqa: E402
from jetline.inputs.sample import JetSample  # noqa: E402
from jetline.models import read_settings  # noqa: E402
from jetline.training.checkpoint import Checkpoint, values_of  # noqa: E402
from jetline.training.loop import Jets, Loop  # noqa: E402
from jetline.training.method import method_of  # noqa: E402

SAMPLE = Path(__file__).parents[1] / "resources/sample/QG_jets_0.npz"


def resident_mb() -> float:
    """Give the memory that the process holds now [MB]."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1000


class Bundled:
    """The bundled jets of a file as a network takes them: two thirds train, one validates.

    Parameters
    ----------
    inputs : str
        As an architecture names them.
    folder : Path
        For the shard.
    """

    def __init__(self, inputs: str, folder: Path) -> None:
        kind = read_inputs(inputs)
        (shard,) = make_scratch_shards(kind, [SAMPLE], folder)
        statistics = inputs_of(shard).statistics()
        rows = np.arange(len(shard))
        statistics.add(shard, rows[rows % 3 > 0])
        self.statistics = statistics.result()
        self.jets = Jets(
            JetSample.choose([shard], [rows[rows % 3 > 0]]),
            JetSample.choose([shard], [rows[rows % 3 == 0]]),
        )

    def loop(self, name: str, folder: Path, **settings: object) -> Loop:
        """Begin a training."""
        network = read_settings(name, {"patience": 1000, **settings})
        folder.mkdir(parents=True, exist_ok=True)
        jets, checkpoint = self.jets, Checkpoint(folder)
        return Loop(network, method_of(network), 1, jets, self.statistics, checkpoint)


def memory(folder: Path) -> None:
    """Print the memory over 50 epochs, and over 20 trainings."""
    bundled = Bundled("particles", folder / "shards")
    held: list[float] = []
    bundled.loop("pfn", folder / "long", epochs=50).run(lambda _row: held.append(resident_mb()))
    told = ", ".join(f"{held[n - 1]:.0f} after {n}" for n in (1, 5, 10, 20, 30, 40, 50))
    print(f"50 epochs of pfn, MB held: {told}")
    held = []
    for number in range(20):
        bundled.loop("pfn", folder / f"short-{number}", epochs=2).run()
        keras.backend.clear_session()
        held.append(resident_mb())
    told = ", ".join(f"{held[n - 1]:.0f} after {n}" for n in (1, 5, 10, 15, 20))
    print(f"20 trainings of pfn in one process, MB held: {told}")


def checkpoints(folder: Path) -> None:
    """Print what a checkpoint costs beside ten minutes of training, and beside an epoch."""
    for name, settings in (
        ("pfn", {}),
        ("particlenet", {}),
        ("particle-transformer", {"training": "published"}),
        ("cnn", {}),
    ):
        network = read_settings(name, settings)
        bundled = Bundled(network.inputs, folder / f"shards-{name}")
        loop = bundled.loop(name, folder / name, **settings)
        seconds = []
        for _ in range(9):
            began = time.perf_counter()
            loop.save(values_of(loop.model.variables))
            seconds.append(time.perf_counter() - began)
        size = sum(path.stat().st_size for path in (folder / name).rglob("*.npz")) / 2e6
        print(
            f"{name}: {median(seconds) * 1000:.0f} ms, {size:.1f} MB a checkpoint, "
            f"{median(seconds) / 600:.3%} of ten minutes"
        )


def main() -> None:
    """Run both parts, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["memory", "checkpoints"])
    asked = parser.parse_args().only
    with tempfile.TemporaryDirectory() as temporary:
        if asked != "memory":
            checkpoints(Path(temporary) / "checkpoints")
        if asked != "checkpoints":
            memory(Path(temporary) / "memory")


if __name__ == "__main__":
    main()
