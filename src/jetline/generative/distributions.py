"""Distributions of drawn and of true jets, as data to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.generative.judged_jets import DISTANCE, LN_Z, MEASURED
from jetline.generative.quantities import all_species

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from jetline.generative.judged_jets import Bins, Measured

_BINS = 40

#: Share of the jets that lie between the edges; the outermost bins take the others.
_SHOWN = 0.998

#: How many of the fine bins of constituents are drawn as one.
_TOGETHER = 8


def distributions(samples: dict[str, tuple[Measured, Measured]]) -> dict[str, np.ndarray]:
    """Count jets by their observables, and constituents by ln z and distance.

    Parameters
    ----------
    samples : dict of (Measured, Measured)
        Drawn jets and the test part, of each class and of all.

    Returns
    -------
    dict of arrays
        `of` (n,), the names of the classes; `jets` (n, 2), how many there are, drawn and true; and
        of each quantity `<name>_edges` (n_bins + 1,), `<name>_counts` and `<name>_errors`
        (n, 2, n_bins). Errors are those of sums over independent jets.
    """
    arrays = {
        "of": np.array(list(samples)),
        "jets": np.array([[len(one) for one in pair] for pair in samples.values()]),
    }
    true = np.concatenate([pair[1].observables for pair in samples.values()])
    for column, name in enumerate(MEASURED):
        edges = _edges(true[:, column])
        arrays[f"{name}_edges"] = edges
        counts = np.array(
            [
                [_histogram(one.observables[:, column], edges) for one in pair]
                for pair in samples.values()
            ]
        )
        arrays[f"{name}_counts"], arrays[f"{name}_errors"] = counts, np.sqrt(counts)
    for name, bins in (("ln_z", LN_Z), ("distance", DISTANCE)):
        arrays[f"{name}_edges"] = bins.edges[::_TOGETHER]
        found = [
            [
                _of_constituents(all_species(one.ln_z) if name == "ln_z" else one.distance, bins)
                for one in pair
            ]
            for pair in samples.values()
        ]
        both = np.array(found)
        arrays[f"{name}_counts"], arrays[f"{name}_errors"] = both[:, :, 0], both[:, :, 1]
    return arrays


def _edges(values: np.ndarray) -> np.ndarray:
    """Choose bins by true jets: of whole numbers between them, else of equal width."""
    low, high = np.quantile(values, [(1 - _SHOWN) / 2, (1 + _SHOWN) / 2])
    if np.array_equal(values, np.round(values)):
        step = max(1, round((high - low) / _BINS))
        return np.arange(low, high + step + 1, step) - 0.5
    return np.linspace(low, high if high > low else low + 1, _BINS + 1)


def _histogram(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0].astype(np.float64)


def _of_constituents(counts: csr_array, bins: Bins) -> np.ndarray:
    """Give sums over jets in the bins that are drawn, and their errors: (2, n_bins)."""
    from scipy import sparse

    columns = sparse.csr_array(
        sparse.kron(sparse.eye_array(bins.number // _TOGETHER), np.ones((_TOGETHER, 1)))
    )
    drawn = counts @ columns
    return np.stack([drawn.sum(axis=0), np.sqrt((drawn**2).sum(axis=0))])
