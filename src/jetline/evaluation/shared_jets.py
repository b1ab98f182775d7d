"""All taggers' scores of the same test jets, beside what was measured of these jets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from jetline.core.classes import QUARK_GLUON, count_by_class, numbered
from jetline.core.errors import JetlineError
from jetline.evaluation.one_class import only_class
from jetline.evaluation.seeds import Result
from jetline.records.predictions import Predictions
from jetline.records.training import read_tagger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.records.evaluation import Curves
    from jetline.records.training import ClassCounts


Found = TypeVar("Found")


@dataclass(frozen=True)
class Observed:
    """What was measured of the jets of one file: labels and values (n_jets,), values by name."""

    labels: np.ndarray
    values: dict[str, np.ndarray]


@dataclass(frozen=True)
class TaggerScores:
    """The trainings of one label.

    Attributes
    ----------
    label : str
        Their name.
    seeds : list of int
        Their seeds, rising.
    scores : (n_seeds, n_jets) float64 or (n_seeds, n_jets, n_classes) float32 array
        Quark probability of each test jet; of more than two classes that of each.
    validated : list of (labels, scores, weights)
        Of each training the validation part, (n_validation_jets,) arrays, the last one None where
        all jets count the same; empty if unknown.
    curves : list of Curves
        Of each training what was evaluated; empty if unknown.
    """

    label: str
    seeds: list[int]
    scores: np.ndarray
    validated: list[tuple[np.ndarray, np.ndarray, np.ndarray | None]] = field(default_factory=list)
    curves: list[Curves] = field(default_factory=list)

    @property
    def ensemble(self) -> np.ndarray:
        """Mean of the seeds' scores, (n_jets,) or (n_jets, n_classes)."""
        return np.asarray(self.scores.mean(axis=0))


@dataclass(frozen=True)
class SharedJets:
    """The test jets of one dataset.

    Attributes
    ----------
    dataset : str
        Its name.
    labels : (n_jets,) uint8 array
        Number of each jet's class: 1 quark, 0 gluon, if there are two.
    taggers : list of TaggerScores
        All labels, in the order of the run.
    observables : dict of (n_jets,) float64 arrays
        What was measured of each jet, by name; empty if nothing was.
    classes : tuple of str
        Names of the classes by number.
    weights : (n_jets,) float32 array or None
        Of each jet; None where all count the same.
    """

    dataset: str
    labels: np.ndarray
    taggers: list[TaggerScores]
    observables: dict[str, np.ndarray] = field(default_factory=dict)
    classes: tuple[str, ...] = QUARK_GLUON
    weights: np.ndarray | None = None

    @property
    def by_class(self) -> ClassCounts:
        """Number of jets by class, the signal first."""
        return count_by_class(self.labels, self.classes)

    @property
    def only_class(self) -> str | None:
        """Name the class that all jets are of; None if there are more."""
        return only_class(self.by_class)


def read_shared(
    dataset: str,
    trainings: Sequence[Path],
    predictions: Sequence[Path],
    validations: Sequence[Path] = (),
    observed: Sequence[Observed] = (),
    evaluations: Sequence[Path] = (),
) -> SharedJets:
    """Bring together what all taggers say of the test jets of one dataset.

    Parameters
    ----------
    dataset : str
        Its name.
    trainings : sequence of Path
        Folders of the trainings.
    predictions : sequence of Path
        Prediction file of each training on the test dataset, in any order.
    validations : sequence of Path
        Likewise on the validation part of the dataset trained on; none if unknown.
    observed : sequence of Observed
        What was measured of the dataset's jet files, in the order of its split; none if unknown.
    evaluations : sequence of Path
        Folder of each training's evaluation on the test dataset, in any order; none if unknown.

    Raises
    ------
    JetlineError
        If a file is missing or broken, a training has no predictions, predictions are of other
        jets than the first, or what was measured is of other jets.
    """
    taggers = [read_tagger(folder) for folder in trainings]
    tested, validated = _by_key(predictions), _by_key(validations)
    scores: dict[str, dict[int, np.ndarray]] = {}
    of_validation: dict[str, dict[int, tuple[np.ndarray, np.ndarray, np.ndarray | None]]] = {}
    results = {one.record.training: one.curves for one in map(Result.read, evaluations)}
    curves: dict[str, dict[int, Curves]] = {}
    first: Predictions | None = None
    for folder, tagger in zip(trainings, taggers, strict=True):
        found = _of(tagger.key, tested, folder, "predictions of the test part")
        first = first or found
        _require_same_jets(folder, found, first)
        scores.setdefault(tagger.label, {})[tagger.seed] = _precise(found.scores)
        if evaluations:
            evaluated = _of(tagger.key, results, folder, "evaluation")
            curves.setdefault(tagger.label, {})[tagger.seed] = evaluated
        if validations:
            seen = _of(tagger.key, validated, folder, "predictions of the validation part")
            labelled = seen.labels != 255
            own = None if seen.weights is None else seen.weights[labelled]
            judged = (seen.labels[labelled], _precise(seen.scores[labelled]), own)
            of_validation.setdefault(tagger.label, {})[tagger.seed] = judged
    if first is None or not len(first):
        raise JetlineError(
            f"examination of the taggers on {dataset}",
            found="no training" if first is None else "no test jets",
            expected="at least one of each",
            remedy="give the folders of the trainings, and the test part more jets",
        )
    return SharedJets(
        dataset=dataset,
        labels=first.labels,
        taggers=[
            TaggerScores(
                label=label,
                seeds=sorted(by_seed),
                scores=np.stack([by_seed[seed] for seed in sorted(by_seed)]),
                validated=[of_validation[label][seed] for seed in sorted(by_seed)]
                if validations
                else [],
                curves=[curves[label][seed] for seed in sorted(by_seed)] if evaluations else [],
            )
            for label, by_seed in scores.items()
        ],
        observables=_aligned(dataset, first, observed) if observed else {},
        classes=first.classes,
        weights=first.weights,
    )


def _precise(scores: np.ndarray) -> np.ndarray:
    """Give scores in double precision; those of more than two classes take too much room for it."""
    return scores.astype(np.float64) if scores.ndim == 1 else scores


def _by_key(paths: Sequence[Path]) -> dict[str, Predictions]:
    read = (Predictions.read(Path(path)) for path in paths)
    return {one.training: one for one in read}


def _of(key: str, found: dict[str, Found], training: Path, what: str) -> Found:
    if key not in found:
        raise JetlineError(
            str(training),
            found=f"no {what} by this tagger (key {key}) among those given",
            expected="those of each training, not of an earlier one",
            remedy="predict and evaluate again, or leave the training out",
        )
    return found[key]


def _require_same_jets(training: Path, found: Predictions, first: Predictions) -> None:
    same = len(found) == len(first) and all(
        np.array_equal(getattr(found, name), getattr(first, name)) for name in ("labels", "jets")
    )
    if found.classes != first.classes:
        raise JetlineError(
            f"predictions of {training}",
            found=f"probabilities of {numbered(found.classes)}",
            expected=f"those of {numbered(first.classes)}, as of the first training",
            remedy="train and predict again with one configuration",
        )
    if not same or not np.array_equal(found.names, first.names):
        raise JetlineError(
            f"predictions of {training}",
            found="other test jets than those of the first training",
            expected="the same jets for all that is compared",
            remedy="predict again with one configuration",
        )


def _aligned(
    dataset: str, tested: Predictions, observed: Sequence[Observed]
) -> dict[str, np.ndarray]:
    """Look up each test jet by its file and its number there."""
    columns: dict[str, np.ndarray] = {
        name: np.full(len(tested), np.nan) for name in observed[0].values
    }
    for number in np.unique(tested.files):
        chosen = tested.files == number
        jets, labels = tested.jets[chosen], tested.labels[chosen]
        fits = number < len(observed) and jets.max() < len(observed[number].labels)
        if not fits or not np.array_equal(observed[number].labels[jets], labels):
            raise JetlineError(
                f"what was measured of {tested.file_names[number]} in {dataset}",
                found="other jets than those that were tested on",
                expected="what was measured of each jet file of the dataset, in its order",
                remedy="measure the jet files again, or give them in the order of the split",
            )
        for name, column in columns.items():
            column[chosen] = observed[number].values[name][jets]
    return columns
