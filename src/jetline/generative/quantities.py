"""What is compared of two samples of jets, and how much of it must be visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from jetline.generative import distances
from jetline.generative.judged_jets import DISTANCE, LN_Z, MEASURED, Measured
from jetline.generative.resampling import among, spread_places
from jetline.generative.verdicts import VISIBLE, Quantity
from jetline.jets.species import PDG_IDS
from jetline.jets.species_names import SPECIES_NAMES
from jetline.observables.table import OBSERVABLES

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from jetline.generative.judged_jets import Bins
    from jetline.generative.resampling import Comparison

#: Quantities, and what compares them: it is given the jets of two samples, one after the other, and
#: how many are of the first.
Compared = tuple[list[Quantity], Callable[[Measured, int], "Comparison"]]

#: Jets of the test part of which the kernel distance of a visible shift is taken.
_SHIFTED = 1000


def compared(reference: Measured, *, species: bool) -> list[Compared]:
    """List what is compared with the test part.

    Parameters
    ----------
    reference : Measured
        The test part, which sets the scale of what must be visible.
    species : bool
        Whether both samples know the species of constituents.
    """
    of_species = [_shares(reference), _ln_z_of_species(reference)] if species else []
    return [
        _observables(reference),
        _ln_z(reference),
        _distance(reference),
        *of_species,
        _correlations(reference),
        _frechet(reference),
        _kernel(reference),
    ]


def _observables(reference: Measured) -> Compared:
    def quantity(name: str, size: float) -> Quantity:
        known = OBSERVABLES.get(name)
        label, unit = (known.label, known.unit) if known else ("jet mass / pT", "")
        return Quantity("observables", name, label, unit, VISIBLE * size, size)

    sizes = reference.observables.std(axis=0)
    return (
        [quantity(name, float(size)) for name, size in zip(MEASURED, sizes, strict=True)],
        lambda jets, _first: distances.wasserstein(jets.observables),
    )


def _binned(group: str, name: str, label: str, counts: csr_array, bins: Bins) -> Quantity:
    """Tell of constituents that are counted in bins."""
    number = np.asarray(counts.sum(axis=0), np.float64).ravel()
    size = 0.0
    if number.sum():
        centres = bins.edges[:-1] + bins.width / 2
        mean = np.average(centres, weights=number)
        size = float(np.sqrt(np.average((centres - mean) ** 2, weights=number)))
    return Quantity(group, name, label, "", VISIBLE * size, size)


def all_species(ln_z: csr_array) -> csr_array:
    """Add up constituents of all species, (n_jets, n_bins)."""
    from scipy import sparse

    number = LN_Z.number
    columns = sparse.vstack([sparse.eye_array(number)] * (ln_z.shape[1] // number), "csr")
    return ln_z @ columns


def _ln_z(reference: Measured) -> Compared:
    counts = all_species(reference.ln_z)
    return (
        [_binned("constituents", "ln_z", "ln z of constituents", counts, LN_Z)],
        lambda jets, _first: distances.wasserstein_of_constituents(
            all_species(jets.ln_z), np.array([LN_Z.width])
        ),
    )


def _distance(reference: Measured) -> Compared:
    label = "distance of constituents from the axis"
    return (
        [_binned("constituents", "distance", label, reference.distance, DISTANCE)],
        lambda jets, _first: distances.wasserstein_of_constituents(
            jets.distance, np.array([DISTANCE.width])
        ),
    )


def _shares(reference: Measured) -> Compared:
    counts = reference.species[:, : len(PDG_IDS)]
    shares = counts.sum(axis=0) / counts.sum()
    return (
        [
            Quantity(
                "species' shares",
                str(pdg_id),
                f"share of {SPECIES_NAMES[pdg_id]}",
                "",
                float(VISIBLE * share),
                signed=True,
            )
            for pdg_id, share in zip(PDG_IDS, shares, strict=True)
        ],
        lambda jets, _first: distances.share_differences(jets.species[:, : len(PDG_IDS)]),
    )


def _ln_z_of_species(reference: Measured) -> Compared:
    number = LN_Z.number
    blocks = [reference.ln_z[:, k * number : (k + 1) * number] for k in range(len(PDG_IDS))]
    return (
        [
            _binned(
                "species' ln z",
                str(pdg_id),
                f"ln z of {SPECIES_NAMES[pdg_id]}",
                counts,
                LN_Z,
            )
            for pdg_id, counts in zip(PDG_IDS, blocks, strict=True)
        ],
        lambda jets, _first: distances.wasserstein_of_constituents(
            jets.ln_z[:, : len(PDG_IDS) * number], np.full(len(PDG_IDS), LN_Z.width)
        ),
    )


def _correlations(reference: Measured) -> Compared:
    true = reference.observables
    told = {"mean": "mean difference of correlations", "largest": "largest of these differences"}
    return (
        [Quantity("correlations", name, label, "", VISIBLE) for name, label in told.items()],
        lambda jets, _first: distances.correlation_differences(jets.observables, true),
    )


def _frechet(reference: Measured) -> Compared:
    true = reference.polynomials
    # The distance of samples one of which is shifted by a tenth of each standard deviation.
    seen = float(VISIBLE**2 * distances.scaled_by(true, true).var(axis=0).sum())
    return (
        [Quantity("polynomials", "fpd", "Fréchet physics distance", "", seen)],
        lambda jets, _first: distances.frechet(distances.scaled_by(jets.polynomials, true)),
    )


def _kernel(reference: Measured) -> Compared:
    true = reference.polynomials

    def comparison(jets: Measured, first: int) -> Comparison:
        places = spread_places(first, len(jets) - first, distances.KERNEL_JETS)
        features = distances.scaled_by(jets.polynomials[places], true)
        return among(places, distances.kernel(features))

    seen = distances.kernel_of_shift(distances.scaled_by(true[:_SHIFTED], true), VISIBLE)
    return [Quantity("polynomials", "kpd", "kernel physics distance", "", seen)], comparison
