"""Which tensors a particle model is given of each jet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Groups into which a batch's jets are put by multiplicity, each with a dense form of its own.
GROUPS = 8

#: Species that a generative model tells apart, by their numbers in `generation_features`.
N_SPECIES = 14


@dataclass(frozen=True)
class ParticleView:
    """Which tensors a particle model is given of each jet.

    Parameters
    ----------
    features : "energy_flow", "particle_cloud" or "generation"
        Which features of each particle: a name in `jetline.inputs.features.FEATURES`.
    identity : "none", "experimental" or "full"
        What the features tell of the species.
    most : int or None
        How many of the hardest particles are kept; None for all.
    dense : bool
        Whether the model also needs a dense form of the particles, for the search of neighbours
        or a softmax.
    pairs : bool
        Whether the model also needs the pairs of particles; it must be `dense` too.
    pair_mass : "exact" or "weaver"
        With "weaver", the pairs have `jetline.inputs.pair_mass` too, in place of what the model
        computes itself.
    labelled : bool
        Whether the model is also given the class of each jet, as generative models are.
    further : tuple of str
        Names of further features of the particles, which stand before the others.
    """

    features: Literal["energy_flow", "particle_cloud", "generation"]
    identity: Literal["none", "experimental", "full"]
    most: int | None = None
    dense: bool = False
    pairs: bool = False
    pair_mass: Literal["exact", "weaver"] = "exact"
    labelled: bool = False
    further: tuple[str, ...] = ()
