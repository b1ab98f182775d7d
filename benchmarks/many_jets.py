"""Time until the first step, and memory, of trainings on as many jets as the benchmark trains on.

Makes one shard of 1.6 million jets, the bundled ones many times over (1.1 GB of particles, 5 GB of
images), and takes some hundred steps of a network on it. For docs/training.md.

    python benchmarks/many_jets.py pfn
    python benchmarks/many_jets.py cnn
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jetline.training.device import limit_threads
from jetline.training.numerics import settle_numerics

settle_numerics()
limit_threads(2)

from jetline.inputs.making import make_scratch_shards, read_inputs  # noqa: E402
from jetline.inputs.sample import JetSample  # noqa: E402
from jetline.inputs.shards import open_shard, save_array, save_blocks, write_manifest  # noqa: E402
from jetline.models import read_settings  # noqa: E402
from jetline.training.checkpoint import Checkpoint  # noqa: E402
from jetline.training.loop import Jets, Loop  # noqa: E402
from jetline.training.method import method_of  # noqa: E402

if TYPE_CHECKING:
    from jetline.inputs.shards import Shard

SAMPLE = Path(__file__).parents[1] / "resources/sample/QG_jets_0.npz"


def repeated(inputs: str, times: int, folder: Path) -> Shard:
    """Make a shard of the bundled jets of a file, many times over."""
    (shard,) = make_scratch_shards(read_inputs(inputs), [SAMPLE], folder / "once")
    manifest, arrays = shard.manifest, dict(shard.arrays)
    saved = {}
    if "offsets" in arrays:
        counts = np.tile(np.diff(arrays.pop("offsets")), times)
        saved["offsets"] = save_array(
            folder / "many", "offsets", np.concatenate([[0], np.cumsum(counts)])
        )
    for name, array in arrays.items():
        shape = (len(array) * times, *array.shape[1:])
        blocks = itertools.repeat(np.asarray(array), times)
        saved[name] = save_blocks(folder / "many", name, shape, array.dtype, blocks)
    write_manifest(
        folder / "many",
        SAMPLE,
        np.tile(shard.labels, times),
        saved,
        sha256=manifest.source.sha256,
        inputs=manifest.inputs,
        recipe=manifest.recipe,
        identity=manifest.identity,
    )
    return open_shard(folder / "many", verify=False)


def memory_mb(what: str) -> float:
    """Give a kind of memory that the process holds now [MB]."""
    return int(re.search(rf"{what}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1000


class Enough(BaseException):
    """Ends the training after some steps."""


def main() -> None:
    """Train on many jets for a while."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network")
    parser.add_argument("--jets", type=int, default=1_600_000)
    parser.add_argument("--steps", type=int, default=300)
    asked = parser.parse_args()
    network = read_settings(asked.network, {})
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        once = len(np.load(SAMPLE)["y"])
        shard = repeated(network.inputs, -(-asked.jets // once), folder)
        rows = np.arange(len(shard))
        # What is cached of writing them is not what a training reads.
        os.sync()
        print(f"{len(shard):,} jets; before: {memory_mb('VmRSS'):,.0f} MB", flush=True)
        began = time.perf_counter()
        jets = Jets(JetSample.choose([shard], [rows]), JetSample.choose([shard], [rows[:10_000]]))
        statistics = (
            {"shape": shard.arrays["images"].shape[1:], "largest": [40.0]}
            if ("images" in shard.arrays)
            else {}
        )
        checkpoint = Checkpoint(folder / "checkpoint")
        checkpoint.folder.mkdir()
        loop = Loop(network, method_of(network), 1, jets, statistics, checkpoint)
        times: list[float] = []

        def stop(_logs: object) -> bool:
            times.append(time.perf_counter())
            if len(times) == asked.steps:
                print(
                    f"first step after {times[0] - began:.1f} s; after {asked.steps} steps "
                    f"{memory_mb('VmRSS'):,.0f} MB, at most {memory_mb('VmHWM'):,.0f} MB, of it "
                    f"mapped files {memory_mb('RssFile'):,.0f} MB"
                )
                raise Enough
            return False

        loop._has_to_stop = stop  # to end in the middle of an epoch
        with contextlib.suppress(Enough):
            loop.run()


if __name__ == "__main__":
    main()
