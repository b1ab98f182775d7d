"""Seeds that are trained together, beside trainings of each by itself; called where JAX runs."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import tempfile
from pathlib import Path

import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.shards import open_shard
from jetline.models import read_settings
from jetline.models.particlenet import particlenet
from jetline.models.particlenet_lite import ParticleNetLite
from jetline.training import together
from jetline.training.checkpoint import Checkpoint
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_of
from jetline.training.task import Classification
from jetline.training.together import train_together
from jetline.training.trainers.trainer import Assignment
from training_inputs import STATISTICS, some

#: Of each network: inputs, seeds, and settings. Some seed of `pfn` stops before the others.
NETWORKS = {
    "pfn": (
        "particles",
        [1, 2, 3],
        {
            "epochs": 6,
            "batch_size": 40,
            "patience": 1,
            "phi": [16, 16],
            "f": [16],
            "learning_rate": 0.01,
            "training": {"schedule": "plateau", "averaging": 0.9, "class_weights": "balanced"},
        },
    ),
    "particlenet-lite": ("particles", [1, 2], {"epochs": 2, "batch_size": 100}),
    "cnn": ("images", [1, 2], {"epochs": 1, "batch_size": 64, "inputs": "images/notebook"}),
}


class FewFilters(ParticleNetLite):
    """ParticleNet with fewer filters, which are compiled sooner; dropout and all else are there."""

    def build(self, statistics):
        return particlenet(13, [(4, (8, 8)), (4, (12, 12))], 16, self.dropout)


def settings_of(name: str):
    """Read the settings of a network."""
    network = read_settings(name, NETWORKS[name][2])
    return FewFilters(**network.model_dump()) if name == "particlenet-lite" else network


def assignments(network, seeds, jets, statistics, folder: Path) -> list[Assignment]:
    """Ask for a training of each seed, whose checkpoints lie below the folder."""
    return [
        Assignment(
            architecture=network,
            seed=seed,
            training=jets.training,
            validation=jets.validation,
            statistics=statistics,
            start=None,
            checkpoint=Checkpoint(folder / str(seed)),
            checkpoint_minutes=10,
            on_epoch=lambda _row: None,
        )
        for seed in seeds
    ]


def alone(network, seeds, jets, statistics) -> list:
    """Train each seed by itself."""
    found = []
    for seed in seeds:
        checkpoint = Checkpoint(Path(tempfile.mkdtemp()))
        with checkpoint.locked():
            loop = Loop(network, method_of(network), seed, jets, statistics, checkpoint)
            found.append(loop.run())
    return found


def at_once(network, seeds, jets, statistics=None, folder: Path | None = None) -> list:
    """Train all together."""
    folder = folder or Path(tempfile.mkdtemp())
    asked = assignments(network, seeds, jets, statistics or {}, folder)
    with contextlib.ExitStack() as stack:
        for one in asked:
            stack.enter_context(one.checkpoint.locked())
        return train_together(asked)


def described(trained) -> dict:
    """Give the history, times left out, and the weights of each training."""
    keys = sorted(trained[0].progress.history[0].keys() - {"seconds"})
    return {
        "history": [[[row[k] for k in keys] for row in t.progress.history] for t in trained],
        "weights": [
            [float(x) for value in t.model.get_weights() for x in value.ravel()[:500]]
            for t in trained
        ],
    }


def signalled(network, seeds, jets, folder: Path) -> list[str]:
    """Let a signal come while the fourth batch is made, and tell what is saved."""
    made = together.batch_for_seeds

    def batch(batches, number):
        if number == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return made(batches, number)

    together.batch_for_seeds = batch
    try:
        at_once(network, seeds, jets, folder=folder)
    except KeyboardInterrupt:
        return sorted(str(path.relative_to(folder)) for path in folder.glob("*/epoch-*"))
    finally:
        together.batch_for_seeds = made
    raise AssertionError("the signal has not ended the trainings")


def validating(network, seeds, jets, folder: Path) -> list[str]:
    """Let the second seed's first validation be interrupted, likewise."""
    validate, calls = Classification.validate, []

    def interrupted(*given):
        calls.append(1)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return validate(*given)

    Classification.validate = interrupted
    try:
        at_once(network, seeds, jets, folder=folder)
    except KeyboardInterrupt:
        return sorted(str(path.relative_to(folder)) for path in folder.glob("*/epoch-*"))
    finally:
        Classification.validate = validate
    raise AssertionError("the signal has not ended the trainings")


def broken(network, seeds, jets, folder: Path) -> list:
    """Give the second seed weights that are no numbers, and tell the error and what is saved."""
    signalled(network, seeds, jets, folder)
    checkpoint = Checkpoint(folder / str(seeds[1]))
    loop = Loop(network, method_of(network), seeds[1], jets, {}, checkpoint)
    for weight in loop.model.trainable_variables:
        weight.assign(np.full(weight.shape, np.nan))
    loop.save()
    try:
        at_once(network, seeds, jets, folder=folder)
    except JetlineError as error:
        return [str(error), sorted(str(p.relative_to(folder)) for p in folder.glob("*/epoch-*"))]
    raise AssertionError("weights that are no numbers are not told")


def main(output: str, *folders: str) -> None:
    """Compute everything and write it as JSON."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    found = {}
    kinds = {kind: [Path(f) for f in folders if kind in f] for kind in ("particles", "images")}
    shards = {kind: list(map(open_shard, paths)) for kind, paths in kinds.items()}
    jets = {kind: Jets(*(some(of, part) for part in (0, 1))) for kind, of in shards.items()}
    for name, (kind, seeds, _) in NETWORKS.items():
        network = settings_of(name)
        statistics = STATISTICS if kind == "images" else {}
        found[name] = {
            way.__name__: described(way(network, seeds, jets[kind], statistics))
            for way in (alone, at_once)
        }
    seeds, pfn, particles = NETWORKS["pfn"][1], settings_of("pfn"), jets["particles"]
    for interrupt in (signalled, validating):
        with tempfile.TemporaryDirectory() as folder:
            saved = interrupt(pfn, seeds, particles, Path(folder))
            resumed = described(at_once(pfn, seeds, particles, folder=Path(folder)))
            found[interrupt.__name__] = {"saved": saved, "resumed": resumed}
    with tempfile.TemporaryDirectory() as folder:
        found["broken"] = broken(pfn, seeds, particles, Path(folder))
    Path(output).write_text(json.dumps(found))
