"""The dense layer of Energy and Particle Flow Networks."""

from __future__ import annotations

import keras


def he_uniform_dense(
    name: str, width: int, activation: str = "relu", dtype: str | None = None
) -> keras.layers.Layer:
    """Make a dense layer whose weights start as arXiv:1502.01852 has them, evenly distributed."""
    return keras.layers.Dense(
        width, activation=activation, kernel_initializer="he_uniform", name=name, dtype=dtype
    )
