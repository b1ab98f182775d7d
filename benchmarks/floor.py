"""Measure the time of a training step's matrix products alone, on one core.

Finds every matrix product, forward and backward, in TensorFlow's graph of one step on a batch of
bundled jets, times each product by itself, and compares their sum with the whole step. The rest
is normalisation, activations, sums, look-ups, random numbers and the optimiser. Prints a table
for docs/performance.md.

    python benchmarks/floor.py [--repeats 7]
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from jetline.training.device import limit_threads

limit_threads(1)

import tensorflow as tf  # noqa: E402

from jetline.inputs.kinds.particles import Particles  # noqa: E402
from jetline.inputs.making import make_shard  # noqa: E402
from jetline.inputs.sample import JetSample  # noqa: E402
from jetline.inputs.shards import open_shard  # noqa: E402
from jetline.inputs.tensors import particle_tensors  # noqa: E402
from jetline.inputs.view import GROUPS  # noqa: E402
from jetline.models import read_settings  # noqa: E402
from jetline.training.batches import Batches  # noqa: E402
from jetline.training.losses import cross_entropy  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE = Path(__file__).parents[1] / "resources/sample/QG_jets_0.npz"
#: Jets in a batch.
NETWORKS = {"pfn": 500, "particlenet": 64, "particle-transformer": 64}
PRODUCTS = ("MatMul", "BatchMatMulV2")

Shape = tuple[str, bool, bool, tuple[int, ...], tuple[int, ...]]


def products_of(function: tf.types.experimental.ConcreteFunction) -> Counter[Shape]:
    """Count a graph's matrix products by operation, transpositions and shapes."""
    found: Counter[Shape] = Counter()
    for operation in function.graph.get_operations():
        if operation.type in PRODUCTS:
            names = ("transpose_a", "transpose_b") if operation.type == "MatMul" else (
                "adj_x", "adj_y")  # fmt: skip
            turned = (operation.get_attr(name) for name in names)
            shapes = (tuple(tensor.shape.as_list()) for tensor in operation.inputs)
            found[(operation.type, *turned, *shapes)] += 1
    return found


def operations(product: Shape) -> int:
    """Count the multiplications and additions of a product."""
    _, turned, other_turned, one, other = product
    inner = one[-2 if turned else -1]
    outer = other[-2 if other_turned else -1]
    return 2 * math.prod(one) // inner * inner * outer


def seconds_of(call: Callable[[], object], repeats: int) -> float:
    """Measure the median time of a call [s]."""
    call()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return median(taken)


def measure(name: str, batch: int, sample: JetSample, repeats: int) -> None:
    """Measure one network and print its row."""
    settings = read_settings(name, {"identity": "full"})
    model = settings.build({})
    model.compile("adam", cross_entropy, jit_compile=False)
    order = np.random.default_rng(1).permutation(len(sample))
    inputs, labels = Batches(sample, order, batch, settings.view)[0]

    def gradients(given):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(cross_entropy(labels, model(given, training=True)))
        return tape.gradient(loss, [weight.value for weight in model.trainable_variables])

    graph = tf.function(gradients).get_concrete_function(
        {name: tf.constant(values) for name, values in inputs.items()}
    )
    found = products_of(graph)
    floor = 0.0
    for product, number in found.items():
        _, turned, other_turned, *shapes = product
        one, other = (tf.random.normal(shape) for shape in shapes)
        multiply = tf.function(
            lambda a, b, t=turned, o=other_turned: tf.matmul(a, b, transpose_a=t, transpose_b=o)
        )
        floor += number * seconds_of(lambda m=multiply, a=one, b=other: m(a, b), repeats)
    for _ in range(2):
        model.train_on_batch(inputs, labels)
    step = seconds_of(lambda: model.train_on_batch(inputs, labels), repeats)
    total = sum(number * operations(product) for product, number in found.items())
    print(
        f"| {name} | {total / batch / 1e6:,.0f} | {total / floor / 1e9:.0f} | {1e3 * floor:.0f} ms "
        f"| {1e3 * step:.0f} ms | {floor / step:.0%} |",
        flush=True,
    )


def dense_pairs(sample: JetSample, batch: int) -> tuple[float, float]:
    """Divide the padded pairs by the real ones: as we group jets, and in one group of width 128."""
    view = read_settings("particle-transformer", {}).view
    order = np.random.default_rng(1).permutation(len(sample))
    dense = real = 0.0
    for jets in np.split(order[: len(order) // batch * batch], len(order) // batch):
        tensors = particle_tensors(sample, jets, view, compiled=False)
        size = -(-batch // GROUPS)
        dense += sum(len(tensors[f"rows_{n}"]) ** 2 / size for n in range(GROUPS))
        real += float(np.square(tensors["counts"]).sum())
    return dense / real, len(order) // batch * batch * view.most**2 / real


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    print("| network | products, Mflop a jet | at Gflop/s | products of a step | step | share |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        make_shard(Particles(), SAMPLE, Path(folder))
        shard = open_shard(Path(folder))
        sample = JetSample.choose([shard], [np.arange(len(shard))])
        for name, batch in NETWORKS.items():
            measure(name, batch, sample, repeats)
        grouped, single = dense_pairs(sample, 64)
    print(f"Dense pairs for each there is: {grouped:.1f} in {GROUPS} groups, {single:.1f} in one.")


if __name__ == "__main__":
    main()
