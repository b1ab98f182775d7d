"""Whether one architecture is better than another: paired differences, told honestly."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import QUARK_GLUON
from jetline.evaluation import bootstrap, display
from jetline.evaluation.chance import probability
from jetline.evaluation.figures_of_merit import FIGURES_OF_MERIT, in_order
from jetline.evaluation.spread import c4
from jetline.records.comparison import Difference, MeasuredDifference, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.evaluation.seeds import Entry

SIGNIFICANT = 0.05
"""Probability of so large a difference by chance, below which it is called significant."""


def differences(of_dataset: list[Entry]) -> list[Difference]:
    """Compare every pair of labels on one dataset, by each figure of merit that is compared.

    The larger one comes first, and the pairs of the largest first of all. There is nothing to
    compare where a figure of merit has no value: where all test jets are of one class, or no
    gluon jet passes.
    """
    told = []
    for name, figure in in_order(None).items():
        if not figure.compared or name not in of_dataset[0].figures_of_merit:
            continue
        known = [entry for entry in of_dataset if None not in entry.values(name)]
        ranked = sorted(known, key=lambda entry: -_values(entry, name).mean())
        pairs = [difference(*pair, name) for pair in itertools.combinations(ranked, 2)]
        classes = of_dataset[0].results[0].record.jets.classes
        told += together([pair for pair in pairs if pair], classes)
    return told


def difference(first: Entry, second: Entry, figure: str) -> MeasuredDifference | None:
    """Subtract a figure of merit of `second` from that of `first`, means over seeds.

    The test sample's error is paired: both are evaluated on the same resamples, so what all
    taggers share cancels. The seeds' error is that of the difference of two means, from the
    `spread.spread` over seeds of each. The probability of a difference as large by chance takes
    the test sample's error for well known, and each of the seeds' for an estimate from so few
    trainings, see `chance.probability`. Where a label has a single seed, it is the probability
    for this one training: nothing is known of how others would scatter.

    Returns
    -------
    MeasuredDifference or None
        None where so many resamples have no gluon jet left that there is no interval.
    """
    pair = (first, second)
    return measured(
        first.dataset,
        figure,
        (first.label, second.label),
        [np.array(entry.values(figure), dtype=np.float64) for entry in pair],
        [entry.replicas_by_seed(figure) for entry in pair],
    )


def measured(
    dataset: str,
    figure: str,
    labels: tuple[str, str],
    of_seeds: Sequence[np.ndarray],
    replicas: Sequence[Sequence[np.ndarray]],
) -> MeasuredDifference | None:
    """Subtract what the second label reaches from what the first does, as `difference` does.

    Parameters
    ----------
    dataset, figure : str
        Names of the test dataset, and of the figure of merit, which says how it is compared.
    labels : (str, str)
        Names of both.
    of_seeds : sequence of (n_seeds,) float arrays
        What each training of either reaches.
    replicas : sequence of sequence of (n_resamples,) float arrays
        The same in each resample.
    """
    values = [_compared(one, figure) for one in of_seeds]
    distance = float(values[0].mean() - values[1].mean())
    low, high = _interval(replicas, figure)
    if low is None or high is None:
        return None
    sample_error = (high - low) / 2
    of_means = [
        (float(value.std(ddof=1)) / math.sqrt(len(value)), len(value) - 1)
        for value in values
        if len(value) > 1
    ]
    several = len(of_means) == len(values)
    # The p-value knows by the degrees of freedom that these are too small on average.
    corrected = [error / c4(freedom + 1) for error, freedom in of_means]
    seed_error = math.hypot(*corrected) if several else None
    return MeasuredDifference(
        dataset=dataset,
        figure=figure,
        first=labels[0],
        second=labels[1],
        difference=distance,
        low=low,
        high=high,
        sample_error=sample_error,
        seed_error=seed_error,
        error=math.hypot(sample_error, seed_error or 0),
        p_value=_chance(distance, sample_error, of_means),
    )


def together(
    found: Sequence[MeasuredDifference], classes: Sequence[str] = QUARK_GLUON
) -> list[Difference]:
    """Judge all pairs of one dataset and figure of merit, each alone and among the others."""
    adjusted = holm([one.p_value for one in found])
    return [
        Difference(
            **one.model_dump(),
            verdict=verdict(one, one.p_value),
            adjusted_p_value=among,
            adjusted_verdict=verdict(one, among),
            statement=_statement(one, among, len(found), classes),
        )
        for one, among in zip(found, adjusted, strict=True)
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct probabilities for their number (S. Holm, Scand. J. Statist. 6 (1979) 65).

    If what is below 0.05 afterwards is called significant, the chance that any of the equal pairs
    is called so stays below 0.05, however the probabilities depend on each other.
    """
    order = np.argsort(p_values, kind="stable")
    left = np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.maximum.accumulate(np.array(p_values, dtype=np.float64)[order] * left)
    return [float(one) for one in adjusted.clip(max=1)]


def _values(entry: Entry, figure: str) -> np.ndarray:
    """Give what is compared for each seed; each has a value where a sample has both classes."""
    return _compared(np.array(entry.values(figure), dtype=np.float64), figure)


def _compared(values: np.ndarray, figure: str) -> np.ndarray:
    return np.log(values) if _is_logarithm(figure) else values


def _is_logarithm(figure: str) -> bool:
    return FIGURES_OF_MERIT[figure].compared == "logarithm"


def _interval(
    replicas: Sequence[Sequence[np.ndarray]], figure: str
) -> tuple[float | None, float | None]:
    of_first, of_second = (
        np.mean([_compared(column, figure) for column in of_label], axis=0) for of_label in replicas
    )
    with np.errstate(invalid="ignore"):
        # Where neither has gluon jets left it is not defined: NaN, which the interval leaves out.
        return bootstrap.central_interval(of_first - of_second)


def _chance(distance: float, sample_error: float, of_means: list[tuple[float, int]]) -> float:
    """Compute the probability of the difference by chance, given the errors of both means.

    A test sample whose resamples all give the same difference is too small for an error, and
    tells nothing.
    """
    return float(probability(distance, sample_error, of_means)) if sample_error else 1.0


def verdict(found: MeasuredDifference, p_value: float) -> Verdict:
    """Judge a difference by a probability, its own or one corrected for the number of others."""
    if p_value >= SIGNIFICANT:
        return "not significant"
    return "significant" if found.seed_error is not None else "one seed only"


def _statement(
    found: MeasuredDifference, adjusted: float, pairs: int, classes: Sequence[str]
) -> str:
    figure, first, second = FIGURES_OF_MERIT[found.figure], found.first, found.second
    figure = figure.named(classes)
    name = figure.in_words or figure.title
    told = display.difference(
        found.difference,
        [found.sample_error, found.seed_error],
        ["test sample", "seeds"],
        logarithm=_is_logarithm(found.figure),
    )
    chance = _equation(found.p_value)
    corrected = _equation(adjusted)
    judged = verdict(found, found.p_value)
    if judged == "not significant":
        untold = "" if found.seed_error is not None else ", even before the spread over seeds"
        return (
            f"No significant difference between {first} and {second} in {name}{untold}: "
            f"{told} ({chance})."
        )
    chances = f"({chance}; {corrected} among {pairs} pairs)" if pairs > 1 else f"({chance})"
    if judged == "significant":
        larger = f"The {name} of {first} is larger than that of {second} by {told}"
        if adjusted >= SIGNIFICANT:
            return f"{larger} ({chance}), but among {pairs} pairs not significantly ({corrected})."
        return f"{larger} {chances}."
    return (
        f"By {name} this training of {first} does better than this one of {second} beyond the "
        f"error of the test sample, by {told} {chances}; with a single seed the spread over "
        f"trainings is unknown, so it is not known whether the architecture is better."
    )


def _equation(p_value: float) -> str:
    shown = display.chance(p_value)
    return f"p {shown}" if shown.startswith("<") else f"p = {shown}"
