"""Put the particles of a training's jets on the device, once, where that is possible and pays.

A GPU trains a small network on more jets a second than threads of Python make batches of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np

from jetline.core.errors import JetlineError
from jetline.inputs.making import inputs_of
from jetline.inputs.tensors import kept_particles, multiplicities
from jetline.jets.constituents import PT
from jetline.training.batches import Batches
from jetline.training.feed import Feed, feeding_threads, has_gpu
from jetline.training.held_jets import HeldSample
from jetline.training.parallel import devices_in_use

if TYPE_CHECKING:
    from jetline.inputs.sample import JetSample
    from jetline.inputs.view import ParticleView
    from jetline.models.architecture import Network

#: Jets whose features are computed at a time.
_BLOCK = 4096

#: Of the device's free memory; the network and its steps need the rest.
_SHARE = 0.5


def hold_where_it_pays(
    training: JetSample, validation: JetSample, network: Network
) -> tuple[JetSample, JetSample]:
    """Give the same jets, held on the GPU if there is one that can.

    On a CPU the steps take longer than the batches, and nothing is said. On a GPU it is said what
    is held, and of what is not, why.
    """
    if not has_gpu():
        return training, validation
    view = network.view
    spread = "each is spread over several GPUs" if devices_in_use() > 1 else None
    if reason := spread or _unsuited(training, view):
        print(f"batches are made on the host: {reason}", flush=True)
        return training, validation
    assert view is not None
    if network.training.augmentation:
        print("batches are made on the host in training: augmentation changes each", flush=True)
        return training, _held_if_it_fits(validation, view, "validation")
    return (
        _held_if_it_fits(training, view, "training"),
        _held_if_it_fits(validation, view, "validation"),
    )


def hold_for_seeds(
    training: JetSample, validation: JetSample, network: Network
) -> tuple[JetSample, JetSample]:
    """Give the same jets, their particles held where the steps of several seeds gather them.

    Raises
    ------
    JetlineError
        If they take too much of the device's memory.
    """
    view = network.view
    if view is None:
        return training, validation
    if not has_gpu():
        return hold(training, view), validation
    held = _held_if_it_fits(training, view, "training")
    if held is training:
        raise JetlineError(
            "seeds_together",
            found="particles that do not fit on the GPU, where several seeds gather them",
            expected="jets that take less than half of its memory",
            remedy="write `seeds_together: false`, or take a GPU with more memory",
        )
    return held, _held_if_it_fits(validation, view, "validation")


def _unsuited(sample: JetSample, view: ParticleView | None) -> str | None:
    """Tell why batches of such jets cannot be gathered on the device, or None if they can."""
    if keras.backend.backend() != "jax":
        return f"with {keras.backend.backend()}; with jax they are gathered on the GPU"
    if view is None:
        return f"jets are held as particles, and not as {inputs_of(sample.shards[0]).inputs}"
    if view.pair_mass == "weaver":
        return "ln m2 of pairs is asked for as weaver rounds it"
    return None


def _held_if_it_fits(sample: JetSample, view: ParticleView, part: str) -> JetSample:
    """Hold the jets, unless they take too much of the device's memory; say which."""
    from jetline.training.gathering import MOST_ROWS, free_bytes, held_bytes

    rows, free = int(_counts(sample, view).sum()), free_bytes()
    size = held_bytes(rows, _width(sample, view), len(sample))
    told = f"the particles of the {part} part, {size / 1e9:.2f} GB"
    if rows > MOST_ROWS or (free is not None and size > _SHARE * free):
        print(f"batches are made on the host: {told}, are more than fits on the GPU", flush=True)
        return sample
    held = hold(sample, view)
    print(f"batches are gathered on the GPU: {told}, are held there", flush=True)
    return held


def hold(sample: JetSample, view: ParticleView) -> HeldSample:
    """Put the features of all particles of a sample on the device, with JAX.

    Raises
    ------
    JetlineError
        If a particle has no finite numbers.
    """
    import jax.numpy as jnp

    from jetline.training.gathering import Held, put_rows

    counts, width = _counts(sample, view), _width(sample, view)
    ends = np.cumsum(counts)
    blocks = Batches(sample, np.arange(len(sample)), _BLOCK, view)
    first = np.concatenate([[0], ends[_BLOCK - 1 :: _BLOCK], ends[-1:]])
    # All blocks as long as the longest, so that one compiled function puts them: what a block has
    # too many is overwritten by the next.
    longest = int(np.diff(first).max())

    def made(number: int) -> np.ndarray:
        rows = np.zeros((longest, width), np.float32)
        features, particles, here = kept_particles(sample, blocks.jets(number), view)
        segments = np.repeat(np.arange(len(here)), here)
        blocks.require_finite(number, {"features": features, "segments": segments})
        rows[: len(features), : features.shape[1]] = features
        if view.pairs:
            rows[: len(features), -1] = particles[:, PT]
        return rows

    whole = jnp.zeros((int(ends[-1]) + longest, width), jnp.float32)
    for number, rows in enumerate(Feed(made, range(len(blocks)), feeding_threads())):
        whole = put_rows(whole, rows, np.int32(first[number]))
    offsets = jnp.asarray(np.concatenate([[0], ends]), jnp.int32)
    held = Held(whole, offsets, jnp.asarray(sample.labels, jnp.int32))
    return HeldSample(
        sample.shards, sample.shard, sample.row, held, counts, view, weights=sample.weights
    )


def _counts(sample: JetSample, view: ParticleView) -> np.ndarray:
    """Count the particles of each jet that are kept."""
    counts = multiplicities(sample, np.arange(len(sample)))
    return np.minimum(counts, view.most) if view.most else counts


def _width(sample: JetSample, view: ParticleView) -> int:
    """Give the number of columns that are held of a particle."""
    features = kept_particles(sample, np.arange(1), view)[0]
    return features.shape[1] + (1 if view.pairs else 0)
