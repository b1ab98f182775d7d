"""Taggers of more than two classes, of known quality, on toy jets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation.classes_examination import (
    CLASSES,
    examine_classes,
    write_classes_examination,
)
from jetline.evaluation.comparison import write_comparison
from jetline.evaluation.predictions import evaluate_predictions
from jetline.evaluation.shared_jets import read_shared
from jetline.records.predictions import Predictions
from jetline.report.comparison_plots import draw_comparison
from jetline.report.run_page import write_report
from synthetic_run import CONFIGURATION_SEED, write_configuration, write_training

if TYPE_CHECKING:
    from pathlib import Path

THREE = ("gluon", "quark", "top")
TEN = ("qcd", "hbb", "hcc", "hgg", "h4q", "hlqq", "zqq", "wqq", "tbqq", "tblq")


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities (n_jets, n_classes) of float32."""
    power = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (power / power.sum(axis=-1, keepdims=True)).astype(np.float32)


def toy_classes(
    n_jets: int, n_classes: int, noise: float = 0.0, seed: int = 3, strength: float = 2.0
) -> tuple[np.ndarray, np.ndarray]:
    """Labels (n_jets,) uint8, and what a tagger gives each class, (n_jets, n_classes) float32.

    The jets are unit Gaussians around as many corners, neighbours closer than others; without
    noise the tagger's probabilities are the true ones.
    """
    numbers = np.random.default_rng(17)
    corners = strength * np.eye(n_classes) + 0.8 * np.eye(n_classes, k=1)
    labels = (np.arange(n_jets) % n_classes).astype(np.uint8)
    jets = corners[labels] + numbers.normal(size=(n_jets, n_classes))
    logits = jets @ corners.T - (corners**2).sum(axis=1) / 2
    return labels, softmax(logits + noise * np.random.default_rng(seed).normal(size=logits.shape))


def write_run_of(
    root: Path,
    classes: tuple[str, ...],
    taggers: dict[str, float],
    seeds: tuple[int, ...] = (1, 2),
    datasets: tuple[str, ...] = ("demo",),
    n_jets: int = 600,
    kept: dict[str, tuple[str, ...]] | None = None,
) -> tuple[list[Path], list[Path], dict[str, list[Path]]]:
    """A run of more than two classes, by label the noise of its tagger.

    Parameters
    ----------
    kept : dict
        By dataset the classes that it has jets of; all if not named.

    Returns
    -------
    trainings, evaluations : list of Path
    predictions : dict
        By dataset those of each training.
    """
    counts = {part: dict.fromkeys(classes[::-1], 100) for part in ("train", "validation")}
    trainings, evaluations, predictions = [], [], {name: [] for name in datasets}
    for label, noise in taggers.items():
        for seed in seeds:
            folder = root / "trainings" / label / f"seed-{seed}"
            trainings.append(write_training(folder, label, seed, jets=counts, classes=classes))
            for dataset in datasets:
                drawn = [seed, *label.encode()]
                labels, scores = toy_classes(n_jets, len(classes), noise, drawn)
                numbers = [classes.index(name) for name in (kept or {}).get(dataset, classes)]
                chosen = np.isin(labels, numbers)
                labels, scores = labels[chosen], scores[chosen]
                path = root / "predictions" / label / f"seed-{seed}" / f"{dataset}.npz"
                jets = np.arange(len(labels))
                told = {"training": f"{label}-{seed}", "classes": classes}
                made = Predictions.of(labels, scores, jets // 2, jets % 2, ["b", "a"], **told)
                made.write(path)
                predictions[dataset].append(path)
                output = root / "evaluation" / label / f"seed-{seed}" / dataset
                evaluate_predictions(path, trainings[-1], dataset, CONFIGURATION_SEED, output)
                evaluations.append(output)
    return trainings, evaluations, predictions


def write_report_of(
    root: Path,
    classes: tuple[str, ...],
    taggers: dict[str, float],
    seeds: tuple[int, ...] = (1, 2),
    n_jets: int = 600,
    kept: tuple[str, ...] = (),
) -> Path:
    """A run of more than two classes with its comparison, examination and report.

    Where classes are `kept`, the dataset ``few`` has jets of these alone.
    """
    datasets = ("demo", "few") if kept else ("demo",)
    trainings, evaluations, predictions = write_run_of(
        root, classes, taggers, seeds, datasets, n_jets, {"few": kept}
    )
    write_comparison(trainings, evaluations, root / "comparison")
    examinations = []
    for name in datasets:
        tested = read_shared(name, trainings, predictions[name])
        output = root / "examination" / name
        write_classes_examination(examine_classes(tested, CONFIGURATION_SEED), output)
        examinations.append(output / CLASSES)
    described = {label: {} for label in taggers}
    configuration = root / "configuration.json"
    write_configuration(configuration, described, seeds, datasets)
    folders = (root / "comparison", trainings, evaluations)
    draw_comparison(*folders, root / "comparison", examinations, configuration)
    told = (root / "comparison", configuration, [], root / "report.html")
    write_report(*told, examinations=examinations)
    return root / "report.html"
