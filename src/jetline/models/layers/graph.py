"""Layers over each particle's nearest neighbours, without padding."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from jetline.models.layers.normalisation import RowNormalization
from jetline.models.layers.precision import FullPrecision
from jetline.models.layers.segments import to_dense, to_flat

#: Squared distance of a place without a particle: beyond all particles, before the particle itself.
_NOWHERE = 1e30


@keras.saving.register_keras_serializable("jetline")
class Neighbours(FullPrecision):
    """Find each particle's nearest others in its own jet.

    Parameters
    ----------
    k : int
        How many; dense groups are wider.
    """

    def __init__(self, k: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.k = k

    def call(self, points: Any, slots: Any, rows: Any) -> Any:
        """Find the neighbours.

        Parameters
        ----------
        points : (n_particles, dimensions) float tensor
            Coordinates; distances are Euclidean.
        slots, rows
            As `jetline.inputs.dense.dense_places` gives them.

        Returns
        -------
        (n_particles, k) int32 tensor
            Rows of the neighbours, nearest first, then n_particles as often as the jet has fewer.
        """
        points = ops.stop_gradient(points)
        n = ops.shape(points)[0]
        return to_flat([self._in_group(to_dense(points, here), here, n) for here in rows], slots)

    def _in_group(self, points: Any, rows: Any, n: Any) -> Any:
        width = ops.shape(rows)[1]
        squares = ops.sum(ops.square(points), axis=-1)
        products = ops.matmul(points, ops.transpose(points, (0, 2, 1)))
        distances = squares[:, :, None] + squares[:, None, :] - 2 * products
        distances = ops.where(rows[:, None, :] < n, distances, _NOWHERE)
        itself = ops.eye(width, dtype="bool")
        nearness = ops.where(itself, -float("inf"), -distances)
        places = ops.top_k(nearness, self.k, sorted=True)[1]
        jets = ops.shape(rows)[0]
        found = ops.take_along_axis(rows, ops.reshape(places, (jets, -1)), axis=1)
        return ops.reshape(found, (jets, width, self.k))

    def compute_output_spec(self, points: Any, slots: Any, rows: Any) -> Any:
        """Give the spec of the neighbours of each row."""
        return keras.KerasTensor((points.shape[0], self.k), dtype="int32")

    def get_config(self) -> dict[str, Any]:
        """Give the layer's options."""
        return super().get_config() | {"k": self.k}


@keras.saving.register_keras_serializable("jetline")
class EdgeConvolution(keras.layers.Layer):
    """EdgeConv: mean over neighbours j of a learned function of (x_i, x_j - x_i), and a shortcut.

    arXiv:1902.08570, section 2.2 and figure 1. Where a jet has no more neighbours, x_j is 0, as in
    the authors' own code, and enters the mean.

    Parameters
    ----------
    widths : sequence of int
        Widths of the layers on each edge.
    """

    def __init__(self, widths: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widths = tuple(widths)
        self.inner = [
            self._dense(width, f"inner_{n}") for n, width in enumerate(self.widths[1:], 1)
        ]
        self.norms = [self._norm(f"norm_{n}") for n in range(len(self.widths))]

    # A loaded layer has the precision that it was saved with, whatever Keras' own is then.
    def _dense(self, width: int, name: str) -> keras.layers.Layer:
        return keras.layers.Dense(width, use_bias=False, dtype=self.dtype_policy, name=name)

    def _norm(self, name: str) -> keras.layers.Layer:
        return RowNormalization(dtype=self.dtype_policy, name=name)

    def build(self, x_shape: Any, neighbours_shape: Any, real_shape: Any) -> None:
        """Make the weights."""
        width, out = x_shape[-1], self.widths[-1]
        # Rows act on x_i, then on x_j - x_i.
        self.first = self.add_weight(
            shape=(2 * width, self.widths[0]), initializer="glorot_uniform", name="first"
        )
        edges = (*neighbours_shape, self.widths[0])
        for n, norm in enumerate(self.norms):
            norm.build((*edges[:-1], self.widths[n]), real_shape)
        for n, layer in enumerate(self.inner):
            layer.build((*edges[:-1], self.widths[n]))
        self.shortcut = None
        if width != out:
            self.shortcut = self._dense(out, "shortcut")
            self.shortcut.build(x_shape)
            self.shortcut_norm = self._norm("shortcut_norm")
            self.shortcut_norm.build((*x_shape[:-1], out), real_shape)

    def call(self, x: Any, neighbours: Any, real: Any, training: bool = False) -> Any:
        """Convolve each particle with its neighbours.

        Parameters
        ----------
        x : (n_particles, width) float tensor
            Features.
        neighbours : (n_particles, k) int32 tensor
            As `Neighbours` gives them.
        real : (n_particles,) float tensor
            1 for the rows of particles.

        Returns
        -------
        (n_particles, widths[-1]) float tensor
        """
        width = x.shape[-1]
        of_difference = ops.cast(self.first[width:], x.dtype)
        of_itself = ops.cast(self.first[:width], x.dtype) - of_difference
        # W (x_i, x_j - x_i) splits into terms of i and of j: two products a particle, not k.
        edges = ops.matmul(x, of_itself)[:, None, :]
        edges = edges + to_dense(ops.matmul(x, of_difference), neighbours)
        edges = ops.relu(self.norms[0](edges, real, training=training))
        for layer, norm in zip(self.inner, self.norms[1:], strict=True):
            edges = ops.relu(norm(layer(edges), real, training=training))
        if self.shortcut:
            x = self.shortcut_norm(self.shortcut(x), real, training=training)
        mean = ops.mean(ops.cast(edges, self.variable_dtype), axis=1)
        return ops.relu(x + ops.cast(mean, x.dtype))

    def compute_output_shape(self, x_shape: Any, neighbours_shape: Any, real_shape: Any) -> Any:
        """Give the shape of the new features."""
        return (x_shape[0], self.widths[-1])

    def get_config(self) -> dict[str, Any]:
        """Give the layer's options."""
        return super().get_config() | {"widths": list(self.widths)}
