"""Measure how often two taggers that are equally good are called different, by toys.

Draws means over seeds and spreads of two taggers, with and without a difference, and prints the
tables of docs/statistics.md: the size of the test that `jetline compare` makes, of the one before
it and of one that pools the spreads of six taggers, and what differences they find. Half a
minute on one core.

    python benchmarks/test_sizes.py [--toys 100000]
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, stdtr

from jetline.evaluation.chance import probability
from jetline.evaluation.differences import holm

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = (0.05, 0.01, 0.001)
SEEDS = (2, 3, 5)
NORMAL = (0, 0.3, 1, 3)
"""Error of the test sample in units of that of the seeds, both of the difference."""
PULLS = (3, 5, 10)
TAGGERS = 14
"""Taggers of a large comparison."""
POOLED = 6
"""Taggers in a comparison whose variances the pooled test takes together."""
RESAMPLES_ERROR = 0.03
"""By how much the test sample's error scatters with 1,000 resamples."""


@dataclass(frozen=True)
class Toys:
    """Differences between the means of two taggers that are equally good, and their errors.

    Attributes
    ----------
    difference : (n_toys,) array
        Of the means over seeds.
    normal : (n_toys,) array
        The test sample's error, as estimated.
    deviations : (POOLED, n_toys) array
        Sample standard deviation over seeds of each tagger; the first two are those compared.
    seeds : int
        Of each tagger.
    """

    difference: np.ndarray
    normal: np.ndarray
    deviations: np.ndarray
    seeds: int

    @classmethod
    def drawn(
        cls,
        numbers: np.random.Generator,
        toys: int,
        seeds: int,
        ratio: float,
        normal: float,
        pull: float = 0,
    ) -> Toys:
        """Draw toys.

        Parameters
        ----------
        numbers : numpy.random.Generator
            Where they come from.
        toys, seeds : int
            Numbers of them.
        ratio : float
            Spread of the first tagger's trainings in units of all others', which is 1.
        normal : float
            True error of the difference from the test sample, in units of that from the seeds.
        pull : float
            True difference in units of its whole error.
        """
        spreads = np.array([ratio] + [1.0] * (POOLED - 1))[:, None]
        means = numbers.normal(size=(POOLED, toys)) * spreads / np.sqrt(seeds)
        chi_squared = numbers.chisquare(seeds - 1, size=(POOLED, toys))
        of_seeds = np.hypot(ratio, 1) / np.sqrt(seeds)
        true = normal * of_seeds
        shift = pull * np.hypot(true, of_seeds)
        return cls(
            difference=shift + means[0] - means[1] + true * numbers.normal(size=toys),
            normal=true * (1 + RESAMPLES_ERROR * numbers.normal(size=toys)),
            deviations=spreads * np.sqrt(chi_squared / (seeds - 1)),
            seeds=seeds,
        )


def ours(toys: Toys) -> np.ndarray:
    """Compute p as `jetline compare` does."""
    errors = toys.deviations[:2] / np.sqrt(toys.seeds)
    # Long tails add to p, so what a normal distribution leaves need not be computed.
    p = 2 * ndtr(-np.abs(toys.difference) / np.sqrt(toys.normal**2 + (errors**2).sum(axis=0)))
    for chosen in np.array_split(np.flatnonzero(p < max(LEVELS)), max(1, len(p) // 2000)):
        student = [(error[chosen], toys.seeds - 1) for error in errors]
        p[chosen] = probability(toys.difference[chosen], toys.normal[chosen], student)
    return p


def welch(toys: Toys) -> np.ndarray:
    """Compute p by Student's distribution with Welch and Satterthwaite's degrees of freedom."""
    variances = toys.deviations[:2] ** 2 / toys.seeds
    error = np.sqrt(toys.normal**2 + variances.sum(axis=0))
    freedom = error**4 / ((variances**2).sum(axis=0) / (toys.seeds - 1))
    return 2 * stdtr(freedom, -np.abs(toys.difference) / error)


def pooled(toys: Toys) -> np.ndarray:
    """Compute p with one variance for all taggers, as if their spreads were alike."""
    freedom = POOLED * (toys.seeds - 1)
    variance = 2 * (toys.deviations**2).mean(axis=0) / toys.seeds
    error = np.sqrt(toys.normal**2 + variance)
    return 2 * stdtr(error**4 / (variance**2 / freedom), -np.abs(toys.difference) / error)


TESTS: dict[str, Callable[[Toys], np.ndarray]] = {
    "Behrens-Fisher (ours)": ours,
    "Welch (before)": welch,
    "pooled over six taggers": pooled,
}


def share_found(toys: Toys, test: Callable[[Toys], np.ndarray]) -> np.ndarray:
    """Count the share of toys with p below each of `LEVELS`."""
    return (test(toys) < np.array(LEVELS)[:, None]).mean(axis=1)


def sizes(numbers: np.random.Generator, n_toys: int) -> None:
    """Print the largest share of equal taggers called different, whatever the test sample."""
    print("| seeds | spreads | test | " + " | ".join(f"p < {level}" for level in LEVELS) + " |")
    print("|---|---|---|" + "---|" * len(LEVELS))
    for seeds in SEEDS:
        for ratio, told in ((1, "equal"), (20, "20 : 1")):
            toys = [Toys.drawn(numbers, n_toys, seeds, ratio, normal) for normal in NORMAL]
            for name, test in TESTS.items():
                shares = np.max([share_found(one, test) for one in toys], axis=0)
                cells = " | ".join(f"{share:.4f}" for share in shares)
                print(f"| {seeds} | {told} | {name} | {cells} |", flush=True)


def single_seeds(numbers: np.random.Generator, n_toys: int) -> None:
    """Print the same where one tagger has a single training, whose AUC is what is asked for."""
    print("| seeds of the other | " + " | ".join(f"p < {level}" for level in LEVELS) + " |")
    print("|---|" + "---|" * len(LEVELS))
    for seeds in SEEDS:
        found = []
        for normal in NORMAL:
            # The spread of the second is not drawn: one training is what it is.
            toys = Toys.drawn(numbers, n_toys, seeds, 0, normal)
            student = [(toys.deviations[1] / np.sqrt(seeds), seeds - 1)]
            p = probability(toys.difference, toys.normal, student)
            found.append((p < np.array(LEVELS)[:, None]).mean(axis=1))
        print(
            f"| {seeds} | " + " | ".join(f"{share:.4f}" for share in np.max(found, axis=0)) + " |"
        )


def power(numbers: np.random.Generator, n_toys: int) -> None:
    """Print which true differences are found at p < 0.05, the spreads being equal."""
    print(
        "| seeds | error of the test sample | " + " | ".join(f"{pull} σ" for pull in PULLS) + " |"
    )
    print("|---|---|" + "---|" * len(PULLS))
    for seeds in SEEDS:
        for normal in NORMAL[1:]:
            drawn = [Toys.drawn(numbers, n_toys // 10, seeds, 1, normal, pull) for pull in PULLS]
            cells = " | ".join(f"{100 * share_found(toys, ours)[0]:.0f} %" for toys in drawn)
            print(f"| {seeds} | {normal} | {cells} |", flush=True)


def many_pairs(numbers: np.random.Generator, n_toys: int) -> None:
    """Print how often a comparison of equally good taggers calls some pair different."""
    print("| seeds | test | some pair | pairs, mean | some pair, by Holm |")
    print("|---|---|---|---|---|")
    first, second = np.array(list(itertools.combinations(range(TAGGERS), 2))).T
    n_reports = n_toys // 100
    for seeds in SEEDS:
        means = numbers.normal(size=(TAGGERS, n_reports)) / np.sqrt(seeds)
        means += numbers.normal(size=means.shape) / np.sqrt(seeds)
        chi_squared = numbers.chisquare(seeds - 1, size=means.shape)
        deviations = np.sqrt(chi_squared / (seeds - 1))
        toys = Toys(
            difference=(means[first] - means[second]).ravel(),
            normal=np.full(len(first) * n_reports, np.sqrt(2 / seeds)),
            deviations=np.stack([deviations[first].ravel(), deviations[second].ravel()]),
            seeds=seeds,
        )
        for name, test in (("Behrens-Fisher (ours)", ours), ("Welch (before)", welch)):
            p = test(toys).reshape(len(first), n_reports)
            adjusted = np.array([min(holm(one)) for one in p.T])
            print(
                f"| {seeds} | {name} | {100 * (p < 0.05).any(axis=0).mean():.0f} % "
                f"| {(p < 0.05).sum(axis=0).mean():.1f} | {100 * (adjusted < 0.05).mean():.1f} % |"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--toys", type=int, default=100_000)
    n_toys = parser.parse_args().toys
    for table in (sizes, single_seeds, power, many_pairs):
        table(np.random.default_rng(1), n_toys)
        print()


if __name__ == "__main__":
    main()
