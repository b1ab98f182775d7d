"""Measure how often an interval of the test sample holds the truth, and the bias of a rejection.

The toys are jets of two classes with scores that are unit Gaussians apart, and a second tagger
that sees the same with noise, so that every figure of merit is known. Prints the tables of
docs/statistics.md; some three minutes on one core. With ``--auc-toys`` only the intervals of the
AUC and of its difference, which are faster: a thousand toys a minute. With ``--weighted`` only the
intervals of jets that are drawn from a wider distribution and have weights for it.

    python benchmarks/interval_coverage.py [--toys 1000] [--jets 2000] [--auc-toys 8000]
    python benchmarks/interval_coverage.py --weighted
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.special import expit, ndtr, ndtri

from jetline.evaluation import bootstrap
from jetline.evaluation.bootstrap import central_interval
from jetline.evaluation.figures_of_merit import in_order
from jetline.evaluation.metrics import evaluate
from jetline.evaluation.scored_jets import ScoredJets
from jetline.evaluation.spread import spread

STRENGTH = 1.5
"""Distance of the classes; the AUC is 0.856."""
NOISE = 0.4
"""Of the second tagger."""
EFFICIENCIES = {"rejection_50": 0.5, "rejection_30": 0.3}
FIGURES = ("accuracy", "auc", *EFFICIENCIES)


def truth(strength: float) -> dict[str, float]:
    """Compute each figure of merit of a tagger in an infinite sample."""
    known = {"accuracy": ndtr(strength / 2), "auc": ndtr(strength / np.sqrt(2))}
    return known | {name: 1 / ndtr(ndtri(share) - strength) for name, share in EFFICIENCIES.items()}


WIDTH = 1.3
"""Of the distribution that jets with weights are drawn from; that of all others is 1."""


def drawn(numbers: np.random.Generator, n_jets: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw labels (n_jets,), and the scores (n_jets,) of both taggers."""
    labels = numbers.integers(2, size=n_jets)
    distance = numbers.normal(size=n_jets) + STRENGTH * (labels - 0.5)
    return labels, expit(distance), expit(distance + NOISE * numbers.normal(size=n_jets))


def weighted(numbers: np.random.Generator, n_jets: int) -> tuple[np.ndarray, ...]:
    """Draw labels, scores and weights, (n_jets,) each, with the truth of those without weights."""
    labels = numbers.integers(2, size=n_jets)
    apart = numbers.normal(size=n_jets)
    distance = WIDTH * apart + STRENGTH * (labels - 0.5)
    weights = WIDTH * np.exp(apart**2 / 2 - (WIDTH * apart) ** 2 / 2)
    second = expit(distance + NOISE * numbers.normal(size=n_jets))
    return labels, expit(distance), second, weights


def coverage(numbers: np.random.Generator, toys: int, n_jets: int, *, weigh: bool) -> None:
    """Print the share of toys whose 68.27 % interval holds the truth."""
    true, other = truth(STRENGTH), truth(STRENGTH / np.hypot(1, NOISE))
    held: dict[str, list[bool]] = {}
    for toy in range(toys):
        labels, *scores = (weighted if weigh else drawn)(numbers, n_jets)
        weights = scores.pop() if weigh else None
        first, second = (evaluate(labels, one, toy, "toys", weights=weights) for one in scores)
        for column, name in enumerate(first.estimates):
            if name not in FIGURES:
                continue
            replicas = [one.replicas[:, column] for one in (first, second)]
            expected = [true[name], other[name]]
            told = f"difference in {name}"
            if name in EFFICIENCIES:
                replicas, expected = np.log(replicas), np.log(expected)
                told = f"ratio of {name}"
            for key, interval, right in (
                (name, central_interval(first.replicas[:, column]), true[name]),
                (told, central_interval(replicas[0] - replicas[1]), expected[0] - expected[1]),
            ):
                low, high = interval
                inside = low is not None and high is not None and low <= right <= high
                held.setdefault(key, []).append(inside)
    print(f"{toys} toys of {n_jets} jets:\n\n| interval of | holds the truth |\n|---|---|")
    for key, inside in held.items():
        share = np.mean(inside)
        error = np.sqrt(share * (1 - share) / toys)
        print(f"| {key} | {100 * share:.1f} ± {100 * error:.1f} % |", flush=True)


def coverage_of_auc(numbers: np.random.Generator, toys: int, n_jets: int) -> None:
    """Print the same for the AUC and its difference, and what a normal distribution would hold."""
    of_first, of_second = truth(STRENGTH)["auc"], truth(STRENGTH / np.hypot(1, NOISE))["auc"]
    auc, found = in_order()["auc"], []
    for toy in range(toys):
        labels, *scores = drawn(numbers, n_jets)
        taggers = [ScoredJets.of(labels, one) for one in scores]
        first, second = (
            np.concatenate(
                [
                    auc.in_each(resample)
                    for resample in bootstrap.resamples(jets, 11_000_000 + toy, "toys", 1000)
                ]
            )
            for jets in taggers
        )
        values = [float(auc.in_each(jets)[0]) for jets in taggers]
        for replicas, value, right in (
            (first, values[0], of_first),
            (first - second, values[0] - values[1], of_first - of_second),
        ):
            low, high = central_interval(replicas)
            inside = low is not None and high is not None and low <= right <= high
            error = replicas.std(ddof=1)
            found.append((inside, abs(value - right) < error, value - right, error))
    print(f"{toys} toys of {n_jets} jets:\n")
    print("| interval of | holds the truth | by their deviation | scatter | its estimate |")
    print("|---|---|---|---|---|")
    for name, of in (("auc", found[::2]), ("difference in auc", found[1::2])):
        share, normal, _, error = np.mean(of, axis=0)
        uncertain = 100 * np.sqrt(share * (1 - share) / toys)
        scatter = np.std([one[2] for one in of], ddof=1)
        print(
            f"| {name} | {100 * share:.1f} ± {uncertain:.1f} % "
            f"| {100 * normal:.1f} ± {uncertain:.1f} % | {scatter:.5f} | {error:.5f} |"
        )


def bias(numbers: np.random.Generator, toys: int) -> None:
    """Print how far rejections and gluon efficiencies are from the truth on average."""
    print("| quark efficiency | gluon jets that pass | 1/ε_g | ln 1/ε_g | ε_g |")
    print("|---|---|---|---|---|")
    true = truth(STRENGTH)
    for name, share in EFFICIENCIES.items():
        for passing in (5, 11, 30, 100):
            n_jets = round(2 * passing * true[name])
            found = np.array(
                [
                    ScoredJets.of(*drawn(numbers, n_jets)[:2]).gluon_efficiency(np.array([share]))
                    for _ in range(4 * toys)
                ]
            ).ravel()
            known = found[found > 0]
            biases = (
                (1 / known).mean() / true[name] - 1,
                -np.log(known).mean() - np.log(true[name]),
                found.mean() * true[name] - 1,
            )
            cells = " | ".join(f"{100 * one:+.1f} %" for one in biases)
            print(f"| {100 * share:.0f} % | {passing} | {cells} |", flush=True)


def seeds(numbers: np.random.Generator, toys: int) -> None:
    """Print the mean spread over seeds, and how often the mean and its error hold the truth."""
    print(
        "| seeds | before | corrected | holds, before | holds, corrected |\n|---|---|---|---|---|"
    )
    for number in (2, 3, 5, 10):
        values = numbers.normal(size=(20 * toys, number))
        plain = values.std(axis=1, ddof=1)
        corrected = np.array([spread(one) for one in values])
        distance = np.abs(values.mean(axis=1)) * np.sqrt(number)
        held = [100 * (distance < one).mean() for one in (plain, corrected)]
        print(
            f"| {number} | {plain.mean():.2f} | {corrected.mean():.2f} "
            f"| {held[0]:.0f} % | {held[1]:.0f} % |"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--toys", type=int, default=1000)
    parser.add_argument("--jets", type=int, default=2000)
    parser.add_argument("--auc-toys", type=int)
    parser.add_argument("--weighted", action="store_true")
    arguments = parser.parse_args()
    if arguments.auc_toys:
        coverage_of_auc(np.random.default_rng(11), arguments.auc_toys, arguments.jets)
        return
    if arguments.weighted:
        coverage(np.random.default_rng(5), arguments.toys, arguments.jets, weigh=True)
        return
    seeds(np.random.default_rng(3), arguments.toys)
    print()
    bias(np.random.default_rng(2), arguments.toys)
    print()
    coverage(np.random.default_rng(1), arguments.toys, arguments.jets, weigh=False)


if __name__ == "__main__":
    main()
