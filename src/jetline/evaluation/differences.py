"""Whether one architecture is better than another: paired differences, told honestly."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.evaluation import bootstrap
from jetline.evaluation.chance import probability
from jetline.evaluation.display import with_errors
from jetline.records.comparison import Difference

if TYPE_CHECKING:
    from jetline.evaluation.seeds import Entry

SIGNIFICANT = 0.05
"""Probability of so large a difference by chance, below which it is called significant."""


def auc_differences(of_dataset: list[Entry]) -> list[Difference]:
    """Compare every pair of labels on one dataset by their AUC, the larger one first.

    There is nothing to compare where all test jets are of one class.
    """
    known = [entry for entry in of_dataset if None not in entry.values("auc")]
    ranked = sorted(known, key=lambda entry: -_values(entry).mean())
    return [auc_difference(*pair) for pair in itertools.combinations(ranked, 2)]


def auc_difference(first: Entry, second: Entry) -> Difference:
    """Subtract the AUC of `second` from that of `first`, means over seeds, with both errors.

    The test sample's error is paired: both are evaluated on the same resamples, so what all
    taggers share cancels. The seeds' error is that of the difference of two means, from the
    sample variance over seeds of each. The probability of a difference as large by chance takes
    the test sample's error for well known, and each of the seeds' for an estimate from so few
    trainings, see `chance.probability`. Where a label has a single seed, it is the probability
    for this one training: nothing is known of how others would scatter.
    """
    values = [_values(entry) for entry in (first, second)]
    difference = float(values[0].mean() - values[1].mean())
    low, high = _ends(first.replicas("auc") - second.replicas("auc"))
    sample_error = (high - low) / 2
    of_means = [
        (float(value.std(ddof=1)) / math.sqrt(len(value)), len(value) - 1)
        for value in values
        if len(value) > 1
    ]
    several = len(of_means) == len(values)
    seed_error = math.hypot(*(error for error, _ in of_means)) if several else None
    error = math.hypot(sample_error, seed_error or 0)
    p_value = _chance(difference, sample_error, of_means)
    if p_value >= SIGNIFICANT:
        verdict = "not significant"
    else:
        verdict = "significant" if several else "one seed only"
    outcome = {
        "dataset": first.dataset,
        "first": first.label,
        "second": second.label,
        "difference": difference,
        "low": low,
        "high": high,
        "sample_error": sample_error,
        "seed_error": seed_error,
        "error": error,
        "p_value": p_value,
        "verdict": verdict,
    }
    return Difference.model_validate(outcome | {"statement": _statement(outcome)})


def _values(entry: Entry) -> np.ndarray:
    """AUC of each seed, which has a value where a sample has both classes."""
    return np.array(entry.values("auc"), dtype=np.float64)


def _ends(replicas: np.ndarray) -> tuple[float, float]:
    low, high = bootstrap.central_interval(replicas)
    if low is None or high is None:
        raise ValueError("no resample holds jets of both classes")
    return low, high


def _chance(difference: float, sample_error: float, of_means: list[tuple[float, int]]) -> float:
    """Compute the probability of the difference by chance, given the errors of both means.

    A test sample whose resamples all give the same difference is too small for an error, and
    tells nothing.
    """
    return float(probability(difference, sample_error, of_means)) if sample_error else 1.0


def _statement(outcome: dict[str, Any]) -> str:
    first, second = outcome["first"], outcome["second"]
    chance = "p < 0.001" if outcome["p_value"] < 0.001 else f"p = {outcome['p_value']:.2g}"
    difference = with_errors(
        outcome["difference"],
        [outcome["sample_error"], outcome["seed_error"]],
        ["test sample", "seeds"],
    )
    if outcome["verdict"] == "significant":
        return f"The AUC of {first} is larger than that of {second} by {difference} ({chance})."
    if outcome["verdict"] == "not significant":
        untold = "" if outcome["seed_error"] is not None else ", even before the spread over seeds"
        return (
            f"No significant difference between {first} and {second}{untold}: "
            f"{difference} ({chance})."
        )
    return (
        f"This training of {first} does better than this one of {second} beyond the error of the "
        f"test sample, by {difference} ({chance}); with a single seed the spread over trainings "
        f"is unknown, so it is not known whether the architecture is better."
    )
