"""Attention among the particles of a jet, and what it is told of their pairs."""

from __future__ import annotations

from typing import Any

import numpy as np

from jetline.export.functions import sinh
from jetline.export.graph import Tensor, joined, stacked
from jetline.export.layers.exporter import Scope, exports
from jetline.export.layers.rows import gelu

#: Added to the score of what must not be attended to.
_NEVER = -1e9

#: Smallest argument of the logarithms of pairs.
_LEAST = 1e-8


@exports("PairFeatures")
def pair_features(
    scope: Scope, layer: Any, pt: Tensor, points: Tensor, pairs: None, mass: None = None
) -> Tensor:
    """Compute ln kT, ln z, ln dR and ln m2 of all pairs, (n, m, m, 4)."""
    del scope, layer, pairs, mass
    one, other = pt.expand(2), pt.expand(1)
    d_eta, d_phi = (
        points.column(number).expand(2) - points.column(number).expand(1) for number in (0, 1)
    )
    distance = (d_eta * d_eta + d_phi * d_phi).op("Sqrt")
    softer = one.op("Min", other)
    total = (one + other).op("Max", _LEAST)
    half_eta, half_phi = d_eta * 0.5, d_phi * 0.5
    across = half_phi.op("Sin")
    along = half_eta.op("Sinh") if pt.dtype == np.float32 else sinh(half_eta)
    mass_squared = one * other * 4.0 * (along * along + across * across)
    values = stacked([softer * distance, softer / total, distance, mass_squared])
    return values.op("Max", _LEAST).op("Log")


@exports("PairScores")
def pair_scores(scope: Scope, layer: Any, values: Tensor, places: Any, rows: Any) -> Tensor:
    """Bring what each head is told of pairs to (n, heads, m, m), and forbid padding."""
    del layer, places, rows
    real = scope.particles.real
    both = (real.expand(1) & real.expand(2)).expand(1)
    return both.where(values.transpose(0, 3, 1, 2), _NEVER)


@exports("PlaceScores")
def place_scores(scope: Scope, layer: Any, rows: Any, features: Tensor) -> Tensor:
    """Forbid padding, (n, 1, 1, m)."""
    del layer, rows
    return scope.particles.real.expand(1, 2).where(features.graph.constant(0.0), _NEVER)


@exports("ParticleAttention")
def particle_attention(
    scope: Scope, layer: Any, x: Tensor, slots: None, rows: Any, scores: Any
) -> Tensor:
    """Let each jet's particles attend to each other."""
    del slots, rows
    projected = scope.apply(layer.in_proj, scope.apply(layer.pre_attn_norm, x))
    channels = layer.out_proj.kernel.shape[0]
    depth = channels // layer.heads
    query, key, value = (
        projected.cut(-1, part * channels, (part + 1) * channels).reshape(0, 0, layer.heads, depth)
        for part in range(3)
    )
    weights = (query * depth**-0.5).transpose(0, 2, 1, 3).op("MatMul", key.transpose(0, 2, 3, 1))
    # The same for each group of jets.
    weights = (weights + scores[0]).op("Softmax", axis=-1)
    attended = weights.op("MatMul", value.transpose(0, 2, 1, 3)).transpose(0, 2, 1, 3)
    return _after_attention(scope, layer, attended.reshape(0, 0, channels), x)


@exports("ClassToken")
def class_token(scope: Scope, layer: Any, counts: None) -> Tensor:
    """Give the same learned token to each jet, (n, width)."""
    del counts
    token = scope.graph.constant(scope.weight(layer.token))
    shape = joined([scope.particles.counts.length(0), scope.graph.integers(layer.width)], 0)
    return token.op("Expand", shape)


@exports("ClassAttention")
def class_attention(scope: Scope, layer: Any, token: Tensor, x: Tensor, segments: None) -> Tensor:
    """Let each jet's token attend to itself and to the jet's particles."""
    del segments
    width = layer.out_proj.kernel.shape[0]
    heads, depth = layer.heads, width // layer.heads
    kernel, bias = scope.weight(layer.in_proj.kernel), scope.weight(layer.in_proj.bias)

    def projected(rows: Tensor, part: int) -> Tensor:
        columns = slice(part * width, (part + 1) * width)
        return rows.op("MatMul", scope.graph.constant(kernel[:, columns])) + bias[columns]

    # The token asks as it is; only what is asked is normalised. It stands before the particles.
    asked = scope.apply(layer.pre_attn_norm, joined([token.expand(1), x], 1))
    query = (projected(token, 0) * depth**-0.5).reshape(0, heads, 1, depth)
    key, value = (projected(asked, part).reshape(0, 0, heads, depth) for part in (1, 2))
    weights = query.op("MatMul", key.transpose(0, 2, 3, 1))
    real = scope.particles.real
    there = joined([real.cut(1, 0, 1).op("Or", ~real.cut(1, 0, 1)), real], 1)
    weights = there.expand(1, 2).where(weights, -np.inf).op("Softmax", axis=-1)
    attended = weights.op("MatMul", value.transpose(0, 2, 1, 3)).reshape(0, width)
    return _after_attention(scope, layer, attended, token)


def _after_attention(scope: Scope, layer: Any, attended: Tensor, residual: Tensor) -> Tensor:
    """Apply the rest of a block, which is on rows alone."""
    width = layer.out_proj.kernel.shape[0]
    scales = np.repeat(scope.weight(layer.head_scales), width // layer.heads)
    x = scope.apply(layer.out_proj, attended) * scales
    residual = residual + scope.apply(layer.post_attn_norm, x)
    x = scope.apply(layer.fc1, scope.apply(layer.pre_fc_norm, residual))
    x = scope.apply(layer.fc2, scope.apply(layer.post_fc_norm, gelu(scope, layer, x)))
    return residual * scope.weight(layer.residual_scales) + x
