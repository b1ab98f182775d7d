"""Provide shards and samples of a few bundled jets, for the tests of models and training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.observables import Observables
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import open_shard
from jetline.jets.formats.npz import write_jets

if TYPE_CHECKING:
    from pathlib import Path

#: As `jetline statistics` would give, for models that are built by hand.
STATISTICS = {"shape": [28, 28, 1], "largest": [40.0]}


def make_shards(folder: Path, constituents: np.ndarray, labels: np.ndarray, inputs: str) -> list:
    """Two opened shards, each with half of the jets."""
    shards = []
    for number, half in enumerate(np.array_split(np.arange(len(labels)), 2)):
        jets, shard = folder / f"jets_{number}.npz", folder / inputs / str(number)
        write_jets(jets, constituents[half], labels[half])
        if inputs == "particles":
            make_shard(Particles(), jets, shard)
        elif inputs == "observables":
            make_shard(Observables(), jets, shard)
        else:
            name = inputs.removeprefix("images/")
            make_shard(Images(name, RECIPES[name]), jets, shard)
        shards.append(open_shard(shard))
    return shards


def every(shards: list) -> JetSample:
    """All jets of the shards, in their order."""
    return JetSample.choose(shards, [np.arange(len(shard)) for shard in shards])


def some(shards: list, part: int) -> JetSample:
    """Every third jet of the shards, from `part` on."""
    return JetSample.choose(shards, [np.arange(part, len(shard), 3) for shard in shards])
