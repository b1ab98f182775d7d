"""Taggers of known quality on toy jets, and examinations of a synthetic run."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation.examination import EXAMINATION, examine, write_examination
from jetline.evaluation.shared_jets import Observed, SharedJets, TaggerScores, read_shared
from synthetic_run import CONFIGURATION_SEED, toy_scores

if TYPE_CHECKING:
    from pathlib import Path


def toys(
    n_jets: int = 4000, labels: tuple[str, ...] = ("pfn",), seeds: int = 2, noise: float = 0.3
) -> SharedJets:
    """Toy jets, scored by several trainings that are each off in their own way."""
    numbers = np.random.default_rng(5)
    truth, best = toy_scores(n_jets, 1.5, numbers)
    logit = np.log(best / (1 - best)).astype(np.float64)
    taggers = [
        TaggerScores(
            label=label,
            seeds=list(range(1, seeds + 1)),
            scores=1 / (1 + np.exp(-(logit + noise * numbers.normal(size=(seeds, n_jets))))),
        )
        for label in labels
    ]
    return SharedJets("demo", truth, taggers)


def toy_observables(labels: np.ndarray) -> dict[str, np.ndarray]:
    """What could be measured of jets, the multiplicity alone different in both classes."""
    numbers = np.random.default_rng(11)
    return {
        "pt": numbers.uniform(500, 550, len(labels)),
        "rapidity": numbers.uniform(-2, 2, len(labels)),
        "multiplicity": numbers.poisson(np.where(labels == 1, 34, 53)).astype(float),
    }


def write_examinations(root: Path, trainings: list[Path], *datasets: str) -> list[Path]:
    """Examine the taggers of `synthetic_run.write_run` on jets of which little was measured."""
    written = []
    for dataset in datasets:
        predictions = [
            root / "predictions" / folder.parent.name / folder.name / f"{dataset}.npz"
            for folder in trainings
        ]
        # The scores of another test dataset stand for those of the validation part.
        validations = [path.with_name("demo.npz") for path in predictions]
        evaluations = [
            root / "evaluation" / folder.parent.name / folder.name / dataset for folder in trainings
        ]
        tested = read_shared(dataset, trainings, predictions, validations, evaluations=evaluations)
        tested = dataclasses.replace(tested, observables=toy_observables(tested.labels))
        output = root / "examination" / dataset
        write_examination(examine(tested, CONFIGURATION_SEED), output)
        written.append(output / EXAMINATION)
    return written


def observed(labels: np.ndarray, **values: np.ndarray) -> list[Observed]:
    """What was measured of jets that `write_predictions` has spread over two files."""
    return [
        Observed(labels[number::2], {name: value[number::2] for name, value in values.items()})
        for number in (0, 1)
    ]
