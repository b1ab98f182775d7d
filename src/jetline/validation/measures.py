"""How close jets come to the published benchmark, and what they are like where none is published.

Jets count as their kinds would in equal numbers, whatever the numbers are, so that the
values compare.
"""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jetline.core.classes import UNLABELLED
from jetline.core.errors import JetlineError
from jetline.jets.species import PDG_IDS
from jetline.jets.species_names import SPECIES_NAMES
from jetline.observables.table import OBSERVABLES
from jetline.validation import published
from jetline.validation.estimates import area_under_roc, mean_and_deviation, species_fractions
from jetline.validation.measurement import MEASURED, Measurement, measured
from jetline.validation.near_copies import NearCopies, near_copies
from jetline.validation.orientation import reversal
from jetline.validation.verdicts import judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.records.validation import Quantity

KINDS = {"quark": 1, "gluon": 0}

#: Observables whose distributions are looked at; that of the multiplicity is published too.
DISTRIBUTIONS = ("multiplicity", "pt", "mass", "girth", "ptd", "z_max")


class Sample:
    """Measured jets of several files together.

    Raises
    ------
    JetlineError
        If jets have no labels or are of other kinds, or there are fewer than two of every kind.

    Attributes
    ----------
    kinds : dict of (n_jets,) bool arrays
        The jets of each kind.
    told : list of str
        Kinds with two jets or more, of which figures are told: one jet has no error.
    """

    def __init__(self, measurements: Sequence[Measurement]) -> None:
        self.measurements = measurements
        self.labels = np.concatenate([one.labels for one in measurements] or [np.array([])])
        self.kinds = {kind: self.labels == label for kind, label in KINDS.items()}
        numbers = self.numbers
        self.told = [kind for kind, number in numbers.items() if number >= 2]
        others = (self.labels > max(KINDS.values())) & (self.labels < UNLABELLED)
        if others.any():
            raise JetlineError(
                ", ".join(one.file for one in measurements),
                found=f"{np.count_nonzero(others)} jets with labels of 2 or more",
                expected="jets of quarks (1) and gluons (0), which alone the benchmark has",
                remedy="give files of these alone; jets of other classes have nothing to be "
                "compared with here",
            )
        if sum(numbers.values()) < len(self) or not self.told:
            raise JetlineError(
                ", ".join(one.file for one in measurements) or "no jet files",
                found=f"{numbers['quark']} quark jets and {numbers['gluon']} gluon jets "
                f"among {len(self)} jets",
                expected="labels (array y) throughout, and two jets of a kind or more",
                remedy="give files with more jets, all of them labelled",
            )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def numbers(self) -> dict[str, int]:
        """Jets of each kind."""
        return {kind: int(np.count_nonzero(chosen)) for kind, chosen in self.kinds.items()}

    @cached_property
    def values(self) -> dict[str, np.ndarray]:
        """(n_jets,) array of each observable."""
        return {
            name: np.concatenate([one.values[name] for one in self.measurements])
            for name in MEASURED
        }

    def of_kind(self, name: str, kind: str) -> np.ndarray:
        """Give an observable of the jets of one kind."""
        return self.values[name][self.kinds[kind]]

    @cached_property
    def weights(self) -> np.ndarray | None:
        """(n_jets,) array of the jets' weights; None where all count the same."""
        known = [one.weights for one in self.measurements if one.weights is not None]
        return np.concatenate(known) if len(known) == len(self.measurements) else None

    def weights_of(self, kind: str) -> np.ndarray | None:
        """Give the weights of the jets of one kind."""
        return None if self.weights is None else self.weights[self.kinds[kind]]

    @property
    def limits(self) -> str:
        """What jets of one kind cannot tell, in a sentence; empty where there are both."""
        if len(self.told) == len(KINDS):
            return ""
        (kind,) = self.told
        (other,) = KINDS.keys() - self.told
        number = self.numbers[other]
        return (
            f"Of {kind} jets alone, because there {'is' if number == 1 else 'are'} "
            f"{number or 'no'} {other} jet{'' if number == 1 else 's'}: figures that need both "
            "kinds are left out."
        )

    @property
    def recognised(self) -> list[str]:
        """Which files begin with the jets of the benchmark's first file, told in sentences."""
        return [
            f"{one.file} begins with the jets of {published.FIRST_FILE}."
            for one in self.measurements
            if published.begins_first_file(one.first_jet, one.labels)
        ]

    @cached_property
    def near_copies(self) -> NearCopies:
        """The jets that are like an earlier one but for rotation, reflection, shift or smearing."""
        return near_copies(self.measurements)

    @property
    def warnings(self) -> list[str]:
        """What makes the jets doubtful, in sentences: labels the wrong way round, near copies."""
        alone = [reversal(one.file, one.labels, one.values) for one in self.measurements]
        told = [text for text in alone if text]
        if not told and len(alone) > 1:
            told = [text for text in [reversal("all files", self.labels, self.values)] if text]
        return told + ([self.near_copies.warning] if self.near_copies.warning else [])


def read_sample(paths: Sequence[Path]) -> Sample:
    """Measure jet files, or read what was measured of them, and take them together.

    Raises
    ------
    JetlineError
        If a file is bad or unlabelled, or the files have fewer than two jets of every kind.
    """
    return Sample([measured(Path(path)) for path in paths])


def validation_rows(sample: Sample) -> list[Quantity]:
    """Measure all that the benchmark publishes, beside its values, and some that it does not.

    The goals, in `jetline.validation.published`: mean and deviation of the multiplicity within 2 %,
    shares of species within 0.3 percentage points, areas under ROC curves within 0.008, no jet
    outside the selection. What needs both kinds of jets is left out where one is missing.
    """
    both = len(sample.told) == len(KINDS)
    return [
        *_multiplicities(sample),
        *(_fractions(sample) if both else []),
        *(_area(sample, name) for name in published.AUC if both),
        *(_mean(sample, name, kind) for name in DISTRIBUTIONS[1:] for kind in sample.told),
        *_degenerate(sample, both=both),
    ]


def _multiplicities(sample: Sample) -> list[Quantity]:
    rows = []
    for kind, targets in published.MULTIPLICITY.items():
        if kind not in sample.told:
            continue
        values = sample.of_kind("multiplicity", kind)
        estimates = mean_and_deviation(values, sample.weights_of(kind))
        for what, value, error, target in zip(
            ("mean", "deviation"), estimates[::2], estimates[1::2], targets, strict=True
        ):
            rows.append(
                judge(
                    f"{kind} multiplicity, {what}",
                    *(value, error, len(values), 2, target, published.JETS // 2),
                    goal=published.MULTIPLICITY_GOAL * target,
                )
            )
    return rows


def _fractions(sample: Sample) -> list[Quantity]:
    species = np.concatenate([one.species for one in sample.measurements])
    fractions, errors = species_fractions(
        species, sample.values["multiplicity"], list(sample.kinds.values()), sample.weights
    )
    found = dict(zip(PDG_IDS, zip(fractions, errors, strict=True), strict=True))
    return [
        judge(
            f"{name} [% of particles]",
            *(100 * float(fraction), 100 * float(error), len(sample), 2),
            published=100 * published.FRACTIONS[pdg_id],
            goal=100 * published.FRACTIONS_GOAL,
        )
        for pdg_id, name in SPECIES_NAMES.items()
        if pdg_id in published.FRACTIONS
        for fraction, error in [found[pdg_id]]
    ]


def _area(sample: Sample, name: str) -> Quantity:
    # Quark jets have fewer particles and less mass.
    both = ("quark", "gluon")
    quark, gluon = (-sample.of_kind(name, kind) for kind in both)
    own = [one for kind in both if (one := sample.weights_of(kind)) is not None]
    area, error = area_under_roc(quark, gluon, (own[0], own[1]) if own else None)
    return judge(
        f"AUC of the {OBSERVABLES[name].label}",
        *(area, error, len(sample), 4, published.AUC[name], published.AUC_JETS),
        goal=published.AUC_GOAL,
    )


def _mean(sample: Sample, name: str, kind: str) -> Quantity:
    values = sample.of_kind(name, kind)
    mean, error, *_ = mean_and_deviation(values, sample.weights_of(kind))
    observable = OBSERVABLES[name]
    unit = f" [{observable.unit}]" if observable.unit else ""
    digits = 2 if observable.unit else 4
    return judge(f"{kind} {observable.label}, mean{unit}", mean, error, len(values), digits)


def _degenerate(sample: Sample, *, both: bool) -> list[Quantity]:
    """Count jets that are alike, without width, or outside the benchmark's selection.

    The published share of jets of one particle is that of `both` kinds together.
    """
    n_jets = len(sample)
    pt, rapidity = sample.values["pt"], np.abs(sample.values["rapidity"])
    low, high = published.PT_WINDOW
    beyond = (pt < low - published.PT_TOLERANCE) | (pt > high + published.PT_TOLERANCE)
    forward = rapidity >= published.LARGEST_RAPIDITY + published.RAPIDITY_TOLERANCE
    alone = int(np.count_nonzero(sample.values["multiplicity"] == 1))
    massless = int(np.count_nonzero(sample.values["mass"] == 0))
    fingerprints = np.concatenate([one.fingerprints for one in sample.measurements])

    def selected(what: str, out: np.ndarray) -> Quantity:
        return judge(what, int(np.count_nonzero(out)), 0, n_jets, 0, 0, goal=0)

    return [
        judge(
            "jets of one particle",
            alone,
            math.sqrt(max(alone, 1)),  # of a Poisson count, never nought
            *(n_jets, 1, published.ONE_PARTICLE * n_jets if both else None),
            published_jets=published.ONE_PARTICLE_JETS,
        ),
        selected(f"jets outside {low:.0f} to {high:.0f} GeV", beyond),
        selected(f"jets of absolute rapidity {published.LARGEST_RAPIDITY} or more", forward),
        judge("jets of no mass", massless, 0, n_jets, 0),
        judge("jets that repeat another", n_jets - len(np.unique(fingerprints)), 0, n_jets, 0),
        judge(
            f"jets nearly like another{sample.near_copies.among}",
            *(sample.near_copies.number, 0, sample.near_copies.searched, 0),
        ),
    ]
