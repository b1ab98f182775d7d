"""Trainings and evaluations read back, and the seeds of each label brought together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.records.evaluation import Curves, EvaluationRecord
from jetline.records.history import History
from jetline.records.training import TrainingRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    """One training: its ``training.json`` and its ``history.csv``."""

    record: TrainingRecord
    history: History

    @classmethod
    def read(cls, folder: Path) -> Training:
        """Read a training's folder.

        Raises
        ------
        JetlineError
            If a file is missing or broken.
        """
        record = TrainingRecord.read(Path(folder) / "training.json")
        return cls(record, History.read(Path(folder) / "history.csv"))


@dataclass(frozen=True)
class Result:
    """One evaluation: its ``metrics.json`` and ``curves.npz``."""

    record: EvaluationRecord
    curves: Curves

    @classmethod
    def read(cls, folder: Path) -> Result:
        """Read an evaluation's folder.

        Raises
        ------
        JetlineError
            If a file is missing or broken.
        """
        record = EvaluationRecord.read(Path(folder) / "metrics.json")
        return cls(record, Curves.read(Path(folder) / "curves.npz"))


@dataclass(frozen=True)
class Entry:
    """All seeds of one label, on one test dataset.

    Attributes
    ----------
    label, dataset : str
        Names of both.
    trainings : list of Training
        By rising seed.
    results : list of Result
        In the order of `trainings`.
    """

    label: str
    dataset: str
    trainings: list[Training]
    results: list[Result]

    @property
    def figures_of_merit(self) -> list[str]:
        """Names of the figures of merit that were computed, in the order of tables."""
        return self.results[0].curves.names

    def values(self, name: str) -> list[float | None]:
        """Give a figure of merit for each seed; None where it has no value, see `Estimate`."""
        return [result.record.figures[name].value for result in self.results]

    def replicas_by_seed(self, name: str) -> list[np.ndarray]:
        """Give a figure of merit in each resample for each seed, (n_resamples,) each."""
        return [result.curves.replicas_of(name) for result in self.results]

    def replicas(self, name: str) -> np.ndarray:
        """Give the mean over seeds of a figure of merit in each resample, (n_resamples,)."""
        return np.asarray(np.mean(self.replicas_by_seed(name), axis=0))


def entries(trainings: Iterable[Training], results: Iterable[Result]) -> list[Entry]:
    """Bring the seeds of each label together, for each test dataset.

    Returns
    -------
    list of Entry
        Datasets, and labels within one, in the order in which they come.

    Raises
    ------
    JetlineError
        If an evaluation has no training, or is of an earlier one; if seeds of one label differ in
        more than the seed; if evaluations are of different figures of merit; or if two
        evaluations on one dataset were not made on the same jets with the same resamples.
    """
    by_key = {(one.record.label, one.record.seed): one for one in trainings}
    grouped: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        told = result.record
        if (told.label, told.seed) not in by_key:
            raise JetlineError(
                f"evaluation of {told.label}, seed {told.seed}, on {told.dataset}",
                found="no such training among those given",
                expected="the training of every evaluation",
                remedy="give its directory too, or leave the evaluation out",
            )
        _require_evaluation_of(told, by_key[told.label, told.seed].record)
        grouped[told.dataset, told.label].append(result)
    _require_same_figures_of_merit([result for group in grouped.values() for result in group])
    datasets = dict.fromkeys(dataset for dataset, _ in grouped)
    found = []
    for dataset in datasets:
        for (of, label), members in grouped.items():
            if of != dataset:
                continue
            by_seed = sorted(members, key=lambda result: result.record.seed)
            chosen = [by_key[label, result.record.seed] for result in by_seed]
            _require_one_setting(chosen)
            found.append(Entry(label, dataset, chosen, by_seed))
        _require_same_jets([entry for entry in found if entry.dataset == dataset])
    return found


def _require_evaluation_of(told: EvaluationRecord, training: TrainingRecord) -> None:
    if told.training != training.key:
        raise JetlineError(
            f"evaluation of {told.label}, seed {told.seed}, on {told.dataset}",
            found=f"the evaluation of another training (key {told.training})",
            expected=f"that of the training given (key {training.key})",
            remedy="predict and evaluate again: the tagger was trained again since",
        )


def _require_one_setting(trainings: list[Training]) -> None:
    first = trainings[0].record
    for training in trainings[1:]:
        other = training.record
        if other.seed == first.seed:
            raise JetlineError(
                f"evaluations of {first.label}",
                found=f"seed {first.seed} twice",
                expected="each seed once on each dataset",
                remedy="give each directory once",
            )
        differing = [
            key for key in _SAME_FOR_ALL_SEEDS if getattr(first, key) != getattr(other, key)
        ]
        if differing:
            raise JetlineError(
                f"trainings of {first.label}",
                found=f"{', '.join(differing)} of seed {other.seed} unlike that of {first.seed}",
                expected="trainings of one label that differ in the seed alone",
                remedy="train the older one again, or give it a label of its own",
            )


def _require_same_figures_of_merit(results: list[Result]) -> None:
    for result in results[1:]:
        names, first = result.curves.names, results[0].curves.names
        if names != first:
            raise JetlineError(
                f"evaluation of {result.record.label}, seed {result.record.seed}, "
                f"on {result.record.dataset}",
                found=f"the figures of merit {', '.join(names)}",
                expected=f"{', '.join(first)}, as in the other evaluations",
                remedy="evaluate again, all with one version of jetline",
            )


def _require_same_jets(of_dataset: list[Entry]) -> None:
    results = [result.record for entry in of_dataset for result in entry.results]
    first = results[0]
    for other in results[1:]:
        for what, differs in (
            ("test jets", other.jets != first.jets),
            ("bootstrap resamples", other.bootstrap != first.bootstrap),
        ):
            if differs:
                raise JetlineError(
                    f"evaluations on {first.dataset}",
                    found=f"{other.label}, seed {other.seed}, has other {what} than "
                    f"{first.label}, seed {first.seed}",
                    expected="the same jets and resamples for all that is compared",
                    remedy="predict and evaluate again with one configuration",
                )
