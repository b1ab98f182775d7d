"""Compare training and inference of our particle networks with other packages, in one run.

All use the same bundled jets with their real multiplicities, the same batches and threads, Adam and
single precision. The Particle Flow Network is compared with EnergyFlow's, with the input that its
users give it and with the fastest one, and with padded Keras; ParticleNet and the Particle
Transformer with weaver-core's, with its trimming of batches to their largest jet (after its
warm-up) and without. Each form has a process of its own, and they work alternately; times are
medians. Prints a table for docs/performance.md. Needs EnergyFlow, weaver-core and PyTorch, the
extra `bench`, unless only ours is asked for.

With KERAS_BACKEND=jax, ours holds its jets on the device, where whole steps are compiled and their
batches gathered, on a CPU as on a GPU; a further form has its batches made on the host. How fast
both are fed without any step is measured too.

    python benchmarks/training_speed.py [--threads 2] [--repeats 5] [--only pfn] [--ours]
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import multiprocessing
import os
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import training_forms as forms

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

UNTUNED = functools.partial(forms.energyflow, tuned=False)
UNTRIMMED = functools.partial(forms.weaver, trim=False)
OURS = {"ours": forms.ours}
if os.environ.get("KERAS_BACKEND") == "jax":
    OURS["ours, batches of the host"] = functools.partial(forms.ours, held=False)
WEAVER = {**OURS, "weaver": forms.weaver, "weaver, untrimmed": UNTRIMMED}
#: By architecture: jets in a batch, batches in a chunk, chunks, uncounted chunks, and the forms.
COMPARED = {
    "pfn": (
        (500, 40, 1, 1),
        {
            **OURS,
            "EnergyFlow": forms.energyflow,
            "EnergyFlow, untuned input": UNTUNED,
            "padded Keras": forms.padded,
        },
    ),
    "particlenet": ((64, 8, 1, 1), WEAVER),
    "particle-transformer": ((64, 8, 1, 1), WEAVER),
}


def serve(pipe: Connection, form: Callable, arguments: tuple) -> None:
    """Run the requested calls; send their times [s] and the peak memory so far [MB]."""
    calls = form(*arguments)
    with contextlib.suppress(EOFError):  # the measuring process has ended
        while True:
            kind, number = pipe.recv()
            start = time.perf_counter()
            calls[kind](number)
            seconds = time.perf_counter() - start
            status = Path("/proc/self/status").read_text()
            pipe.send((seconds, int(status.split("VmHWM:")[1].split()[0]) / 1e3))


def compare(name: str, repeats: int, threads: int, peers: dict[str, Callable]) -> None:
    """Measure one architecture and print its rows."""
    batch, in_chunk, n_chunks, warm_up = COMPARED[name][0]
    n_jets = sum(len(np.load(path, allow_pickle=False)["y"]) for path in forms.SAMPLE)
    chosen = np.random.default_rng(1).permutation(n_jets)[: batch * in_chunk * n_chunks]
    chunks = chosen.reshape(n_chunks, batch * in_chunk)
    context = multiprocessing.get_context("spawn")
    pipes, processes = {}, []
    for label, form in peers.items():
        pipes[label], theirs = context.Pipe()
        arguments = (theirs, form, (name, chunks, batch, threads))
        processes.append(context.Process(target=serve, args=arguments, daemon=True))
        processes[-1].start()

    def call(label: str, kind: str, number: int) -> tuple[float, float]:
        pipes[label].send((kind, number % n_chunks))
        return pipes[label].recv()

    for kind in ("training", "inference", *(["feed"] if len(OURS) > 1 else [])):
        measured = OURS if kind == "feed" else peers
        seconds: dict[str, list[float]] = {label: [] for label in measured}
        memory = {}
        for label in measured:
            for number in range(warm_up):
                call(label, kind, number)
        for number in range(repeats * n_chunks):
            for label in measured:
                taken, memory[label] = call(label, kind, number)
                seconds[label].append(taken)
        for label in measured:
            ratio = median(seconds[label]) / median(seconds["ours"])
            speed = chunks.shape[1] / median(seconds[label])
            figures = f"{speed:,.0f} | {ratio:.1f} | {memory[label]:,.0f} MB"
            print(f"| {name} | {kind} | {label} | {figures} |", flush=True)
    for process in processes:
        process.terminate()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=COMPARED, action="append")
    parser.add_argument("--ours", action="store_true", help="without the other packages")
    arguments = parser.parse_args()
    print("| architecture | | form | jets/s | ours is faster by | peak memory |")
    print("|---|---|---|---|---|---|", flush=True)
    for name in arguments.only or COMPARED:
        peers = OURS if arguments.ours else COMPARED[name][1]
        compare(name, arguments.repeats, arguments.threads, peers)


if __name__ == "__main__":
    main()
