"""Write a small run in the workflow's layout, with scores of known quality instead of models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import QUARK_GLUON
from jetline.core.files import write_json
from jetline.evaluation.comparison import write_comparison
from jetline.evaluation.predictions import evaluate_predictions
from jetline.records.history import History
from jetline.records.predictions import Predictions
from jetline.records.training import TrainingRecord
from jetline.report.comparison_plots import draw_comparison

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION_SEED = 7


def toy_scores(
    n_jets: int, strength: float, numbers: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Labels (n_jets,) uint8, and the true quark probability (n_jets,) float32 of each jet.

    The classes are unit Gaussians `strength` apart, so the AUC is Phi(strength / sqrt 2).
    """
    labels = numbers.integers(2, size=n_jets).astype(np.uint8)
    distance = numbers.normal(size=n_jets) + strength * (labels - 0.5)
    return labels, (1 / (1 + np.exp(-strength * distance))).astype(np.float32)


def write_predictions(path: Path, labels: np.ndarray, scores: np.ndarray, **changed) -> Path:
    """A prediction file of jets from two files, `changed` arrays in place of the usual."""
    n_jets = len(labels)
    arrays = {
        "labels": np.asarray(labels, dtype=np.uint8),
        "scores": np.asarray(scores, dtype=np.float32),
        "jets": np.arange(n_jets, dtype=np.int64) // 2,
        "files": (np.arange(n_jets) % 2).astype(np.int32),
        "file_names": np.array(["QG_jets_1", "QG_jets_0"]),
        "training": "pfn-full-2",
    }
    Predictions(**arrays | changed).write(path)
    return path


def write_training(directory: Path, label: str, seed: int, **changed) -> Path:
    """A training's directory, `changed` fields of its record in place of the usual."""
    settings = changed.get("settings", {"identity": "full", "epochs": 6})
    fields = {
        "label": label,
        "architecture": "pfn",
        "seed": seed,
        "inputs": "particles",
        "identity": settings.get("identity", "none"),
        "settings": settings,
        "run": "toy",
        "dataset": "demo",
        "data": {"jets": ["ab"], "shards": [{"particles": "cd"}], "parts": "ef"},
        "code": "0123456789ab",
        "key": f"{label}-{seed}",
        "parameters": 82558,
        "jets": {
            "train": {"quark": 8010, "gluon": 7990},
            "validation": {"quark": 1000, "gluon": 1000},
        },
        "epochs": 6,
        "best_epoch": 5,
        "seconds": 61.5 + seed,
        "jets_per_second": 1561.0,
        "device": "CPU",
        "host": "node",
        "slurm_job": None,
        "versions": {"keras": "3.15.1", "numpy": "2.4.6"},
        "commit": "0123456789abcdef",
        "mlflow_run_id": None,
    }
    record = TrainingRecord(**fields | changed)
    record.write(directory / "training.json")
    rows = [
        {
            "epoch": epoch,
            "loss": 0.45 + 0.2 / epoch,
            "accuracy": 0.7,
            "validation_loss": 0.46 + (0.2 + 0.01 * seed) / epoch,
            "validation_accuracy": 0.7,
            "validation_auc": 0.8,
            "learning_rate": 0.001,
            "seconds": 9,
        }
        for epoch in range(1, record.epochs + 1)
    ]
    History(rows).write(directory / "history.csv")
    return directory


def write_run(
    root: Path,
    architectures: dict[str, dict],
    seeds: tuple[int, ...] = (1, 2),
    datasets: tuple[str, ...] = ("demo",),
    n_jets: int = 600,
    kept: dict[str, tuple[int | None, int | None]] | None = None,
) -> tuple[list[Path], list[Path]]:
    """A whole run.

    Parameters
    ----------
    architectures : dict
        By label: ``noise``, what is added to the score's logit (its size makes the tagger worse),
        and fields of `training.json` to change.
    kept : dict
        By dataset: how many gluon and quark jets are tested on, None for all; all if not named.

    Returns
    -------
    trainings, evaluations : list of Path
    """
    trainings, evaluations = [], []
    for label, described in architectures.items():
        facts = {key: value for key, value in described.items() if key != "noise"}
        for seed in seeds:
            trainings.append(
                write_training(root / "trainings" / label / f"seed-{seed}", label, seed, **facts)
            )
            for dataset in datasets:
                labels, scores = toy_scores(n_jets, 1.5, np.random.default_rng(len(dataset) + 100))
                chosen = np.sort(
                    np.concatenate(
                        [
                            np.flatnonzero(labels == label)[:number]
                            for label, number in enumerate((kept or {}).get(dataset, (None, None)))
                        ]
                    )
                )
                labels, scores = labels[chosen], scores[chosen]
                numbers = np.random.default_rng([seed, *label.encode()])
                logit = np.log(scores / (1 - scores)) + numbers.normal(
                    scale=described["noise"], size=len(labels)
                )
                predictions = write_predictions(
                    root / "predictions" / label / f"seed-{seed}" / f"{dataset}.npz",
                    labels,
                    1 / (1 + np.exp(-logit)),
                    training=f"{label}-{seed}",
                    classes=facts.get("classes", QUARK_GLUON),
                )
                output = root / "evaluation" / label / f"seed-{seed}" / dataset
                evaluate_predictions(
                    predictions, trainings[-1], dataset, CONFIGURATION_SEED, output
                )
                evaluations.append(output)
    return trainings, evaluations


def write_drawn_comparison(trainings: list[Path], evaluations: list[Path], output: Path) -> None:
    """A comparison, data and plots."""
    write_comparison(trainings, evaluations, output)
    draw_comparison(output, trainings, evaluations, output)


def write_configuration(
    path: Path, described: dict[str, dict], seeds: tuple[int, ...], datasets: tuple[str, ...]
) -> Path:
    """The merged configuration of a run, as far as the report reads it."""
    configuration = {
        "run": "toy",
        "seed": CONFIGURATION_SEED,
        "datasets": {name: {"source": "sample"} for name in datasets},
        "train_on": datasets[0],
        "test_on": list(datasets),
        "split": {"by": "jet", "train": 0.8, "validation": 0.1, "test": 0.1},
        "seeds": list(seeds),
        "architectures": {
            label: {"inputs": facts.get("inputs", "particles"), "epochs": 6}
            for label, facts in described.items()
        },
    }
    write_json(path, configuration)
    return path
