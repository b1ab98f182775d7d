"""Places of flat particles in a dense form, which only neighbours and softmaxes need.

The jets of a batch are drawn at random; only for the dense form are those of similar multiplicity
put side by side, in a few groups, each as wide as its largest jet: attention over (n, n) pairs
then takes a quarter of the time that one group would take. The choice of the jets that share a
batch, or a normalisation, does not change.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jetline.inputs.view import GROUPS

if TYPE_CHECKING:
    from jetline.inputs.view import ParticleView

#: Jets in the smallest batch whose totals scatter by less than the steps for so many jets.
_FEW_SHAPES = 512

#: Least width of a group: more than the 17 places that ParticleNet needs for its neighbours.
_LEAST_WIDTH = 24


class Steps(NamedTuple):
    """Numbers of which the sizes of a batch's arrays are multiples, so that shapes occur again.

    Parameters
    ----------
    particles, pairs : int
        Of the totals of flat particles and pairs.
    width : int
        Of the widths of dense groups.
    """

    particles: int
    pairs: int
    width: int

    @classmethod
    def of(cls, batch_size: int, compiled: bool) -> Steps:
        """Choose the steps for batches of this many jets.

        The total of a random batch scatters by 18 sqrt(batch_size) particles about its mean.

        Parameters
        ----------
        batch_size : int
            Jets in the batch.
        compiled : bool
            Whether each new shape costs a compilation: then few occur, two or three totals of
            particles, and 4 % of the rows of 500 jets are padding, 10 % of those of 128.
            Otherwise a new shape costs little, and 2.5 % of the rows are padding.
        """
        jets = 1 << (batch_size - 1).bit_length()
        if not compiled:
            return cls(jets, 32 * jets, 8)
        # In smaller batches the totals scatter by a larger share.
        jets = max(jets, _round_up(math.isqrt(_FEW_SHAPES * jets), 64))
        return cls(4 * jets, 128 * jets, 64)


class Sizes(NamedTuple):
    """Sizes of the arrays of one batch.

    Parameters
    ----------
    particles : int
        Flat rows, padding included.
    widths : tuple of int
        Of the dense groups, if the view has them.
    pairs : int
        Pairs, padding included; 0 if the view has none.
    """

    particles: int
    widths: tuple[int, ...] = ()
    pairs: int = 0

    @classmethod
    def of(cls, counts: np.ndarray, view: ParticleView, compiled: bool) -> Sizes:
        """Choose the sizes for jets of these numbers of particles; `compiled` as in `Steps`."""
        steps = Steps.of(len(counts), compiled)
        widths = group_widths(counts, GROUPS, steps.width) if view.dense else ()
        pairs = int((counts * (counts + 1) // 2).sum()) if view.pairs else 0
        total = _round_up(int(counts.sum()), steps.particles)
        return cls(total, widths, _round_up(pairs, steps.pairs))


def group_widths(counts: np.ndarray, groups: int, step: int) -> tuple[int, ...]:
    """Give the widths of the groups of `dense_places`."""
    size = -(-len(counts) // groups)
    falling = -np.sort(-counts)
    largest = [int(falling[n * size :][:1].max(initial=_LEAST_WIDTH)) for n in range(groups)]
    return tuple(_round_up(most, step) for most in largest)


def _round_up(number: int, step: int) -> int:
    return -(-number // step) * step


def dense_places(
    counts: np.ndarray, groups: int, total: int, step: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Find the places of flat rows in dense groups of jets, and the row at each place.

    Parameters
    ----------
    counts : (n_jets,) integer array
        Particles of each jet; the flat rows are theirs, jet by jet.
    groups : int
        Number of groups.
    total : int
        Number of flat rows, padding included.
    step : int
        Of the groups' widths.

    Returns
    -------
    slots : (total,) int32 array
        Place of each flat row among the groups' places, taken one group after the other; 0 for
        padding.
    rows : list of (n_group, width) int32 arrays
        Flat row at each place of each group, `total` where there is none; n_group is n_jets /
        groups rounded up.
    """
    starts = np.cumsum(counts) - counts
    size = -(-len(counts) // groups)
    order = np.argsort(-counts, kind="stable")
    slots = np.zeros(total, np.int32)
    rows, offset = [], 0
    for group, width in enumerate(group_widths(counts, groups, step)):
        jets = order[group * size : (group + 1) * size]
        here = np.full((size, width), total, np.int32)
        places = np.arange(width)
        here[: len(jets)] = np.where(
            places < counts[jets, None], starts[jets, None] + places, total
        )
        real = here < total
        slots[here[real]] = offset + np.flatnonzero(real)
        offset += here.size
        rows.append(here)
    return slots, rows


def pair_places(
    counts: np.ndarray, rows: list[np.ndarray], total: int, n_pairs: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """List the pairs of particles of the same jet, and find their places in the dense groups.

    Parameters
    ----------
    counts : (n_jets,) integer array
        Particles of each jet.
    rows, total
        As `dense_places` has them.
    n_pairs : int
        Number of pairs, padding included.

    Returns
    -------
    pairs : (n_pairs, 2) int32 array
        Flat rows of each pair, the softer first, a particle with itself included; `total` twice
        for padding.
    places : list of (n_group, width, width) int32 arrays
        Pair at each place of each group, `n_pairs` where there is none.
    """
    starts = np.cumsum(counts) - counts
    # In its jet, the a-th row has a pair with each of the first a + 1.
    partners = np.arange(counts.sum()) - np.repeat(starts, counts) + 1
    first_pair = np.cumsum(partners) - partners
    real = int(partners.sum())
    pairs = np.full((n_pairs, 2), total, np.int32)
    pairs[:real, 0] = np.repeat(np.arange(len(partners)), partners)
    jet_start = np.repeat(np.repeat(starts, counts), partners)
    pairs[:real, 1] = jet_start + np.arange(real) - np.repeat(first_pair, partners)

    by_row = np.full(total + 1, n_pairs, np.int64)
    by_row[: len(first_pair)] = first_pair
    places = []
    for here in rows:
        place = np.arange(here.shape[1])
        softer = np.maximum(place[:, None], place)
        harder = np.minimum(place[:, None], place)
        row = here[:, softer]
        places.append(np.where(row < total, by_row[row] + harder, n_pairs).astype(np.int32))
    return pairs, places
