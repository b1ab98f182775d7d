"""Samples as weights: true jets split anew, and the bootstrap.

Everything that compares two samples is a function of the jets of both, one after the other, and of
two weights of each: its weight in the first sample, and in the second. So the same function gives
the value itself, its bootstrap replicas and what true jets reach among themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

#: Weights (n_samples, n_jets) of jets in a first and in a second sample; rows of each add up to 1.
Weights = tuple[np.ndarray, np.ndarray]

#: Compares samples given by weights: (n_samples, n_quantities).
Comparison = Callable[[np.ndarray, np.ndarray], np.ndarray]

#: Times that true jets are split anew, and that the bootstrap draws.
RESPLITS, REPLICAS = 200, 100

_AT_ONCE = 4_000_000  # weights at a time: 32 MB


def whole(first: int, second: int) -> Weights:
    """Give the weights of the two samples themselves, `first` jets and then `second`."""
    place = np.arange(first + second)[None]
    return (place < first) / first, (place >= first) / second


def resplits(
    first: int, jets: int, random: np.random.Generator, number: int = RESPLITS
) -> Iterator[Weights]:
    """Split jets at random into `first` of them and the rest, again and again.

    The spread over such splits is that of independent samples of these sizes, since the jets of
    both are drawn from the same distribution (permutation test: R. A. Fisher, The Design of
    Experiments, 1935, chapter 3).
    """
    for size in _sizes(number, jets):
        chosen = np.zeros((size, jets), bool)
        chosen[:, :first] = True
        chosen = random.permuted(chosen, axis=1)
        yield chosen / first, ~chosen / (jets - first)


def bootstraps(
    first: int, second: int, random: np.random.Generator, number: int = REPLICAS
) -> Iterator[Weights]:
    """Draw both samples with replacement (B. Efron, Ann. Statist. 7 (1979) 1)."""
    for size in _sizes(number, first + second):
        drawn = np.zeros((2, size, first + second))
        drawn[0, :, :first] = random.multinomial(first, np.full(first, 1 / first), size) / first
        drawn[1, :, first:] = random.multinomial(second, np.full(second, 1 / second), size) / second
        yield drawn[0], drawn[1]


def compare(comparison: Comparison, samples: Iterable[Weights]) -> np.ndarray:
    """Compare all samples: (n_samples, n_quantities)."""
    return np.concatenate([comparison(*weights) for weights in samples])


def _sizes(number: int, jets: int) -> list[int]:
    at_once = max(1, _AT_ONCE // jets)
    return [min(at_once, number - start) for start in range(0, number, at_once)]


def halves(
    first: int, second: int, random: np.random.Generator, number: int = REPLICAS
) -> Iterator[Weights]:
    """Draw half of each sample, without replacement, for what repeated jets would change.

    The spread over halves is that of whole samples: the variance of a half is twice as large, and
    half of it is what all halves of one sample share (the delete-d jackknife of J. Shao, C. F. J.
    Wu, Ann. Statist. 17 (1989) 1176).
    """
    for size in _sizes(number, first + second):
        drawn = np.zeros((2, size, first + second))
        for start, jets, weights in ((0, first, drawn[0]), (first, second, drawn[1])):
            half = max(1, jets // 2)
            weights[:, start : start + half] = 1 / half
            weights[:, start : start + jets] = random.permuted(
                weights[:, start : start + jets], axis=1
            )
        yield drawn[0], drawn[1]


def among(places: np.ndarray, comparison: Comparison) -> Comparison:
    """Compare by the jets at some places alone."""

    def compared(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        one, other = first[:, places], second[:, places]
        one = one / one.sum(axis=1, keepdims=True)
        return comparison(one, other / other.sum(axis=1, keepdims=True))

    return compared


def spread_places(first: int, second: int, most: int) -> np.ndarray:
    """Give places of at most `most` jets of each of two samples, evenly among all of them."""
    return np.concatenate(
        [
            start + np.linspace(0, number - 1, min(number, most)).astype(np.int64)
            for start, number in ((0, first), (first, second))
        ]
    )
