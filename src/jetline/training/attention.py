"""What the class token of a network of particle attention attends to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import ops

from jetline.models.layers.attention import ClassAttention

if TYPE_CHECKING:
    from jetline.inputs.sample import Tensors


class TokenAttention:
    """The attention of a network's class tokens to particles, in the mean over blocks and heads.

    Parameters
    ----------
    model : keras.Model
        A network with blocks of class attention.
    """

    def __init__(self, model: keras.Model) -> None:
        self._blocks = blocks_of(model)
        inputs = {one.name: one for one in model.inputs}
        # Of each block the token, the particles' features and their jets.
        self._asked = keras.Model(inputs, [block.input for block in self._blocks])

    def of(self, tensors: Tensors, n_particles: int) -> tuple[np.ndarray, np.ndarray]:
        """Compute shares of attention.

        Parameters
        ----------
        tensors : dict of str to array
            What the network is given of a batch.
        n_particles : int
            Particles of the batch, without padding.

        Returns
        -------
        particles : (n_particles,) float64 array
        own : (n_jets,) float64 array
            What the token gives to itself: both sum to 1 over each jet.
        """
        found = [
            block.shares(*asked)
            for block, asked in zip(self._blocks, self._asked(tensors, training=False), strict=True)
        ]
        particles, own = (
            np.array([ops.convert_to_numpy(one) for one in shares], np.float64)
            for shares in zip(*found, strict=True)
        )
        return particles.mean(axis=(0, 2))[:n_particles], own.mean(axis=(0, 2))


def blocks_of(model: keras.Model) -> list[ClassAttention]:
    """Give the blocks of class attention of a network: none if it has none."""
    return [layer for layer in model.layers if isinstance(layer, ClassAttention)]
