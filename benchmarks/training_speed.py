"""Training speed of the Particle Flow Network on flat particles, beside the padded form of it.

All have the same layers, the same jets, batch size and threads, and run in turns; the padded form
is what Keras users write: (n_jets, M, features), dense layers along the last axis, the padding
masked out before the sum. EnergyFlow's own PFN, if installed, is the third. Prints a table for
docs/performance.md.

    python benchmarks/training_speed.py [--repeats 5] [--threads 2]
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import multiprocessing
import os
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

from jetline.training.device import limit_threads

SAMPLE = sorted((Path(__file__).parents[1] / "resources/sample").glob("*.npz"))
BATCH = 500
N_JETS = 20_000


def flat_form(folder: Path):
    """One call trains an epoch of our model on flat particles."""
    import numpy as np

    from jetline.inputs.particles import flatten_file
    from jetline.inputs.shards import open_shard
    from jetline.models import read_settings
    from jetline.training.batches import Batches, JetSample

    shards = []
    for path in SAMPLE:
        flatten_file(path, folder / path.stem)
        shards.append(open_shard(folder / path.stem))
    sample = JetSample.choose(shards, [np.arange(len(shard)) for shard in shards])
    settings = read_settings("pfn", {})
    model = settings.build({})
    model.compile("adam", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    order = np.random.default_rng(1).permutation(len(sample))

    def epoch() -> None:
        model.fit(Batches(sample, order, BATCH, settings.view), shuffle=False, verbose=0)

    return epoch


def padded_inputs():
    """Features (n_jets, M, 4) and labels (n_jets,) of the sample, padded with rows of zeros."""
    import numpy as np

    from jetline.inputs.features import pfn_features
    from jetline.inputs.particles import flatten
    from jetline.jets.format import read_jets

    jets = [read_jets(path) for path in SAMPLE]
    flat, offsets = zip(*(flatten(part.constituents) for part in jets), strict=True)
    counts = np.concatenate([np.diff(part) for part in offsets])
    real = np.arange(counts.max()) < counts[:, None]
    features = np.zeros((*real.shape, 4), np.float32)
    features[real] = pfn_features(np.concatenate(flat), counts, "full")
    return features, np.concatenate([part.labels for part in jets])


def padded_form():
    """One call trains an epoch of the same layers on padded particles, features at hand."""
    import keras
    from keras import layers, ops

    features, labels = padded_inputs()
    mask = (features[..., :1] > 0).astype("float32")

    particles, present = keras.Input(features.shape[1:]), keras.Input(mask.shape[1:])
    x = particles
    for width in (100, 100, 256):
        x = layers.Dense(width, activation="relu", kernel_initializer="he_uniform")(x)
    x = ops.sum(x * present, axis=1)
    for width in (100, 100, 100):
        x = layers.Dense(width, activation="relu", kernel_initializer="he_uniform")(x)
    model = keras.Model([particles, present], layers.Dense(2, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])

    def epoch() -> None:
        model.fit([features, mask], labels, batch_size=BATCH, verbose=0)

    return epoch


def energyflow_form(threads: int):
    """One call trains an epoch of EnergyFlow's own PFN, which needs Keras 2: in its own process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve_energyflow, args=(theirs, threads), daemon=True)
    process.start()

    def epoch() -> None:
        ours.send("epoch")
        ours.recv()

    return epoch


def _serve_energyflow(pipe: Connection, threads: int) -> None:
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    limit_threads(threads)
    import numpy as np
    from energyflow.archs import PFN

    features, labels = padded_inputs()
    classes = np.eye(2, dtype=np.float32)[labels]
    widths = {"Phi_sizes": (100, 100, 256), "F_sizes": (100, 100, 100)}
    model = PFN(input_dim=features.shape[2], summary=False, **widths)
    with contextlib.suppress(EOFError):  # the measuring process has ended
        while pipe.recv():
            model.fit(features, classes, epochs=1, batch_size=BATCH, verbose=0)
            pipe.send("done")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    limit_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as folder:
        forms = {
            "flat (ours)": flat_form(Path(folder)),
            "padded": padded_form(),
        }
        if importlib.util.find_spec("energyflow"):
            forms["EnergyFlow"] = energyflow_form(arguments.threads)
        else:
            print("EnergyFlow is left out: pip install 'jetline[bench]'")
        seconds: dict[str, list[float]] = {name: [] for name in forms}
        for epoch in forms.values():
            epoch()  # traces the step; not counted
        for _ in range(arguments.repeats):
            for name, epoch in forms.items():
                start = time.perf_counter()
                epoch()
                seconds[name].append(time.perf_counter() - start)
    reference = median(seconds["padded"])
    print("| form | jets/s, median | of the padded form's |")
    print("|---|---|---|")
    for name, values in seconds.items():
        speed = N_JETS / median(values)
        print(f"| {name} | {speed:.0f} | {reference / median(values):.2f} |")


if __name__ == "__main__":
    main()
