"""Training and inference of ParticleNet and the Particle Transformer beside weaver-core's.

Same jets with their real multiplicities, same batches, same threads, Adam and single precision on
both sides. Each form has a process of its own, which works only while it is asked to, in turns with
the others. Ours is timed from the shard's flat particles on, features and pairs included; weaver
finds its padded tensors ready, 128 constituents a jet, once with its trimming (past its five steps
of warm-up) and once without. Prints a table for docs/performance.md. Needs weaver-core and PyTorch.

    python benchmarks/clouds.py [--batch 64] [--repeats 3] [--threads 2]
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import numpy as np

SAMPLE = Path(__file__).parents[1] / "resources/sample/QG_jets_0.npz"
FORMS = ("ours", "weaver", "weaver, untrimmed")
BATCHES = 3
WARM_UP = 6
MOST = 128


def chosen_jets(n_jets: int, batch: int) -> np.ndarray:
    """Jets of each batch, drawn at random."""
    return np.random.default_rng(1).permutation(n_jets)[: BATCHES * batch].reshape(BATCHES, batch)


def our_steps(name: str, batch: int, threads: int) -> dict[str, Callable[[int], None]]:
    """Steps of ours, by kind; each takes the number of a batch."""
    from jetline.training.device import limit_threads

    limit_threads(threads)
    from jetline.inputs.particles import flatten_file
    from jetline.inputs.shards import open_shard
    from jetline.models import read_settings
    from jetline.training.batches import Batches, JetSample, particle_inputs

    folder = Path(tempfile.mkdtemp())
    flatten_file(SAMPLE, folder)
    shard = open_shard(folder)
    sample = JetSample.choose([shard], [np.arange(len(shard))])
    jets = chosen_jets(len(sample), batch)
    settings = read_settings(name, {"identity": "full"})
    model = settings.build({})
    model.compile("adam", "sparse_categorical_crossentropy")
    batches = Batches(sample, jets.ravel(), batch, settings.view)

    def train(number: int) -> None:
        model.train_on_batch(*batches[number])

    def infer(number: int) -> None:
        model.predict_on_batch(particle_inputs(sample, jets[number], batch, settings.view))

    return {"training": train, "inference": infer}


def their_steps(
    name: str, batch: int, threads: int, trimmed: bool
) -> dict[str, Callable[[int], None]]:
    """Steps of weaver's."""
    import torch

    torch.set_num_threads(threads)
    from weaver.nn.model.ParticleNet import ParticleNet
    from weaver.nn.model.ParticleTransformer import ParticleTransformer

    from jetline.inputs.features import cloud_features
    from jetline.inputs.particles import flatten
    from jetline.jets.format import read_jets
    from references import momenta

    read = read_jets(SAMPLE)
    batches = []
    for jets in chosen_jets(len(read), batch):
        particles, offsets = flatten(read.constituents[jets])
        counts = np.minimum(np.diff(offsets), MOST)
        kept = np.concatenate(
            [np.arange(n) + first for n, first in zip(counts, offsets, strict=False)]
        )
        features = cloud_features(particles, np.diff(offsets), "full")[kept]
        others = features[:, -2:] if name == "particlenet" else momenta(particles[kept], features)
        real = np.arange(MOST) < counts[:, None]
        padded = []
        for values in (features, others):
            whole = np.zeros((batch, MOST, values.shape[1]), np.float32)
            whole[real] = values
            padded.append(torch.from_numpy(whole.transpose(0, 2, 1).copy()))
        labels = torch.from_numpy(1 - read.labels[jets].astype(np.int64))
        batches.append((*padded, torch.from_numpy(real[:, None].copy()), labels))

    if name == "particlenet":
        blocks = [(16, (width,) * 3) for width in (64, 128, 256)]
        fixed = {"use_fusion": False, "use_fts_bn": True, "use_counts": True, "trim": trimmed}
        model = ParticleNet(13, 2, conv_params=blocks, fc_params=[(256, 0.1)], **fixed)
    else:
        model = ParticleTransformer(
            13,
            2,
            pair_input_dim=4,
            use_pre_activation_pair=False,
            fc_params=[],
            version=1,
            trim=trimmed,
        )
    optimiser = torch.optim.Adam(model.parameters())
    loss = torch.nn.CrossEntropyLoss()

    def logits(number: int) -> torch.Tensor:
        features, others, mask, _ = batches[number]
        return (
            model(others, features, mask)
            if name == "particlenet"
            else model(features, others, mask)
        )

    def train(number: int) -> None:
        model.train()
        optimiser.zero_grad()
        loss(logits(number), batches[number][3]).backward()
        optimiser.step()

    def infer(number: int) -> None:
        model.eval()
        with torch.inference_mode():
            logits(number).softmax(1)

    return {"training": train, "inference": infer}


def serve(pipe: Connection, name: str, form: str, batch: int, threads: int) -> None:
    """Do steps as they are asked for; tell the seconds, and at last the peak memory [MB]."""
    if form == "ours":
        steps = our_steps(name, batch, threads)
    else:
        steps = their_steps(name, batch, threads, trimmed=form == "weaver")
    with contextlib.suppress(EOFError):
        while True:
            kind, number = pipe.recv()
            start = time.perf_counter()
            steps[kind](number)
            status = Path("/proc/self/status").read_text()
            memory = int(status.split("VmHWM:")[1].split()[0]) / 1e3
            pipe.send((time.perf_counter() - start, memory))


def compare(name: str, batch: int, repeats: int, threads: int) -> None:
    """Print the rows of one architecture."""
    context = multiprocessing.get_context("spawn")
    pipes = {}
    for form in FORMS:
        pipes[form], theirs = context.Pipe()
        arguments = (theirs, name, form, batch, threads)
        context.Process(target=serve, args=arguments, daemon=True).start()

    def step(form: str, kind: str, number: int) -> tuple[float, float]:
        pipes[form].send((kind, number % BATCHES))
        return pipes[form].recv()

    for kind in ("training", "inference"):
        seconds: dict[str, list[float]] = {form: [] for form in FORMS}
        memory = {}
        for form in FORMS:
            for number in range(WARM_UP):
                step(form, kind, number)
        for number in range(repeats * BATCHES):
            for form in FORMS:
                taken, memory[form] = step(form, kind, number)
                seconds[form].append(taken)
        for form in FORMS:
            ratio = median(seconds[form]) / median(seconds["ours"])
            speed = batch / median(seconds[form])
            told = (
                f"| {name} | {kind} | {form} | {speed:.1f} | {ratio:.1f} | {memory[form]:.0f} MB |"
            )
            print(told, flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    print("| architecture | | form | jets/s | ours is faster by | peak memory |")
    print("|---|---|---|---|---|---|", flush=True)
    for name in ("particlenet", "particle-transformer"):
        compare(name, arguments.batch, arguments.repeats, arguments.threads)


if __name__ == "__main__":
    main()
