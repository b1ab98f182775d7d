"""One training from files to files."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from jetline.core.files import sha256_of, short_hash
from jetline.inputs.shards import open_shard
from jetline.inputs.split import TRAIN, VALIDATION, Parts
from jetline.models.architecture import Architecture
from jetline.records.manifest import Manifest
from jetline.records.statistics import Statistics
from jetline.training.at_once import fit_at_once
from jetline.training.batches import JetSample
from jetline.training.checkpoint import Checkpoint
from jetline.training.loop import Trained, train, write_training


@dataclass(frozen=True)
class Request:
    """What to train, on what.

    Parameters
    ----------
    run, label, seed
        Name of the run, of the configuration's entry, and the training's seed.
    architecture : Architecture
        The entry's settings.
    dataset : str
        Name of the dataset.
    shards : list of Path
        Shards of the dataset's files, in its order.
    parts, statistics : Path
        The split of the dataset, and the statistics of its training part.
    code : str
        Version of the code that trains.
    """

    run: str
    label: str
    seed: int
    architecture: Architecture
    dataset: str
    shards: list[Path]
    parts: Path
    statistics: Path
    code: str


class Tracker(Protocol):
    """Where a training is tracked."""

    run_id: str | None

    def epoch(self, row: dict[str, float]) -> None:
        """Log one row of the history."""


def run_training(
    request: Request,
    device: str,
    folder: Path,
    checkpoints: Path,
    start_tracking: Callable[[dict[str, Any]], Tracker],
) -> None:
    """Train, and write ``model.keras``, ``history.csv`` and ``training.json`` into `folder`.

    Parameters
    ----------
    request : Request
        What to train, on what.
    device : str
        What the training runs on.
    folder : Path
        The training's folder.
    checkpoints : Path
        Folder of all the checkpoints of this label and seed; each lies under the hash of all that
        decides the training, so that none is ever continued with other settings or data.
    start_tracking : callable
        Given the facts of the training, gives the tracker of its epochs.
    """
    shards = [open_shard(shard) for shard in request.shards]
    parts = Parts.read(request.parts).parts
    samples = [
        JetSample.choose(shards, [np.flatnonzero(part == chosen) for part in parts])
        for chosen in (TRAIN, VALIDATION)
    ]
    statistics = Statistics.read(request.statistics)
    facts = _facts(request, device, statistics, [shard.manifest for shard in shards])
    facts["columns"] = samples[0].columns
    checkpoint = Checkpoint(checkpoints / facts["key"])
    with checkpoint.locked():
        tracker = start_tracking(facts)
        asked = (request.architecture, request.seed, *samples)
        if request.architecture.at_once:
            trained = fit_at_once(*asked, on_epoch=tracker.epoch)
        else:
            trained = train(*asked, statistics.inputs, checkpoint, on_epoch=tracker.epoch)
        facts |= _outcome(trained, len(samples[0])) | {"mlflow_run_id": tracker.run_id}
        write_training(trained, facts, folder)
        checkpoint.remove()


def _facts(
    request: Request, device: str, statistics: Statistics, manifests: list[Manifest]
) -> dict[str, Any]:
    """What is known before the training starts."""
    settings = request.architecture.model_dump(mode="json")
    decisive = {
        "run": request.run,
        "label": request.label,
        "seed": request.seed,
        "settings": settings,
        "dataset": request.dataset,
        "data": {
            "jets": [manifest.source.sha256 for manifest in manifests],
            "shards": [
                {name: array.xxh3_128 for name, array in manifest.arrays.items()}
                for manifest in manifests
            ],
            "parts": sha256_of(request.parts),
        },
        "code": request.code,
    }
    return decisive | {
        "key": short_hash(decisive),
        "architecture": request.architecture.architecture,
        "inputs": request.architecture.inputs,
        "recipe": manifests[0].recipe,
        "view": asdict(request.architecture.view) if request.architecture.view else None,
        # Of particles the model is told what it asks for, of images what the recipe shows.
        "identity": settings.get("identity") or manifests[0].identity or "none",
        "jets": {part: statistics.jets[part] for part in ("train", "validation")},
        "device": device,
        "host": socket.gethostname(),
        "slurm_job": os.environ.get("SLURM_JOB_ID"),
        "versions": _versions(),
        "commit": _commit(),
    }


def _outcome(trained: Trained, n_jets: int) -> dict[str, Any]:
    history = trained.progress.history
    seconds = sum(row["seconds"] for row in history)
    weights = trained.model.trainable_variables
    return {
        "parameters": int(sum(np.prod(weight.shape) for weight in weights)),
        "epochs": len(history),
        "best_epoch": trained.progress.best_epoch,
        "seconds": seconds,
        "jets_per_second": n_jets * len(history) / seconds,
    }


def _versions() -> dict[str, str]:
    packages = ("jetline", "keras", keras.backend.backend(), "numpy", "scikit-learn")
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python} | {name: version(name) for name in packages}


def _commit() -> str | None:
    """Commit of the checkout that the package runs from; "+" behind it if changed since."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        )
        changed = subprocess.run([*git, "diff", "--quiet", "HEAD"], check=False).returncode
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+" if changed else "")
