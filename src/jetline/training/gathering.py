"""Batches gathered on the device from flat particles that are there, by one compiled function.

This module and `jetline.training.seed_steps` need JAX as such; whoever imports them has it for
Keras' backend.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from jetline.inputs.tensors import by_group

if TYPE_CHECKING:
    from jetline.inputs.dense import Sizes
    from jetline.inputs.view import ParticleView

#: Particles that int32 counts, with room for what is put behind them at first.
MOST_ROWS = 2_000_000_000


class Held(NamedTuple):
    """Jets on the device.

    Parameters
    ----------
    rows : (n_rows, n_features) or (n_rows, n_features + 1) float32 array
        Features of the particles of each jet, one jet after the other, then pT [GeV] where the
        view has pairs; further rows behind them.
    offsets : (n_jets + 1,) int32 array
        Jet i has the rows ``offsets[i]:offsets[i + 1]``.
    labels : (n_jets,) int32 array
        Of each jet.
    """

    rows: Any
    offsets: Any
    labels: Any


def held_bytes(rows: int, width: int, jets: int) -> int:
    """Give the size of `Held` arrays."""
    return 4 * (rows * width + 2 * jets + 1)


def free_bytes() -> int | None:
    """Tell how much memory of the device is free; None for a CPU, which does not say."""
    memory = jax.local_devices()[0].memory_stats()
    return memory["bytes_limit"] - memory["bytes_in_use"] if memory else None


@functools.partial(jax.jit, donate_argnums=0)
def put_rows(whole: Any, rows: Any, first: Any) -> Any:
    """Write rows into an array from the row `first` on; its memory is used again."""
    return jax.lax.dynamic_update_slice(whole, rows, (first, 0))


@functools.partial(jax.jit, static_argnames=("sizes", "view"))
def gathered(held: Held, jets: Any, sizes: Sizes, view: ParticleView) -> tuple[Any, Any]:
    """Gather tensors and labels of a batch as `jetline.training.batches.Batches` makes them.

    Parameters
    ----------
    held : Held
        Where the jets are.
    jets : (n_jets,) int32 array
        Positions there.
    sizes : Sizes
        Of the arrays, as `Sizes.of` the jets gives them: each other one is compiled anew.
    view : ParticleView
        What the model is given of the particles.
    """
    total = sizes.particles
    starts = held.offsets[jets]
    counts = held.offsets[jets + 1] - starts
    ends = jnp.cumsum(counts)
    begins = ends - counts
    places = jnp.arange(total)
    segments = jnp.searchsorted(ends, places, side="right").astype(jnp.int32)
    real = places < ends[-1]
    # Of a row that is none the last jet is asked, and what it says is not used.
    owner = jnp.minimum(segments, len(jets) - 1)
    in_jet = places - begins[owner]
    rows = held.rows[jnp.where(real, starts[owner] + in_jet, 0)]
    n_features = rows.shape[1] - (1 if view.pairs else 0)
    tensors = {
        "counts": counts.astype(jnp.float32),
        "features": jnp.where(real[:, None], rows[:, :n_features], 0),
        "segments": segments,
    }
    if view.dense:
        slots, groups = _dense_places(counts, begins, owner, in_jet, real, sizes)
        tensors |= {"slots": slots} | by_group("rows", groups)
    if view.pairs:
        pairs, group_places = _pair_places(begins, owner, in_jet, real, groups, sizes)
        tensors |= {"pairs": pairs, "pt": jnp.where(real, rows[:, -1], 1)}
        tensors |= by_group("places", group_places)
    return tensors, held.labels[jets]


@functools.partial(jax.jit, static_argnames=("sizes", "view"))
def gathered_for_seeds(held: Held, jets: Any, sizes: Sizes, view: ParticleView) -> tuple[Any, Any]:
    """Gather a batch for each of several seeds: `jets` and all that is given have one axis more."""
    return jax.vmap(lambda own: gathered(held, own, sizes, view))(jets)


def _dense_places(
    counts: Any, begins: Any, owner: Any, in_jet: Any, real: Any, sizes: Sizes
) -> tuple[Any, list[Any]]:
    """Find what `jetline.inputs.dense.dense_places` finds."""
    size = -(-len(counts) // len(sizes.widths))
    order = jnp.argsort(-counts, stable=True)
    groups, first_slots, offset = [], [], 0
    for number, width in enumerate(sizes.widths):
        jets = order[number * size :][:size]
        places = jnp.arange(width)
        here = jnp.where(places < counts[jets, None], begins[jets, None] + places, sizes.particles)
        none = jnp.full((size - len(jets), width), sizes.particles, here.dtype)
        groups.append(jnp.concatenate([here, none]).astype(jnp.int32))
        first_slots.append(offset + width * jnp.arange(len(jets)))
        offset += size * width
    first_slot = jnp.zeros(len(counts), jnp.int32).at[order].set(jnp.concatenate(first_slots))
    return jnp.where(real, first_slot[owner] + in_jet, 0).astype(jnp.int32), groups


def _pair_places(
    begins: Any, owner: Any, in_jet: Any, real: Any, groups: list[Any], sizes: Sizes
) -> tuple[Any, list[Any]]:
    """Find what `jetline.inputs.dense.pair_places` finds."""
    total, n_pairs = sizes.particles, sizes.pairs
    partners = jnp.where(real, in_jet + 1, 0)
    ends = jnp.cumsum(partners)
    first_pair = ends - partners
    pair = jnp.arange(n_pairs)
    row = jnp.minimum(jnp.searchsorted(ends, pair, side="right"), total - 1)
    both = jnp.stack([row, begins[owner[row]] + pair - first_pair[row]], axis=1)
    pairs = jnp.where((pair < ends[-1])[:, None], both, total).astype(jnp.int32)

    by_row = jnp.append(jnp.where(real, first_pair, n_pairs), n_pairs)
    places = []
    for here in groups:
        place = jnp.arange(here.shape[1])
        softer = jnp.maximum(place[:, None], place)
        harder = jnp.minimum(place[:, None], place)
        at = here[:, softer]
        places.append(jnp.where(at < total, by_row[at] + harder, n_pairs).astype(jnp.int32))
    return pairs, places
