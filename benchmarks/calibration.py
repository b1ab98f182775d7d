"""Measure what the calibration of a report finds where the truth is known, by toys.

The toys are jets of two classes whose probability of being a quark jet is known. Scores are these
probabilities with their logits multiplied by a known temperature: 1 for a calibrated tagger, above
1 for one that is too sure of itself. As many validation jets as test jets fit the temperature.
Prints the table of docs/statistics.md; some three minutes on one core.

    python benchmarks/calibration.py [--toys 200]
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from jetline.evaluation.calibration import BINS, bins_of, calibration_error, fitted_temperature
from jetline.evaluation.calibration import tempered as cooled_by

STRENGTH = 1.5
"""Distance of the classes in units of their width; the AUC is 0.856."""
TEMPERATURES = (1.0, 1.1, 1.5, 2.0, 0.7)
JETS = (1_000, 4_000, 20_000)


def drawn(
    numbers: np.random.Generator, n_jets: int, temperature: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels (n_jets,) and scores (n_jets,) in single precision, as predictions have them."""
    labels = numbers.integers(2, size=n_jets)
    place = numbers.normal(size=n_jets) + STRENGTH * (labels - 0.5)
    return labels, expit(temperature * STRENGTH * place).astype(np.float32)


def truth(temperature: float) -> float:
    """Compute the calibration error in an infinite sample, in the same bins."""
    place = np.linspace(-8, 8, 400_001)
    density = sum(norm.pdf(place - side * STRENGTH / 2) for side in (-1, 1)) / 2
    score = expit(temperature * STRENGTH * place)
    excess = density * (expit(STRENGTH * place) - score) * (place[1] - place[0])
    return float(np.abs(np.bincount(bins_of(score), excess, BINS)).sum())


def row(numbers: np.random.Generator, toys: int, n_jets: int, temperature: float) -> str:
    """Measure one row of the table."""
    true, found = truth(temperature), []
    others = np.random.default_rng([n_jets, round(100 * temperature)])
    for _ in range(toys):
        labels, scores = drawn(numbers, n_jets, temperature)
        fitted = fitted_temperature(*drawn(numbers, n_jets, temperature))
        if fitted is None:
            raise ValueError(f"no temperature from {n_jets} jets")
        before = calibration_error(labels, scores, numbers, fitted)
        after = calibration_error(labels, cooled_by(scores, fitted), numbers)
        found.append(
            (
                *(before.value, before.bias, before.corrected, before.error, before.p_value < 0.05),
                *(fitted.value, fitted.error, after.value, after.corrected, after.p_value < 0.05),
                calibration_error(labels, scores, others).corrected,
            )
        )
    means, scatters = np.mean(found, axis=0), np.std(found, axis=0, ddof=1)
    value, bias, corrected, error, called, fit, fit_error, later, remainder, recalled, plain = means
    cells = (
        f"{n_jets:,}",
        f"{temperature:g}",
        f"{true:.4f}",
        f"{value:.4f}",
        f"{bias:.4f}",
        f"{corrected:.4f}",
        f"{scatters[2]:.4f}",
        f"{error:.4f}",
        f"{100 * called:.0f} %",
        f"{fit:.3f}",
        f"{scatters[5]:.3f}",
        f"{fit_error:.3f}",
        f"{later:.4f}",
        f"{remainder:+.4f}",
        f"{100 * recalled:.0f} %",
        f"{plain:.4f}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--toys", type=int, default=200)
    arguments = parser.parse_args()
    print(
        "| jets | sharpened by | true error | reported | its bias | corrected | scatter | told | "
        "p < 0.05 | temperature | scatter | told | after: reported | corrected | p < 0.05 | "
        "corrected as calibrated |"
    )
    print("|---" * 16 + "|")
    numbers = np.random.default_rng(4)
    for n_jets in JETS:
        for temperature in TEMPERATURES:
            print(row(numbers, arguments.toys, n_jets, temperature), flush=True)


if __name__ == "__main__":
    main()
