"""Compare training and inference of our particle networks with other packages, in one run.

All use the same bundled jets with their real multiplicities, the same batches and threads, Adam and
single precision. The Particle Flow Network is compared with EnergyFlow's, with the input that its
users give it and with the fastest one, and with padded Keras; ParticleNet and the Particle
Transformer with weaver-core's, with its trimming of batches to their largest jet (after its
warm-up) and without. Each form has a process of its own, and they work alternately; times are
medians. Prints a table for docs/performance.md. Needs EnergyFlow, weaver-core and PyTorch, the
extra `bench`, unless only ours is asked for.

With KERAS_BACKEND=jax, ours holds its jets as on a GPU, where whole steps are compiled and their
batches gathered; a further form has its batches made on the host. How fast both are fed without any
step is measured too. All run on the CPU; `gpu.py` measures a GPU.

    python benchmarks/training_speed.py [--threads 2] [--repeats 5] [--only pfn] [--ours]
"""

from __future__ import annotations

import argparse
import contextlib
import os
from dataclasses import replace
from statistics import median

from side_by_side import Form, Worker

OURS = {"ours": Form("training_forms:ours", {})}
if os.environ.get("KERAS_BACKEND") == "jax":
    OURS["ours, batches of the host"] = Form("training_forms:ours", {"held": False})
WEAVER = {
    **OURS,
    "weaver": Form("torch_forms:weaver", {}),
    "weaver, untrimmed": Form("torch_forms:weaver", {"trim": False}),
}
#: By architecture: jets in a batch, batches in a chunk, chunks, uncounted chunks, and the forms.
COMPARED = {
    "pfn": (
        (500, 40, 1, 1),
        {
            **OURS,
            "EnergyFlow": Form("training_forms:energyflow", {}),
            "EnergyFlow, untuned input": Form("training_forms:energyflow", {"tuned": False}),
            "padded Keras": Form("training_forms:padded", {}),
        },
    ),
    "particlenet": ((64, 8, 1, 1), WEAVER),
    "particle-transformer": ((64, 8, 1, 1), WEAVER),
}


def compare(name: str, repeats: int, threads: int, peers: dict[str, Form]) -> None:
    """Measure one architecture and print its rows."""
    batch, in_chunk, n_chunks, warm_up = COMPARED[name][0]
    jets = batch * in_chunk
    given = {"name": name, "chunks": (n_chunks, jets), "batch": batch, "threads": threads}
    # A GPU is measured by `gpu.py`.
    cpu = {"CUDA_VISIBLE_DEVICES": "-1"}
    with contextlib.ExitStack() as running:
        workers = {
            label: running.enter_context(Worker(replace(form.given(**given), environment=cpu)))
            for label, form in peers.items()
        }
        for kind in ("training", "inference", *(["feed"] if len(OURS) > 1 else [])):
            measured = OURS if kind == "feed" else peers
            seconds: dict[str, list[float]] = {label: [] for label in measured}
            memory = {}
            for label in measured:
                for number in range(warm_up):
                    workers[label].call(kind, number % n_chunks)
            for number in range(repeats * n_chunks):
                for label in measured:
                    answer = workers[label].call(kind, number % n_chunks)
                    seconds[label].append(answer.seconds)
                    memory[label] = answer.memory
            for label in measured:
                ratio = median(seconds[label]) / median(seconds["ours"])
                speed = jets / median(seconds[label])
                figures = f"{speed:,.0f} | {ratio:.1f} | {memory[label]:,.0f} MB"
                print(f"| {name} | {kind} | {label} | {figures} |", flush=True)


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
