"""What trainings and evaluations wrote, read back and held against each other."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, read_json

_SAME_FOR_ALL_SEEDS = (
    "architecture",
    "inputs",
    "recipe",
    "settings",
    "dataset",
    "jets",
)


@dataclass(frozen=True)
class Training:
    """One training: its `training.json` and the columns of its `history.csv`.

    Attributes
    ----------
    label : str
        Name of the architecture in the configuration.
    seed : int
    facts : dict
        Content of `training.json`.
    history : dict of (n_epochs,) float64 arrays
        By column.
    """

    label: str
    seed: int
    facts: dict[str, Any]
    history: dict[str, np.ndarray]

    @property
    def identity(self) -> str:
        """What the inputs know of a particle's species: none, experimental or full."""
        return self.facts["identity"]

    @property
    def jets(self) -> int:
        """Number of jets trained on, validation not counted."""
        return sum(self.facts["jets"]["train"].values())


@dataclass(frozen=True)
class Result:
    """One evaluation: its `metrics.json` and `curves.npz`."""

    label: str
    seed: int
    dataset: str
    metrics: dict[str, Any]
    curves: dict[str, np.ndarray]


@dataclass(frozen=True)
class Entry:
    """All seeds of one architecture, on one test dataset.

    Attributes
    ----------
    trainings : list of Training
    results : list of Result
        In the order of `trainings`, by rising seed.
    """

    label: str
    dataset: str
    trainings: list[Training]
    results: list[Result]

    def values(self, figure: str) -> list[float | None]:
        """A figure of merit for each seed; None for a rejection that no gluon jet passes."""
        return [result.metrics["figures"][figure]["value"] for result in self.results]

    def replicas(self, figure: str) -> np.ndarray:
        """(n_resamples,) float64: the mean over seeds of a figure, in each resample."""
        columns = [
            result.curves["replicas"][:, list(result.curves["replica_names"]).index(figure)]
            for result in self.results
        ]
        return np.mean(columns, axis=0)


def read_training(directory: Path) -> Training:
    """Read a training's directory.

    Raises
    ------
    JetlineError
        If a file is missing or broken.
    """
    facts = read_json(Path(directory) / "training.json")
    path = Path(directory) / "history.csv"
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        history = {
            name: np.array([float(row[name]) for row in rows]) for name in (rows[0] if rows else ())
        }
        history["epoch"], history["loss"], history["validation_loss"]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise JetlineError(
            str(path),
            found=f"{type(error).__name__}: {error}",
            expected="columns epoch, loss and validation_loss, a number for each epoch",
            remedy="train again",
        ) from error
    return Training(facts["label"], facts["seed"], facts, history)


def read_result(directory: Path) -> Result:
    """Read an evaluation's directory.

    Raises
    ------
    JetlineError
        If a file is missing or broken.
    """
    content = read_json(Path(directory) / "metrics.json")
    return Result(
        content["label"],
        content["seed"],
        content["dataset"],
        content,
        read_arrays(Path(directory) / "curves.npz"),
    )


def entries(trainings: Iterable[Training], results: Iterable[Result]) -> list[Entry]:
    """Bring the seeds of each label together, for each test dataset.

    Returns
    -------
    list of Entry
        Datasets, and labels within one, in the order in which they come.

    Raises
    ------
    JetlineError
        If an evaluation has no training; if seeds of one label differ in more than the seed; or
        if two evaluations on one dataset were not made on the same jets with the same resamples.
    """
    by_key = {(training.label, training.seed): training for training in trainings}
    grouped: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        if (result.label, result.seed) not in by_key:
            raise JetlineError(
                f"evaluation of {result.label}, seed {result.seed}, on {result.dataset}",
                found="no such training among those given",
                expected="the training of every evaluation",
                remedy="give its directory too, or leave the evaluation out",
            )
        grouped[result.dataset, result.label].append(result)
    datasets = dict.fromkeys(dataset for dataset, _ in grouped)
    found = []
    for dataset in datasets:
        for (of, label), members in grouped.items():
            if of != dataset:
                continue
            members = sorted(members, key=lambda result: result.seed)
            chosen = [by_key[label, result.seed] for result in members]
            _require_one_setting(chosen)
            found.append(Entry(label, dataset, chosen, members))
        _require_same_jets([entry for entry in found if entry.dataset == dataset])
    return found


def _require_one_setting(trainings: list[Training]) -> None:
    first = trainings[0]
    for other in trainings[1:]:
        if other.seed == first.seed:
            raise JetlineError(
                f"evaluations of {first.label}",
                found=f"seed {first.seed} twice",
                expected="each seed once on each dataset",
                remedy="give each directory once",
            )
        differing = [
            key for key in _SAME_FOR_ALL_SEEDS if first.facts.get(key) != other.facts.get(key)
        ]
        if differing:
            raise JetlineError(
                f"trainings of {first.label}",
                found=f"{', '.join(differing)} of seed {other.seed} unlike that of {first.seed}",
                expected="trainings of one label that differ in the seed alone",
                remedy="train the older one again, or give it a label of its own",
            )


def _require_same_jets(of_dataset: list[Entry]) -> None:
    results = [result for entry in of_dataset for result in entry.results]
    first = results[0]
    for other in results[1:]:
        for key, what in (("jets", "test jets"), ("bootstrap", "bootstrap resamples")):
            if other.metrics[key] != first.metrics[key]:
                raise JetlineError(
                    f"evaluations on {first.dataset}",
                    found=f"{other.label}, seed {other.seed}, has other {what} than "
                    f"{first.label}, seed {first.seed}",
                    expected="the same jets and resamples for all that is compared",
                    remedy="predict and evaluate again with one configuration",
                )
