"""How well taggers of more than two classes tell each from each other, and from all others."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.evaluation import bootstrap, metrics
from jetline.evaluation.comparison import over_seeds
from jetline.evaluation.differences import holm, measured, verdict
from jetline.evaluation.figures_of_merit.auc import area_under_curve
from jetline.evaluation.figures_of_merit.rejection import inverse_efficiency, lower_bound
from jetline.evaluation.scored_jets import ScoredJets
from jetline.records.classes_examination import REST, Separation, SeparationDifference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jetline.evaluation.shared_jets import SharedJets
    from jetline.records.comparison import MeasuredDifference
    from jetline.records.evaluation import Estimate

RESAMPLES = 1000

FIGURES: dict[str, Callable[[ScoredJets], np.ndarray]] = {
    "auc": area_under_curve,
    "rejection_50": lambda jets: inverse_efficiency(jets, 0.5),
    "rejection_30": lambda jets: inverse_efficiency(jets, 0.3),
}
"""What is told of two classes, by its name in files."""

_COMPARED = ("auc", "rejection_50")

#: A signal and a background, None for all other classes; and a figure.
_Key = tuple[int, int | None, str]


@dataclass(frozen=True)
class _Measured:
    """A figure of two classes of one label: of each seed, and in each resample for each."""

    estimates: list[Estimate]
    replicas: list[np.ndarray]


def separations(
    tested: SharedJets, seed: int, resamples: int = RESAMPLES
) -> tuple[list[Separation], list[SeparationDifference]]:
    """Tell two classes apart, all pairs of them and each against the rest, by every tagger.

    All are judged on the resamples that `metrics.evaluate` draws, so that differences are paired.

    Parameters
    ----------
    tested : SharedJets
        Jets of three classes or more.
    seed : int
        The configuration's seed, from which the bootstrap draws.
    resamples : int
        Their number.
    """
    pairs = _present(tested)
    found = {
        tagger.label: _of_label(tested, tagger.scores, seed, pairs, resamples)
        for tagger in tested.taggers
    }
    told = []
    for label, of_label in found.items():
        for signal, background in pairs:
            figures = {
                name: over_seeds(one.estimates, one.replicas)
                for name in FIGURES
                for one in [of_label[signal, background, name]]
            }
            names = _names(tested, signal, background)
            told.append(Separation(label=label, **names, **figures))
    return told, _differences(tested, found, pairs)


def _present(tested: SharedJets) -> list[tuple[int, int | None]]:
    """List each class against the rest, then all pairs of classes that have jets."""
    present = [number for number, _ in enumerate(tested.classes) if (tested.labels == number).any()]
    against_rest: list[tuple[int, int | None]] = [(one, None) for one in present]
    pairs: list[tuple[int, int | None]] = [(b, a) for a, b in itertools.combinations(present, 2)]
    return against_rest + pairs if len(present) > 1 else []


def _names(tested: SharedJets, signal: int, background: int | None) -> dict[str, str]:
    other = REST if background is None else tested.classes[background]
    return {"signal": tested.classes[signal], "background": other}


def _of_label(
    tested: SharedJets,
    scores: np.ndarray,
    seed: int,
    pairs: Iterable[tuple[int, int | None]],
    resamples: int,
) -> dict[_Key, _Measured]:
    """Compute every figure of one label, whose scores are (n_seeds, n_jets, n_classes)."""
    found: dict[_Key, _Measured] = defaultdict(lambda: _Measured([], []))
    for of_seed in scores:
        jets = ScoredJets.of(tested.labels, of_seed, tested.weights)
        values: dict[_Key, list[np.ndarray]] = defaultdict(list)
        for drawn in bootstrap.resamples(jets, seed, tested.dataset, resamples):
            for key, value in _figures(drawn, pairs):
                values[key].append(value)
        for key, value in _figures(jets, pairs):
            replicas = np.concatenate(values[key])
            bound = lower_bound(jets.between(*key[:2])) if key[2] != "auc" else None
            found[key].replicas.append(replicas)
            found[key].estimates.append(metrics.estimate(float(value[0]), replicas, bound))
    return dict(found)


def _figures(
    jets: ScoredJets, pairs: Iterable[tuple[int, int | None]]
) -> Iterable[tuple[_Key, np.ndarray]]:
    for signal, background in pairs:
        two = jets.between(signal, background)
        for name, figure in FIGURES.items():
            yield (signal, background, name), figure(two)


def _differences(
    tested: SharedJets,
    found: dict[str, dict[_Key, _Measured]],
    pairs: Sequence[tuple[int, int | None]],
) -> list[SeparationDifference]:
    """Compare all pairs of labels; those against the rest are judged together, and the others."""
    told = []
    families = itertools.groupby(pairs, key=lambda pair: pair[1] is None)
    for of_family in [list(members) for _, members in families]:
        for figure in _COMPARED:
            family = [
                (pair, one)
                for pair in of_family
                for labels in itertools.combinations(found, 2)
                if (one := _difference(tested.dataset, found, (*pair, figure), labels))
            ]
            adjusted = holm([one.p_value for _, one in family])
            told += [
                SeparationDifference(
                    **_names(tested, *pair),
                    **one.model_dump(exclude={"dataset"}),
                    verdict=verdict(one, one.p_value),
                    adjusted_p_value=among,
                    adjusted_verdict=verdict(one, among),
                )
                for (pair, one), among in zip(family, adjusted, strict=True)
            ]
    return told


def _difference(
    dataset: str,
    found: dict[str, dict[_Key, _Measured]],
    key: _Key,
    labels: tuple[str, ...],
) -> MeasuredDifference | None:
    """Subtract the smaller figure from the larger one; None where one has no value."""
    values = {
        label: np.array([one.value for one in found[label][key].estimates], dtype=np.float64)
        for label in labels
    }
    if any(np.isnan(of_label).any() for of_label in values.values()):
        return None
    ranked = sorted(labels, key=lambda label: -values[label].mean())
    return measured(
        dataset,
        key[2],
        (ranked[0], ranked[1]),
        [values[label] for label in ranked],
        [found[label][key].replicas for label in ranked],
    )
