"""Compare the speed of imaging with the course notebook and with EnergyFlow, in one run.

The jets are real ones (the bundled sample, or those of ``--jets``), converted to the benchmark's
form: float64, padded to 139 rows. Files with more jets than there are contain each jet several
times, rotated by a random azimuth, shifted in rapidity and scaled in pT by a per mille, so that
a compressor finds no repetition. The two sides of a row alternate on one core; times are medians.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from xxhash import xxh3_128

from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.imaging import _BLOCK, _filler
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.images.recipe import ImageChannel, ImageRecipe
from jetline.inputs.making import make_shard
from jetline.inputs.shards import open_shard
from jetline.jets.constituents import PHI, PT, RAPIDITY
from jetline.jets.formats.npz import write_jets
from jetline.jets.index import index_jets
from jetline.jets.reading import open_jets, read_jets
from jetline.jets.soundness import sound

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE = sorted((Path(__file__).parents[1] / "resources/sample").glob("*.npz"))
PIXEL = ImageRecipe(centring="pixel")
PIXEL_COLOR = ImageRecipe(
    centring="pixel",
    channels=[
        ImageChannel(),
        ImageChannel(species="charged", weight="count", normalisation="none"),
    ],
)
ROWS = 139  # as in the benchmark's first file
_TIMES = 20  # repetitions of each block, for precise times from cache, as after reading


def make_jets(sources: list[Path], n_jets: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make constituents (n_jets, 139, 4) float64 and labels of real jets, varied if repeated."""
    files = [read_jets(path) for path in sources]
    rows = max(ROWS, *(jets.constituents.shape[1] for jets in files))
    numbers = np.random.default_rng(seed)
    chosen = numbers.permutation(n_jets) % sum(map(len, files))
    constituents = np.zeros((n_jets, rows, 4))
    labels = np.concatenate([jets.labels for jets in files])[chosen]
    first = 0
    for jets in files:
        here = (chosen >= first) & (chosen < first + len(jets))
        constituents[here, : jets.constituents.shape[1]] = jets.constituents[chosen[here] - first]
        first += len(jets)
    real = constituents[..., PT] > 0
    turns = numbers.uniform(-np.pi, np.pi, (n_jets, 1))
    shifts = numbers.uniform(-0.01, 0.01, (n_jets, 1))
    phi = constituents[..., PHI] + turns
    axis = phi[np.arange(n_jets), constituents[..., PT].argmax(axis=1), None]
    phi -= 2 * np.pi * np.floor(axis / (2 * np.pi))
    constituents[..., PHI] = np.where(real, phi, 0)
    constituents[..., RAPIDITY] += np.where(real, shifts, 0)
    constituents[..., PT] *= numbers.uniform(0.999, 1.001, (n_jets, 1))
    return constituents, labels


def notebook_loop(constituents: np.ndarray) -> np.ndarray:
    """Make images as the course notebook does, jet by jet."""
    images = []
    for jet in constituents:
        image, _, _ = np.histogram2d(
            jet[:, RAPIDITY],
            jet[:, PHI],
            bins=28,
            range=[[-1.7, 1.7], [0, 2 * np.pi]],
            density=True,
        )
        images.append(image)
    return np.array(images)


def notebook_way(path: Path) -> np.ndarray:
    """Do all steps of the course notebook: load, loop, scale."""
    with np.load(path) as archive:
        images = notebook_loop(archive["X"])
    images /= images.max()
    return images


def write_indexed(path: Path, constituents: np.ndarray, labels: np.ndarray) -> Path:
    """Write a jet file and its index, which the workflow has when it makes images."""
    write_jets(path, constituents, labels)
    index_jets(path, path.stem).write(path.with_suffix(".index.npz"))
    return path


def kernel(constituents: np.ndarray, recipe: ImageRecipe) -> Callable[[], None]:
    """Make images of all jets several times, block by block, from one buffer into another."""
    fill = _filler(recipe)
    images = np.empty((_BLOCK, *recipe.shape), np.float32)

    def run() -> None:
        for start in range(0, len(constituents), _BLOCK):
            block = constituents[start : start + _BLOCK]
            for _ in range(_TIMES):
                fill(block, images[: len(block)])

    return run


def compare_ways(table: Table, path: Path, precision: str) -> None:
    """Compare all steps from a jet file to a complete shard with those of the notebook."""
    n_jets = len(open_jets(path))
    shard = path.with_suffix("")
    table.compare(
        f"{precision} npz file to finished shard against the notebook's whole way",
        "15",
        (lambda: _image((path, shard)), n_jets),
        (lambda: notebook_way(path), n_jets),
        # Snakemake also removes a job's outputs before it starts.
        before=lambda: _remove(shard),
    )


def tell_parts(table: Table, path: Path, repeats: int) -> None:
    """Measure how much CPU time per jet each step takes."""
    jets, shard = open_jets(path), path.with_suffix("")
    _image((path, shard))
    content = (shard / "images.npy").read_bytes()
    run = kernel(next(jets.blocks(_BLOCK)).copy(), RECIPES["notebook"])

    def inflate(check: Callable[[np.ndarray], bool]) -> None:
        for _ in jets.blocks(_BLOCK, check):
            pass

    parts = {
        "inflating": (lambda: inflate(lambda block: True), len(jets)),
        "inflating and checking the jets": (lambda: inflate(sound), len(jets)),
        "kernel": (run, _TIMES * _BLOCK),
        "hash of images": (lambda: xxh3_128(content), len(jets)),
        "writing": (lambda: (shard / "again.npy").write_bytes(content), len(jets)),
        "all": (lambda: _image((path, shard)), len(jets)),
    }
    times: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(repeats + 1):
        for name, (part, n_jets) in parts.items():
            _remove(shard)
            shard.mkdir()
            start = time.process_time()
            part()
            times[name].append((time.process_time() - start) / n_jets)
    told = ", ".join(f"{name} {1e6 * median(values[1:]):.1f}" for name, values in times.items())
    table.tell("of it, microseconds of CPU time for a jet", told, "")


class Table:
    """A table that prints each row when it is measured."""

    def __init__(self, repeats: int) -> None:
        self._repeats = repeats
        print("| measured | ours | peer | ratio, wall | ratio, CPU | goal |")
        print("|---|---|---|---|---|---|", flush=True)

    def compare(
        self,
        text: str,
        goal: str,
        ours: tuple[Callable[[], object], int],
        peer: tuple[Callable[[], object], int],
        before: Callable[[], None] = lambda: None,
    ) -> None:
        """Time two forms alternately, each with its number of jets; `before` is not timed."""
        times: list[list[tuple[float, float]]] = []
        for repeat in range(self._repeats + 1):
            pair = []
            for form, n_jets in (ours, peer):
                before()
                wall, cpu = time.perf_counter(), time.process_time()
                form()
                wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
                pair.append((wall / n_jets, cpu / n_jets))
            if repeat:  # the first one compiles and fills the file cache
                times.append(pair)
        walls, cpus = (
            [median(pair[form][kind] for pair in times) for form in (0, 1)] for kind in (0, 1)
        )
        speeds = " | ".join(f"{1 / wall:,.0f}/s" for wall in walls)
        # If other processes do the work, the CPU time of this one is no measure of it.
        cpu = f"{cpus[1] / cpus[0]:.1f}" if min(cpus) > min(walls) / 10 else ""
        ratio = walls[1] / walls[0]
        print(f"| {text} | {speeds} | {ratio:.1f} | {cpu} | {goal} |", flush=True)

    def tell(self, text: str, figure: str, goal: str) -> None:
        """Print a row without a comparison."""
        print(f"| {text} | {figure} | | | | {goal} |", flush=True)


def _image(task: tuple[Path, Path]) -> None:
    path, folder = task
    make_shard(
        Images("notebook", RECIPES["notebook"]), path, folder, path.with_suffix(".index.npz")
    )


def _pool(workers: int, warm: tuple[Path, Path]) -> multiprocessing.pool.Pool:
    """Start processes, each of which has imported and compiled what it needs."""
    pool = multiprocessing.get_context("spawn").Pool(workers)
    folder = warm[1]
    pool.map(_image, [(warm[0], folder / f"{workers}-{n}") for n in range(2 * workers)], 1)
    return pool


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def compare_cores(table: Table, files: list[Path], folder: Path, n_jets: int) -> None:
    """Compare two processes with one, on four files."""
    tasks = [(path, folder / f"cores-{number}") for number, path in enumerate(files)]
    with _pool(1, (files[0], folder / "warm")) as one, _pool(2, (files[0], folder / "warm")) as two:
        table.compare(
            "two cores against one, four files",
            "1.8",
            (lambda: two.map(_image, tasks, 1), n_jets),
            (lambda: one.map(_image, tasks, 1), n_jets),
            before=lambda: [_remove(folder) for _, folder in tasks],
        )


MEMORY = """
import sys, shutil
from pathlib import Path
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.making import make_shard
for path in sys.argv[2:]:
    make_shard(Images("notebook", RECIPES["notebook"]), Path(path), Path(sys.argv[1]))
    shutil.rmtree(sys.argv[1])
status = Path("/proc/self/status").read_text()
print(status.split("VmHWM:")[1].split()[0])
"""


def peak_memory(files: list[Path], folder: Path) -> float:
    """Measure the peak memory [MB] of a process that images the files one after another."""
    command = [sys.executable, "-c", MEMORY, str(folder / "memory"), *map(str, files)]
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return int(run.stdout) / 1e3


def compare_energyflow(table: Table, constituents: np.ndarray, cores: set[int]) -> None:
    """Compare with the same images made by EnergyFlow, jet by jet."""
    try:
        from energyflow.utils.image_utils import pixelate
    except ImportError:
        print("EnergyFlow is left out: pip install -e '.[bench]'")
        return

    def theirs(color: bool) -> np.ndarray:
        options = {"nb_chan": 2, "charged_counts_only": True} if color else {}
        return np.array([pixelate(jet, **options) for jet in constituents])

    for recipe, color in ((PIXEL, False), (PIXEL_COLOR, True)):
        images = np.empty((len(constituents), *recipe.shape), np.float32)
        _filler(recipe)(constituents, images)
        # EnergyFlow's first axis is the azimuth.
        np.testing.assert_allclose(images, theirs(color).swapaxes(1, 2), rtol=1e-6, atol=1e-9)
        text = "against EnergyFlow's `pixelate`" + (", charged counts too" if color else "")
        os.sched_setaffinity(0, {min(cores)})
        table.compare(
            text,
            "50",
            (kernel(constituents, recipe), _TIMES * len(constituents)),
            (lambda color=color: theirs(color), len(constituents)),
        )
        os.sched_setaffinity(0, cores)


def compare_reading(table: Table, shards: list[Path], repeats: int) -> None:
    """Compare reading batches of 128 in random order with the training that uses them."""
    from jetline.training.device import limit_threads

    limit_threads(os.cpu_count())
    from jetline.inputs.sample import JetSample, array_rows
    from jetline.models import read_settings
    from jetline.training.batches import Batches

    opened = [open_shard(shard) for shard in shards]
    sample = JetSample.choose(opened, [np.arange(len(shard)) for shard in opened])
    shape = opened[0].arrays["images"].shape[1:]
    order = np.random.default_rng(1).permutation(len(sample))
    fewer = order[: 128 * 100]
    speeds = {"reading": [], "training": []}
    statistics = {"shape": shape, "largest": [1.0] * shape[2]}
    model = read_settings("cnn", {}).build(statistics)
    model.compile("adam", "sparse_categorical_crossentropy")
    for _ in range(repeats + 1):
        start = time.perf_counter()
        for place in range(0, len(order), 128):
            array_rows(sample, order[place : place + 128], "images")
        speeds["reading"].append(len(order) / (time.perf_counter() - start))
        start = time.perf_counter()
        model.fit(Batches(sample, fewer, 128, None).stream(), shuffle=False, verbose=0)
        speeds["training"].append(len(fewer) / (time.perf_counter() - start))
    reading, training = median(speeds["reading"][1:]), max(speeds["training"][1:])
    text = f"random-order reading of {'x'.join(map(str, shape))} images against training `cnn`"
    print(
        f"| {text} | {reading:,.0f}/s | {training:,.0f}/s (fastest epoch) "
        f"| {reading / training:.1f} | | 10 |",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jets", type=Path, nargs="+", default=SAMPLE, help="real jet files")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--large", type=int, default=100_000, help="jets in the large file")
    parser.add_argument("--files", type=int, default=20, help="large files one after another")
    arguments = parser.parse_args()
    cores = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        n_quarter = arguments.large // 4
        constituents, labels = make_jets(arguments.jets, arguments.large // 5, 1)
        small = write_indexed(folder / "small.npz", constituents, labels)
        single = write_indexed(folder / "single.npz", constituents.astype(np.float32), labels)
        quarters = [
            write_indexed(folder / f"{n}.npz", *make_jets(arguments.jets, n_quarter, 2 + n))
            for n in range(4)
        ]
        large = write_indexed(folder / "large.npz", *make_jets(arguments.jets, arguments.large, 9))

        table = Table(arguments.repeats)
        os.sched_setaffinity(0, {min(cores)})
        table.compare(
            "kernel against the notebook's loop, recipe `notebook`",
            "100",
            (kernel(constituents[:1000], RECIPES["notebook"]), _TIMES * 1000),
            (lambda: notebook_loop(constituents[:1000]), 1000),
        )
        compare_ways(table, small, "float64")
        tell_parts(table, small, arguments.repeats)
        compare_ways(table, single, "float32")
        os.sched_setaffinity(0, cores)
        compare_energyflow(table, constituents[:1000], cores)
        compare_cores(table, quarters, folder, 4 * n_quarter)
        alone = peak_memory([large], folder)
        many = peak_memory([large] * arguments.files, folder)
        table.tell(f"peak memory, a file of {arguments.large:,} jets", f"{alone:.0f} MB", "400 MB")
        table.tell(f"the same, {arguments.files} such files", f"{many:.0f} MB", "400 MB")
        compare_reading(
            table, [folder / f"cores-{number}" for number in range(4)], arguments.repeats
        )
        shutil.rmtree(folder / "warm")


if __name__ == "__main__":
    main()
