"""Attention among the particles of a jet: dense forms for the softmax alone."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from jetline.models.layers.activation import Dropout, Gelu, gelu
from jetline.models.layers.normalisation import LayerNormalization
from jetline.models.layers.segments import to_dense, to_flat


class _Block(layers.Layer):
    """Common part of both kinds of block: arXiv:2202.03772, figure 3, after NormFormer.

    Parameters
    ----------
    heads : int
        Of the attention; divides the width.
    dropout : float
        Rate in attention weights, in the hidden layer and after both parts.
    """

    def __init__(self, heads: int, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads, self.rate = heads, dropout
        # A loaded block has the precision that it was saved with, whatever Keras' own is then.
        dtype = self.dtype_policy
        for name in ("pre_attn_norm", "post_attn_norm", "pre_fc_norm", "post_fc_norm"):
            setattr(self, name, LayerNormalization(dtype=dtype, name=name))
        # Drops from attention weights, from outputs, and from the hidden layer.
        self.drops = [Dropout(dropout, dtype=dtype, name=f"dropout_{n}") for n in range(4)]

    def build(self, x_shape: Any, *shapes: Any) -> None:
        """Make the weights."""
        width, dtype = x_shape[-1], self.dtype_policy
        for name, columns in (("in_proj", 3 * width), ("out_proj", width), ("fc1", 4 * width)):
            setattr(self, name, layers.Dense(columns, dtype=dtype, name=name))
            getattr(self, name).build((None, width))
        self.fc2 = layers.Dense(width, dtype=dtype, name="fc2")
        self.fc2.build((None, 4 * width))
        for norm in (self.pre_attn_norm, self.post_attn_norm, self.pre_fc_norm):
            norm.build((None, width))
        self.post_fc_norm.build((None, 4 * width))
        self.head_scales = self.add_weight(
            shape=(self.heads,), initializer="ones", name="head_scales"
        )
        self.residual_scales = self.add_weight(
            shape=(width,), initializer="ones", name="residual_scales"
        )

    def _after_attention(self, attended: Any, residual: Any, training: bool) -> Any:
        """Apply the rest of the block, which is on rows alone."""
        width = attended.shape[-1]
        scales = ops.repeat(self.head_scales, width // self.heads)
        x = self.post_attn_norm(self.out_proj(attended) * ops.cast(scales, attended.dtype))
        residual = residual + self.drops[1](x, training=training)
        x = gelu(self.fc1(self.pre_fc_norm(residual)))
        x = self.fc2(self.post_fc_norm(self.drops[2](x, training=training)))
        residual = residual * ops.cast(self.residual_scales, residual.dtype)
        return residual + self.drops[3](x, training=training)

    def compute_output_spec(self, x: Any, *others: Any, **options: Any) -> Any:
        """Give the spec of the first argument, in the layer's precision."""
        return keras.KerasTensor(x.shape, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Give the layer's options."""
        return super().get_config() | {"heads": self.heads, "dropout": self.rate}


@keras.saving.register_keras_serializable("jetline")
class ParticleAttention(_Block):
    """Attention of each jet's particles to each other, then a layer on each particle."""

    def call(self, x: Any, slots: Any, rows: Any, scores: Any, training: bool = False) -> Any:
        """Compute new features of the particles.

        Parameters
        ----------
        x : (n_particles, width) float tensor
            Features.
        slots, rows
            As `jetline.inputs.dense.dense_places` gives them.
        scores : list of tensors
            For each group, what is added to the attention's scores, and fits
            (n_group, heads, width of group, width of group).
        """
        projected = self.in_proj(self.pre_attn_norm(x))
        groups = [
            self._attend(to_dense(projected, here), added, training)
            for here, added in zip(rows, scores, strict=True)
        ]
        return self._after_attention(to_flat(groups, slots), x, training)

    def _attend(self, projected: Any, scores: Any, training: bool) -> Any:
        jets, width = ops.shape(projected)[0], ops.shape(projected)[1]
        channels = projected.shape[-1] // 3
        depth = channels // self.heads
        heads = ops.reshape(projected, (jets, width, 3, self.heads, depth))
        query, key, value = ops.unstack(ops.transpose(heads, (2, 0, 3, 1, 4)), 3)
        weights = ops.matmul(query * depth**-0.5, ops.transpose(key, (0, 1, 3, 2)))
        weights, scores = (ops.cast(one, self.variable_dtype) for one in (weights, scores))
        weights = ops.cast(ops.softmax(weights + scores, axis=-1), value.dtype)
        weights = self.drops[0](weights, training=training)
        attended = ops.transpose(ops.matmul(weights, value), (0, 2, 1, 3))
        return ops.reshape(attended, (jets, width, channels))


@keras.saving.register_keras_serializable("jetline")
class ClassAttention(_Block):
    """Attention of one token a jet to itself and to the jet's particles: arXiv:2103.17239."""

    def call(self, token: Any, x: Any, segments: Any, training: bool = False) -> Any:
        """Compute the new tokens.

        Parameters
        ----------
        token : (n_jets, width) float tensor
            The jets' tokens, which ask.
        x : (n_particles, width) float tensor
            Features, which are asked.
        segments : (n_particles,) int32 tensor
            The jet of each particle; n_jets for padding.
        """
        own, others = self.pre_attn_norm(token), self.pre_attn_norm(x)
        weight, own_weight = self._weights(token, own, others, segments)
        total = self._summed(weight, segments, token) + own_weight
        values = weight * self._full(self._projected(others, 2))
        own_values = own_weight * self._full(self._projected(own, 2))
        attended = (self._summed(values, segments, token) + own_values) / total
        attended = ops.cast(ops.reshape(attended, (-1, token.shape[-1])), x.dtype)
        return self._after_attention(attended, token, training)

    def shares(self, token: Any, x: Any, segments: Any) -> tuple[Any, Any]:
        """Compute which share of each token's attention each particle has, and the token itself.

        Parameters are those of `call`.

        Returns
        -------
        particles : (n_particles, heads) float tensor
            Without a meaning for padding.
        own : (n_jets, heads) float tensor
            Both together sum to 1 over each jet.
        """
        own, others = self.pre_attn_norm(token), self.pre_attn_norm(x)
        weight, own_weight = self._weights(token, own, others, segments)
        total = self._summed(weight, segments, token) + own_weight
        particles = weight * to_dense(1 / total, segments)
        return particles[..., 0], (own_weight / total)[..., 0]

    def _weights(self, token: Any, own: Any, others: Any, segments: Any) -> tuple[Any, Any]:
        """Compute attention that is not normalised, (n_particles, heads, 1) and (n_jets, ...)."""
        depth = token.shape[-1] // self.heads
        # The token asks as it is; only what is asked is normalised.
        asks = self._projected(token, 0) * depth**-0.5
        own_score = ops.sum(self._full(asks * self._projected(own, 1)), axis=-1)
        asked = to_dense(asks, segments) * self._projected(others, 1)
        score = ops.sum(self._full(asked), axis=-1)
        jets = ops.shape(token)[0]
        largest = ops.segment_max(score, segments, num_segments=jets + 1)[:jets]
        largest = ops.stop_gradient(ops.maximum(largest, own_score))
        own_weight = ops.exp(own_score - largest)[..., None]
        return ops.exp(score - to_dense(largest, segments))[..., None], own_weight

    def _projected(self, rows: Any, part: int) -> Any:
        """Apply one of the three parts of the projection: (n_rows, heads, depth)."""
        width = rows.shape[-1]
        columns = slice(part * width, (part + 1) * width)
        kernel, bias = (
            ops.cast(one, rows.dtype) for one in (self.in_proj.kernel, self.in_proj.bias)
        )
        rows = ops.matmul(rows, kernel[:, columns]) + bias[columns]
        return ops.reshape(rows, (-1, self.heads, width // self.heads))

    def _full(self, values: Any) -> Any:
        return ops.cast(values, self.variable_dtype)

    @staticmethod
    def _summed(rows: Any, segments: Any, token: Any) -> Any:
        jets = ops.shape(token)[0]
        return ops.segment_sum(rows, segments, num_segments=jets + 1)[:jets]


@keras.saving.register_keras_serializable("jetline")
class ClassToken(layers.Layer):
    """One learned token, the same for each jet."""

    def __init__(self, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width = width

    def build(self, counts_shape: Any) -> None:
        """Make the weights."""
        start = keras.initializers.TruncatedNormal(stddev=0.02)
        self.token = self.add_weight(shape=(self.width,), initializer=start, name="token")

    def call(self, counts: Any) -> Any:
        """Give the token of each jet, (n_jets, width); of `counts` only the length is used."""
        token = ops.cast(self.token, self.compute_dtype)
        return ops.broadcast_to(token, (ops.shape(counts)[0], self.width))

    def compute_output_shape(self, counts_shape: Any) -> Any:
        """Give the shape of the tokens."""
        return (counts_shape[0], self.width)

    def get_config(self) -> dict[str, Any]:
        """Give the layer's options."""
        return super().get_config() | {"width": self.width}


def embedding(x: Any, widths: tuple[int, ...]) -> Any:
    """Apply normalisation, linear layer and GELU for each width, on each row."""
    for n, width in enumerate(widths):
        x = LayerNormalization(name=f"embed_{n}_norm")(x)
        x = Gelu()(layers.Dense(width, name=f"embed_{n}")(x))
    return x
