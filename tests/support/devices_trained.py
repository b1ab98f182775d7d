"""Trainings over several devices, beside the same on one; called where JAX has several CPUs."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from pathlib import Path

import numpy as np

from jetline.inputs.sample import JetSample
from jetline.inputs.shards import open_shard
from jetline.models import read_settings
from jetline.models.particlenet import particlenet
from jetline.models.particlenet_lite import ParticleNetLite
from jetline.training.checkpoint import Checkpoint
from jetline.training.job import write_model
from jetline.training.safe_loading import load_safely
from jetline.training.scores import class_scores
from jetline.training.trainers.gradient_descent import GradientDescent
from jetline.training.trainers.trainer import Assignment
from training_inputs import STATISTICS

#: Of each network: inputs and settings.
NETWORKS = {
    "pfn": (
        "particles",
        {
            "epochs": 3,
            "batch_size": 40,
            "phi": [16, 16],
            "f": [16],
            "training": {"schedule": "plateau", "averaging": 0.9, "class_weights": "balanced"},
        },
    ),
    "particlenet-lite": ("particles", {"epochs": 2, "batch_size": 80}),
    "cnn": ("images", {"epochs": 1, "batch_size": 64, "inputs": "images/notebook"}),
}


class FewFilters(ParticleNetLite):
    """ParticleNet with fewer filters, which are compiled sooner; dropout and all else are there."""

    def build(self, statistics):
        return particlenet(13, [(4, (8, 8)), (4, (12, 12))], 16, self.dropout)


def network_of(name: str, gpus: int):
    """Read the settings of a network."""
    network = read_settings(name, {**NETWORKS[name][1], "gpus": gpus})
    return FewFilters(**network.model_dump()) if name == "particlenet-lite" else network


def train(name: str, gpus: int, jets, folder: Path | None = None, on_epoch=lambda _row: None):
    """Train a network, its checkpoints in the folder."""
    network = network_of(name, gpus)
    checkpoint = Checkpoint(folder or Path(tempfile.mkdtemp()))
    with checkpoint.locked():
        return GradientDescent().train(
            Assignment(
                architecture=network,
                seed=1,
                training=jets[0],
                validation=jets[1],
                statistics=STATISTICS if NETWORKS[name][0] == "images" else {},
                start=None,
                checkpoint=checkpoint,
                checkpoint_minutes=10,
                on_epoch=on_epoch,
            )
        )


def described(name: str, trained, jets) -> dict:
    """Give the history, times left out, the weights, scores, and where the weights are."""
    rows, network = trained.progress.history, network_of(name, 1)
    keys = sorted(rows[0].keys() - {"seconds"})
    weights = trained.model.weights
    return {
        "history": [[row[key] for key in keys] for row in rows],
        "weights": [float(x) for w in trained.model.get_weights() for x in w.ravel()[:500]],
        "scores": class_scores(trained.model, jets[1], 50, network.view)[:, 1].tolist(),
        "devices": sorted({len(weight.value.sharding.device_set) for weight in weights}),
    }


def loaded(name: str, trained, jets) -> list[float]:
    """Give the scores of the model as it is saved."""
    with tempfile.TemporaryDirectory() as folder:
        write_model(trained.model, Path(folder) / "model.keras")
        model = load_safely(Path(folder) / "model.keras")
    return class_scores(model, jets[1], 50, network_of(name, 1).view)[:, 1].tolist()


def signalled(jets, folder: Path) -> list[str]:
    """Let a signal come in the first epoch, and tell what is saved."""
    from jetline.training.batches import Batches

    made = Batches.__getitem__

    def batch(batches, number):
        if number == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return made(batches, number)

    Batches.__getitem__ = batch
    try:
        train("pfn", 2, jets, folder)
    except KeyboardInterrupt:
        return sorted(str(path.relative_to(folder)) for path in folder.glob("epoch-*"))
    finally:
        Batches.__getitem__ = made
    raise AssertionError("the signal has not ended the training")


def main(output: str, *folders: str) -> None:
    """Compute everything and write it as JSON."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    jets = {}
    for kind in ("particles", "images"):
        shards = [open_shard(Path(folder)) for folder in folders if kind in folder]
        jets[kind] = [
            JetSample.choose(shards, [np.arange(first, 300, 3)[:number] for number in (95, 92)])
            for first in (0, 1)
        ]
    found = {}
    for name, (kind, _) in NETWORKS.items():
        found[name] = {}
        for gpus in (1, 2):
            trained = train(name, gpus, jets[kind])
            found[name][gpus] = described(name, trained, jets[kind])
            if gpus > 1 and name == "particlenet-lite":
                found[name]["loaded"] = loaded(name, trained, jets[kind])
    more = train("pfn", 8, jets["particles"])
    found["more"] = described("pfn", more, jets["particles"])
    with tempfile.TemporaryDirectory() as folder:
        saved = signalled(jets["particles"], Path(folder))
        resumed = train("pfn", 2, jets["particles"], Path(folder))
        found["resumed"] = {"saved": saved, **described("pfn", resumed, jets["particles"])}
    Path(output).write_text(json.dumps(found))
