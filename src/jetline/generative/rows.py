"""Judging the jets of one class, or of all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jetline.generative.judged_jets import Measured
from jetline.generative.neighbours import COVERING_JETS, NEAREST, coverage, nearness
from jetline.generative.quantities import compared
from jetline.generative.resampling import (
    bootstraps,
    compare,
    halves,
    resplits,
    spread_places,
    whole,
)
from jetline.generative.verdicts import VISIBLE, Quantity, judged
from jetline.jets.species import PDG_IDS
from jetline.jets.species_names import SPECIES_NAMES
from jetline.records.judgement import Estimate, SpeciesShare

if TYPE_CHECKING:
    from jetline.generative.resampling import Comparison
    from jetline.records.judgement import JudgedRow


@dataclass(frozen=True)
class Sample:
    """Jets of one role, of one class or of all.

    Attributes
    ----------
    jets : Measured
    points : (n_jets, 15) float64 array
        They in the space of invariants.
    nearest : (n_jets,) float64 array
        Distance of each to the nearest training jet; NaN of a training jet.
    """

    jets: Measured
    points: np.ndarray
    nearest: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> Sample:
        """Take some of the jets."""
        return Sample(self.jets[rows], self.points[rows], self.nearest[rows])

    def __len__(self) -> int:
        return len(self.jets)


def judge_samples(
    of: str,
    drawn: Sample,
    reference: Sample,
    bar: Sample,
    random: np.random.Generator,
) -> list[JudgedRow]:
    """Judge all that is told of drawn jets.

    Parameters
    ----------
    of : str
        Name of the class.
    drawn, reference, bar : Sample
        Drawn jets, the test part, and as many other true jets as drawn ones.
    random : numpy.random.Generator
        Draws re-splits and bootstraps.
    """
    n, m = len(drawn), len(reference)
    species = all(one.jets.knows_species for one in (drawn, reference, bar))
    rows = []
    both = Measured.together([drawn.jets, reference.jets])
    true = Measured.together([bar.jets, reference.jets])
    for quantities, comparison in compared(reference.jets, species=species):
        made, among_true = comparison(both, n), comparison(true, len(bar))
        rows += judged_rows(of, quantities, (made, n), (among_true, len(bar), len(true)), m, random)
    rows += _copying(of, drawn, reference, bar, random)
    rows += _coverage(of, drawn, reference, bar, random)
    return rows


def judged_rows(
    of: str,
    quantities: list[Quantity],
    drawn: tuple[Comparison, int],
    true: tuple[Comparison, int, int],
    reference: int,
    random: np.random.Generator,
) -> list[JudgedRow]:
    """Judge what a comparison gives of drawn jets by what it gives of true ones.

    Parameters
    ----------
    of : str
        Name of the class.
    quantities : list of Quantity
    drawn : (Comparison, int)
        Of drawn jets and the test part, and how many are drawn.
    true : (Comparison, int, int)
        Of true jets, how many of them a re-split puts into the first sample, and how many there
        are.
    reference : int
        How many jets the test part has.
    random : numpy.random.Generator
        Draws re-splits and bootstraps.
    """
    made, n = drawn
    replicas = compare(made, bootstraps(n, reference, random))
    with np.errstate(invalid="ignore"):  # of what some replicas do not have: no row
        errors = replicas.std(axis=0, ddof=1)
    among_true = compare(true[0], resplits(*true[1:], random))
    return _rows(of, quantities, made(*whole(n, reference))[0], errors, among_true)


def _rows(
    of: str,
    quantities: list[Quantity],
    values: np.ndarray,
    errors: np.ndarray,
    true: np.ndarray,
) -> list[JudgedRow]:
    found = (
        judged(of, quantity, float(value), float(error), column)
        for quantity, value, error, column in zip(quantities, values, errors, true.T, strict=True)
    )
    return [row for row in found if row is not None]


def _copying(
    of: str, drawn: Sample, reference: Sample, bar: Sample, random: np.random.Generator
) -> list[JudgedRow]:
    """Judge how near drawn jets come to training jets, beside true jets that are none."""
    untrained = bar.nearest[~np.isnan(bar.nearest)]
    true = np.concatenate([untrained, reference.nearest])
    if not np.isfinite(true).all():  # there is no training part
        return []
    size = float(true.std())
    quantities = [
        Quantity(
            "copying",
            "median",
            "median distance to the nearest training jet",
            "standard deviations",
            VISIBLE * size,
            size,
            signed=True,
        ),
        *(
            Quantity(
                "copying",
                f"nearest_{share:g}",
                f"share nearer to a training jet than the nearest {100 * share:g} % of true jets",
                "",
                share,
                signed=True,
            )
            for share in NEAREST
        ),
    ]
    limits = np.quantile(true, NEAREST)
    first = min(len(drawn), len(true) // 2)
    made = nearness(np.concatenate([drawn.nearest, reference.nearest]), limits)
    among_true = (nearness(true, limits), first, len(true))
    return judged_rows(of, quantities, (made, len(drawn)), among_true, len(reference), random)


def _coverage(
    of: str, drawn: Sample, reference: Sample, bar: Sample, random: np.random.Generator
) -> list[JudgedRow]:
    """Judge which share of the test part's neighbourhoods has a drawn jet."""

    def of_points(sample: Sample) -> tuple[Comparison, int, int]:
        n, m = (min(len(one), COVERING_JETS) for one in (sample, reference))
        places = spread_places(len(sample), len(reference), COVERING_JETS)
        return coverage(np.concatenate([sample.points, reference.points])[places]), n, m

    covered, n, m = of_points(drawn)
    error = compare(covered, halves(n, m, random)).std(axis=0, ddof=1)
    true, of_bar, _ = of_points(bar)
    among_true = compare(true, resplits(of_bar, of_bar + m, random))
    label = "share of test jets with a drawn jet in their neighbourhood"
    quantity = Quantity("coverage", "coverage", label, "", VISIBLE, signed=True)
    return _rows(of, [quantity], covered(*whole(n, m))[0], error, among_true)


def species_shares(of: str, drawn: Sample, reference: Sample) -> list[SpeciesShare]:
    """Give the share of each species in the constituents of drawn jets and of the test part."""

    def shares(sample: Sample) -> list[Estimate]:
        counts = sample.jets.species[:, : len(PDG_IDS)]
        total = counts.sum(axis=1)
        found = counts.sum(axis=0) / total.sum()
        # Constituents of a jet are not independent: the jet varies, a ratio of sums over jets.
        errors = np.sqrt(((counts - found * total[:, None]) ** 2).sum(axis=0)) / total.sum()
        return [
            Estimate(value=float(one), error=float(error))
            for one, error in zip(found, errors, strict=True)
        ]

    if not (drawn.jets.knows_species and reference.jets.knows_species):
        return []
    return [
        SpeciesShare(of=of, pdg_id=pdg_id, label=SPECIES_NAMES[pdg_id], drawn=one, truth=other)
        for pdg_id, one, other in zip(PDG_IDS, shares(drawn), shares(reference), strict=True)
    ]
