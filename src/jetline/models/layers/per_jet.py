"""What particles know of their jet, and what jets are told of their particles."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from jetline.models.layers.segments import sums_of_segments, to_dense


@keras.saving.register_keras_serializable("jetline")
class JetRows(keras.layers.Layer):
    """Give each particle the row of its jet, and padding zeros."""

    def call(self, rows: Any, segments: Any) -> Any:
        """Take the rows.

        Parameters
        ----------
        rows : (n_jets, width) float tensor
            One row a jet.
        segments : (n_particles,) int32 tensor
            The jet of each particle, rising; n_jets for padding.

        Returns
        -------
        (n_particles, width) float tensor
        """
        jets = ops.shape(rows)[0]

        @ops.custom_gradient
        def taken(rows: Any) -> Any:
            def gradients(*arguments: Any, upstream: Any = None) -> Any:
                # A sum over rising segments is faster than what a backend makes of `take`.
                (upstream,) = arguments if upstream is None else (upstream,)
                return sums_of_segments(upstream, segments, jets)

            return to_dense(rows, segments), gradients

        return taken(rows)

    def compute_output_shape(self, rows_shape: Any, segments_shape: Any) -> Any:
        """Give the shape of what the particles get."""
        return (segments_shape[0], rows_shape[-1])


@keras.saving.register_keras_serializable("jetline")
class Parts(keras.layers.Layer):
    """Take apart what generative models are given of particles (`generation_features`)."""

    def call(self, features: Any) -> Any:
        """Take (n_particles, 6) apart.

        Returns
        -------
        kinematics : (n_particles, 3) float tensor
        numbers : (n_particles,) int32 tensor
            Of the species.
        of_jet : (n_particles, 2) float tensor
            Logarithm of pT, and rapidity, of each particle's jet.
        """
        return features[:, :3], ops.cast(features[:, 3] + 0.5, "int32"), features[:, 4:]

    def compute_output_spec(self, features: Any) -> Any:
        """Give the specs of the three."""
        rows, dtype = features.shape[0], features.dtype
        return (
            keras.KerasTensor((rows, 3), dtype),
            keras.KerasTensor((rows,), "int32"),
            keras.KerasTensor((rows, 2), dtype),
        )
