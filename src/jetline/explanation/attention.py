"""Place the attention of a network on the Lund plane of the jets.

Attention is a weight of a sum, and neither what a particle adds nor why (arXiv:1902.10186): it says
where the network looks. It is taken where that is well defined: the class token's, which is what
the network sums over particles for its decision. Each particle belongs to one primary emission of
its jet, but for the one where the harder branch ends; that is told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.randomness import generator
from jetline.explanation.clouds import Cloud, sums_by_jet
from jetline.explanation.explained import CHECKED, SHUFFLES
from jetline.explanation.lund_planes import LN_ANGLE_EDGES, LN_KT_EDGES, emissions_of, in_cells
from jetline.explanation.randomised import compare_jets
from jetline.explanation.sums import mean_of
from jetline.records.explanation import Attention, AttentionOf, Mean
from jetline.training.attention import TokenAttention

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jetline.inputs.sample import JetSample
    from jetline.inputs.view import ParticleView
    from jetline.training.gradients import Decisions

_BATCH = 100

#: A hundred jets of a class would leave the cells of the jets' planes empty.
_EDGES = LN_ANGLE_EDGES[::2], LN_KT_EDGES[::3]


def attention_of(
    decisions: Decisions,
    view: ParticleView,
    sample: JetSample,
    classes: Sequence[str],
    seed: int,
) -> tuple[Attention, dict[str, np.ndarray]]:
    """Find what a network's class token attends to.

    Parameters
    ----------
    decisions : Decisions
        Those of the network, for the check with shuffled weights.
    view : ParticleView
        What it is given of particles.
    sample : JetSample
        The jets, of several classes in any order.
    classes : sequence of str
        Names by number.
    seed : int
        Shuffles the weights.

    Returns
    -------
    found : Attention
    arrays : dict of str to array
        ``ln_angle`` and ``ln_kt``, edges of the cells of the plane; ``attention_<class>``, mean
        share of a particle, in units of the even share, in the cells of the emission that it
        belongs to, NaN where there is none; ``attended_<class>``, the number of particles.
    """
    asked = TokenAttention(decisions.model)
    cloud = Cloud.of(sample, np.arange(len(sample)), view)
    relative, own = _relative(asked, view, sample, np.arange(len(sample)))
    emissions = emissions_of(cloud.particles, cloud.counts)
    is_core = emissions.of_particle < 0
    places = emissions.of_particle[~is_core]
    labels = sample.labels.astype(int)
    owner = np.repeat(labels, cloud.counts)
    told = []
    arrays: dict[str, np.ndarray] = {"ln_angle": _EDGES[0], "ln_kt": _EDGES[1]}
    for kind in np.unique(labels):
        here = owner[~is_core] == kind
        of_class = places[here]
        plane = emissions.ln_angle[of_class], emissions.ln_kt[of_class]
        number, summed = (
            in_cells(*plane, weights, _EDGES) for weights in (None, relative[~is_core][here])
        )
        arrays[f"attended_{kind}"] = number
        arrays[f"attention_{kind}"] = np.divide(
            summed, number, out=np.full(number.shape, np.nan), where=number > 0
        )
        core = relative[is_core & (owner == kind)]
        token = own[labels == kind]
        told.append(AttentionOf(of=classes[kind], core=_mean(core), token=_mean(token)))
    shuffled = _shuffled(decisions, asked, view, sample, cloud.counts, relative, seed)
    return Attention(of_classes=told, shuffled=shuffled), arrays


def _relative(
    asked: TokenAttention, view: ParticleView, sample: JetSample, jets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give each particle's share in units of the even one, and what tokens give to themselves."""
    of_particles, own = [], []
    for first in range(0, len(jets), _BATCH):
        cloud = Cloud.of(sample, jets[first : first + _BATCH], view)
        tensors = cloud.tensors(view, compiled=False)
        shares, of_token = asked.of(tensors, len(cloud.particles))
        mean = np.repeat(sums_by_jet(shares, cloud.counts) / cloud.counts, cloud.counts)
        of_particles.append(shares / mean)
        own.append(of_token)
    return np.concatenate(of_particles), np.concatenate(own)


def _shuffled(
    decisions: Decisions,
    asked: TokenAttention,
    view: ParticleView,
    sample: JetSample,
    counts: np.ndarray,
    relative: np.ndarray,
    seed: int,
) -> float | None:
    """Correlate the ranks of shares with those of networks whose weights were shuffled."""
    jets = np.arange(min(CHECKED, len(sample)))
    ends = np.cumsum(counts[jets])
    trained = np.split(relative[: ends[-1]], ends[:-1])
    found = []
    for shuffle in range(SHUFFLES):
        with decisions.shuffled(generator(seed, "explain", "weights", shuffle)):
            shares, _ = _relative(asked, view, sample, jets)
        ranks, _ = compare_jets(trained, np.split(shares, ends[:-1]))
        found += [float(np.nanmedian(ranks))] if not np.isnan(ranks).all() else []
    return float(np.mean(found)) if found else None


def _mean(values: np.ndarray) -> Mean:
    mean = mean_of(values)
    assert mean is not None  # there are jets
    return mean
