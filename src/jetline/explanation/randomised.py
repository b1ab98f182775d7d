"""The check with shuffled weights: an explanation that survives it says little of what was learned.

J. Adebayo et al., Sanity Checks for Saliency Maps, arXiv:1810.03292.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.records.explanation import WeightsCheck

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Rank correlation of the sizes, from which on an explanation is said to survive; it is also that
#: of the values with their signs. Sizes of any network's are correlated, because each particle's
#: difference from its baseline enters them.
SIZES_SURVIVE, SIGNED_SURVIVE = 0.8, 0.5


def compare_jets(
    trained: Iterable[np.ndarray], shuffled: Iterable[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Correlate, jet by jet, the ranks of what particles add in two networks.

    Parameters
    ----------
    trained, shuffled : iterables of (n,) arrays
        What the particles, or pixels, of each jet add.

    Returns
    -------
    magnitudes, signed : (n_jets,) float64 arrays
        NaN where a jet has fewer than three, or all add the same.
    """
    pairs = [
        (rank_correlation(np.abs(one), np.abs(other)), rank_correlation(one, other))
        for one, other in zip(trained, shuffled, strict=True)
    ]
    magnitudes, signed = np.array(pairs, np.float64).reshape(-1, 2).T
    return magnitudes, signed


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Compute Spearman's rank correlation; NaN where it has no meaning."""
    from scipy.stats import rankdata

    if len(one) < 3:
        return float("nan")
    ranks = [rankdata(values) - (len(one) + 1) / 2 for values in (one, other)]
    product = float((ranks[0] @ ranks[0]) * (ranks[1] @ ranks[1]))
    return float(ranks[0] @ ranks[1]) / np.sqrt(product) if product else float("nan")


def verdict(magnitudes: np.ndarray, signed: np.ndarray) -> WeightsCheck | None:
    """Sum up `compare_jets` over jets, and over shuffles of the weights.

    Parameters
    ----------
    magnitudes, signed : (n_shuffles, n_jets) float64 arrays

    Returns
    -------
    WeightsCheck or None
        None where no correlation has a meaning. Signs are random where weights are, from shuffle
        to shuffle, so that the mean over these is taken.
    """
    if np.isnan(magnitudes).all() or np.isnan(signed).all():
        return None
    of_sizes = float(np.nanmedian(magnitudes))
    of_all = float(np.mean([np.nanmedian(one) for one in signed if not np.isnan(one).all()]))
    survives = of_sizes >= SIZES_SURVIVE or of_all >= SIGNED_SURVIVE
    return WeightsCheck(magnitudes=of_sizes, signed=of_all, survives=survives)
