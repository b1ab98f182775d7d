"""Layers over the particles of each jet: flat rows in Keras, padded ones here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.export.layers.exporter import Scope, exports

if TYPE_CHECKING:
    from jetline.export.graph import Tensor

#: Squared distance of a place without a particle: beyond all particles.
_NOWHERE = 1e30


@exports("InGroups", "RealRows", "RealPairs")
def nothing(scope: Scope, layer: Any, *places: None) -> None:
    """Give nothing: what is real is known from the cloud."""
    del scope, layer, places


@exports("SegmentSum")
def segment_sum(scope: Scope, layer: Any, values: Tensor, segments: None, counts: None) -> Tensor:
    """Sum over the particles of each jet."""
    del layer, segments, counts
    return scope.particles.real.expand(-1).where(values, 0).sum(1, keep=False)


@exports("SegmentMean")
def segment_mean(scope: Scope, layer: Any, values: Tensor, segments: None, counts: None) -> Tensor:
    """Average over the particles of each jet."""
    sums = segment_sum(scope, layer, values, segments, counts)
    return sums / scope.particles.counts.op("Max", 1).cast(sums.dtype).expand(-1)


@exports("Neighbours")
def neighbours(scope: Scope, layer: Any, points: Tensor, slots: None, rows: Any) -> Tensor:
    """Find the places of each particle's nearest others, (n, m, k), those of padding last."""
    del slots, rows
    graph, real = scope.graph, scope.particles.real
    squares = (points * points).sum(-1)
    products = points.op("MatMul", points.transpose(0, 2, 1))
    distances = squares + squares.transpose(0, 2, 1) - products * 2.0
    place = graph.ops(
        "Range",
        graph.constant(0, np.int64),
        points.length(1).squeeze(0),
        graph.constant(1, np.int64),
        dtypes=(np.int64,),
    )[0]
    itself = place.expand(0).equals(place.expand(1))
    distances = real.expand(1).where(distances, _NOWHERE)
    distances = itself.where(np.inf, distances)
    nearest = graph.ops(
        "TopK",
        distances,
        graph.integers(layer.k + 1),
        dtypes=(None, np.int64),
        axis=-1,
        largest=0,
    )
    scope.margins.append(_margin(scope, nearest[0], squares))
    return nearest[1].cut(-1, 0, layer.k)


def _margin(scope: Scope, nearest: Tensor, squares: Tensor) -> Tensor:
    """Tell, for each jet, how much farther the next particle is than the last neighbour.

    The smallest of all of its particles that have more than k others, as a share of the largest
    squared distance from the origin, with which the rounding of distances goes; 1 if none has.
    """
    last, following = nearest.cut(-1, -2, -1), nearest.cut(-1, -1, None)
    decided = (following < _NOWHERE) & scope.particles.real.expand(-1)
    largest = scope.particles.real.expand(-1).where(squares, 0).reduce("Max", 1)
    gap = (following - last) / largest.op("Max", np.finfo(np.float32).tiny)
    return decided.where(gap, 1).reduce("Min", 1, 2, keep=False).op("Min", 1)


@exports("EdgeConvolution")
def edge_convolution(scope: Scope, layer: Any, x: Tensor, neighbours: Tensor, real: None) -> Tensor:
    """Average a learned function of each particle and its neighbours, and add a shortcut."""
    graph, width = scope.graph, layer.first.shape[0] // 2
    first = scope.weight(layer.first)
    of_itself = x.op("MatMul", graph.constant(first[:width] - first[width:]))
    of_others = x.op("MatMul", graph.constant(first[width:])).taken(neighbours)
    # Of a jet with fewer particles, what is beyond them is 0 and enters the mean.
    there = neighbours < scope.particles.counts.expand(1, 2)
    edges = of_itself.expand(2) + there.expand(-1).where(of_others, 0)
    edges = scope.apply(layer.norms[0], edges, real).op("Relu")
    for inner, norm in zip(layer.inner, layer.norms[1:], strict=True):
        edges = scope.apply(norm, scope.apply(inner, edges), real).op("Relu")
    if layer.shortcut:
        x = scope.apply(layer.shortcut_norm, scope.apply(layer.shortcut, x), real)
    return (x + edges.reduce("Mean", 2, keep=False)).op("Relu")
