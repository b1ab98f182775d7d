"""How close jets come to the published benchmark: multiplicity and species, with their errors.

The published figures are those of the first file of Zenodo record 3164691 (100,000 jets of
Pythia 8.226, half of each kind). Jets count as their kinds would in equal numbers, whatever the
numbers are, so that the figures compare.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jetline.errors import JetlineError
from jetline.jets.format import PDG_ID, PDG_IDS, PT, Jets, read_jets

KINDS = {"quark": 1, "gluon": 0}

#: Mean and standard deviation of the multiplicity.
PUBLISHED_MULTIPLICITY = {"quark": (33.40, 13.34), "gluon": (53.22, 15.76)}
#: Share of each species in the particles of all jets.
PUBLISHED_FRACTIONS = {
    22: 0.4582,
    211: 0.2004,
    -211: 0.1996,
    321: 0.0247,
    -321: 0.0241,
    130: 0.0240,
    2212: 0.0158,
    2112: 0.0157,
    -2212: 0.0155,
    -2112: 0.0154,
}
#: Area under the ROC curve of a cut on the multiplicity alone.
PUBLISHED_AUC = 0.840
#: Jets of one particle, as a share of all jets: about 4 in 500,000.
PUBLISHED_ONE_PARTICLE = 8e-6
PUBLISHED_JETS = 100_000
PUBLISHED_ONE_PARTICLE_JETS = 500_000

#: A difference above so many standard errors is called one.
STANDARD_ERRORS = 2.0
_NAMES = {
    22: "photons",
    211: "π⁺",
    -211: "π⁻",
    321: "K⁺",
    -321: "K⁻",
    130: "K_L",
    2212: "protons",
    2112: "neutrons",
    -2212: "antiprotons",
    -2112: "antineutrons",
}


@dataclass(frozen=True)
class Counts:
    """What validation needs of each jet.

    Parameters
    ----------
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon.
    multiplicities : (n_jets,) int64 array
        Constituents.
    species : (n_jets, 14) int64 array
        Constituents of each species, in the order of `jetline.jets.format.PDG_IDS`.
    """

    labels: np.ndarray
    multiplicities: np.ndarray
    species: np.ndarray


@dataclass(frozen=True)
class Row:
    """One figure beside its published value.

    Parameters
    ----------
    quantity : str
        What was measured.
    measured, error : float
        The value and its standard error.
    published : float
        The benchmark's value.
    n_jets, published_jets : int
        Jets behind each. The published value's error is `error` scaled from one to the other.
    goal : float
        Largest difference that a faithful sample may have; infinite if none is set.
    digits : int
        Decimals to print.
    """

    quantity: str
    measured: float
    error: float
    published: float
    n_jets: int
    published_jets: int
    goal: float
    digits: int

    @property
    def difference(self) -> float:
        """Measured less published."""
        return self.measured - self.published

    @property
    def standard_errors(self) -> float:
        """The difference in units of its standard error, both samples' together."""
        return abs(self.difference) / (
            self.error * math.sqrt(1 + self.n_jets / self.published_jets)
        )

    @property
    def within_goal(self) -> bool:
        """Whether the difference is no larger than the goal."""
        return abs(self.difference) <= self.goal

    @property
    def verdict(self) -> str:
        """The row's result in words."""
        if not self.within_goal:
            return "OUTSIDE the goal"
        if self.standard_errors <= STANDARD_ERRORS:
            return "agrees"
        return f"within the goal, but {self.standard_errors:.1f} standard errors off"


def count(jets: Jets) -> Counts:
    """Count the constituents of each jet by species."""
    present = jets.constituents[..., PT] > 0
    pdg_ids = jets.constituents[..., PDG_ID]
    species = [np.count_nonzero(present & (pdg_ids == pdg_id), axis=1) for pdg_id in PDG_IDS]
    return Counts(jets.labels, jets.multiplicities, np.stack(species, axis=1))


def mean_and_deviation(values: np.ndarray) -> tuple[float, float, float, float]:
    """Mean, its standard error, standard deviation, its standard error, of (n,) values.

    The deviation's error is ``sqrt((m4 - s^4) / n) / (2 s)``, with ``m4`` the fourth central
    moment (M. G. Kendall, A. Stuart, The Advanced Theory of Statistics, volume 1, section 10.8):
    multiplicities are no Gaussian.
    """
    n = len(values)
    mean, deviation = values.mean(), values.std(ddof=1)
    fourth = np.mean((values - mean) ** 4)
    spread = math.sqrt(max(fourth - deviation**4, 0) / n) / (2 * deviation)
    return float(mean), float(deviation / math.sqrt(n)), float(deviation), spread


def species_fractions(counts: Counts) -> tuple[np.ndarray, np.ndarray]:
    """Share of each species in all particles, and its standard error.

    Particles of one jet are not independent, so the jet is the unit that varies: this is the
    combined ratio estimate of a stratified sample, its strata the two kinds of jets
    (W. G. Cochran, Sampling Techniques, 3rd edition, section 6.11).

    Returns
    -------
    fractions, errors : (14,) float arrays
        In the order of `jetline.jets.format.PDG_IDS`; the fractions add up to 1.
    """
    kinds = [counts.labels == label for label in KINDS.values()]
    particles = sum(counts.multiplicities[kind].mean() for kind in kinds)
    fractions = sum(counts.species[kind].mean(axis=0) for kind in kinds) / particles
    residuals = counts.species - fractions * counts.multiplicities[:, None]
    variances = sum(residuals[kind].var(axis=0, ddof=1) / kind.sum() for kind in kinds)
    return fractions, np.sqrt(variances) / particles


def area_under_roc(signal: np.ndarray, background: np.ndarray) -> tuple[float, float]:
    """Chance that signal scores above background (ties count half), and its standard error.

    The area is the Mann-Whitney statistic; its error is that of E. R. DeLong, D. M. DeLong,
    D. L. Clarke-Pearson, Biometrics 44 (1988) 837, by mid-ranks as X. Sun, W. Xu,
    IEEE Signal Process. Lett. 21 (2014) 1389, equations 5 to 10.

    Parameters
    ----------
    signal : (n,) array
        Scores of two signal jets or more.
    background : (m,) array
        Scores of two background jets or more.
    """
    n, m = len(signal), len(background)
    ranks = _mid_ranks(np.concatenate([signal, background]))
    # For each signal jet the share of background below it, and the reverse.
    above = (ranks[:n] - _mid_ranks(signal)) / m
    below = 1 - (ranks[n:] - _mid_ranks(background)) / n
    error = math.sqrt(above.var(ddof=1) / n + below.var(ddof=1) / m)
    return float(above.mean()), error


def _mid_ranks(values: np.ndarray) -> np.ndarray:
    """Rank of each of (n,) values, from 1; ties share the mean of their ranks."""
    _, inverse, sizes = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(sizes) - (sizes - 1) / 2)[inverse]


def validation_rows(counts: Counts) -> list[Row]:
    """Every figure that the benchmark publishes, beside its published value.

    The goals: mean and deviation of the multiplicity within 2 %, shares of species within 0.3
    percentage points, the area under the ROC curve of the multiplicity within 0.008.
    """
    rows = []
    multiplicity = {kind: counts.multiplicities[counts.labels == KINDS[kind]] for kind in KINDS}
    for kind, published in PUBLISHED_MULTIPLICITY.items():
        values = multiplicity[kind]
        figures = mean_and_deviation(values)
        names = (f"{kind} multiplicity, mean", f"{kind} multiplicity, deviation")
        for name, measured, error, target in zip(
            names, figures[::2], figures[1::2], published, strict=True
        ):
            goal = 0.02 * target
            rows.append(Row(name, measured, error, target, len(values), 50_000, goal, 2))
    n_jets = len(counts.labels)
    for pdg_id, fraction, error in zip(PDG_IDS, *species_fractions(counts), strict=True):
        if pdg_id in PUBLISHED_FRACTIONS:
            published = 100 * PUBLISHED_FRACTIONS[pdg_id]
            name = f"{_NAMES[pdg_id]} [% of particles]"
            rows.append(
                Row(name, 100 * fraction, 100 * error, published, n_jets, PUBLISHED_JETS, 0.3, 2)
            )
    auc, error = area_under_roc(-multiplicity["quark"], -multiplicity["gluon"])
    name = "AUC of the multiplicity"
    rows.append(Row(name, auc, error, PUBLISHED_AUC, n_jets, PUBLISHED_JETS, 0.008, 4))
    alone = np.count_nonzero(counts.multiplicities == 1)
    rows.append(
        Row(
            "jets of one particle",
            alone,
            math.sqrt(max(alone, 1)),  # of a Poisson count, never nought
            PUBLISHED_ONE_PARTICLE * n_jets,
            n_jets,
            PUBLISHED_ONE_PARTICLE_JETS,
            math.inf,
            1,
        )
    )
    return rows


def validation_table(paths: Iterable[Path]) -> list[Row]:
    """Compare jet files, taken together, with the published benchmark.

    Raises
    ------
    JetlineError
        If a file is bad or unlabelled, or the files have fewer than two jets of a kind.
    """
    paths = [Path(path) for path in paths]
    counts = [count(read_jets(path)) for path in paths]
    labels = np.concatenate([part.labels for part in counts]) if counts else np.array([])
    numbers = {kind: np.count_nonzero(labels == label) for kind, label in KINDS.items()}
    if sum(numbers.values()) < len(labels) or min(numbers.values()) < 2:
        raise JetlineError(
            ", ".join(map(str, paths)) or "no jet files",
            found=f"{numbers['quark']} quark jets and {numbers['gluon']} gluon jets "
            f"among {len(labels)} jets",
            expected="labels (array y) throughout, and two jets of each kind or more",
            remedy="give files with both kinds of jets",
        )
    multiplicities = np.concatenate([part.multiplicities for part in counts])
    species = np.concatenate([part.species for part in counts])
    return validation_rows(Counts(labels, multiplicities, species))


def format_table(rows: list[Row]) -> str:
    """The rows as a Markdown table, its columns aligned."""
    cells = [("quantity", "measured", "published", "difference", "verdict")]
    for row in rows:
        d = row.digits
        measured = f"{row.measured:.{d}f} ± {row.error:.{d}f}"
        difference = f"{row.difference:+.{d}f}"
        cells.append((row.quantity, measured, f"{row.published:.{d}f}", difference, row.verdict))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, tuple("-" * width for width in widths))
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in cells
    ]
    return "".join(f"| {line} |\n" for line in lines)
