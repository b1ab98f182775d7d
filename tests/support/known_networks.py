"""Provide networks of which it is known what they decide on."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from jetline.models.layers.inputs import particle_inputs
from jetline.models.layers.segments import SegmentSum


@keras.saving.register_keras_serializable("jetline-tests")
class Ones(keras.layers.Layer):
    """Give 1 for each particle."""

    def call(self, features):
        return ops.ones_like(features[:, :1])


@keras.saving.register_keras_serializable("jetline-tests")
class LargestShare(keras.layers.Layer):
    """Give the largest z of each jet's particles."""

    def call(self, features, segments, counts):
        jets = ops.shape(counts)[0]
        return ops.segment_max(features[:, :1], segments, num_segments=jets + 1)[:jets]

    def compute_output_shape(self, features_shape, segments_shape, counts_shape):
        return (*counts_shape, 1)


def _scores(seen, classes: int) -> keras.layers.Layer:
    return keras.layers.Dense(classes, activation="softmax", name="scores")(seen)


def counting(classes: int = 2, slope: float = 0.1) -> keras.Model:
    """A network that counts particles, and decides for the last class by many."""
    inputs = particle_inputs(4)
    ones = Ones()(inputs["features"])
    seen = SegmentSum()(ones, inputs["segments"], inputs["counts"])
    return _with_slopes(keras.Model(inputs, _scores(seen, classes)), slope)


def hardest(classes: int = 2, slope: float = 3.0) -> keras.Model:
    """A network that sees the pT share of the hardest particle, and nothing else."""
    inputs = particle_inputs(4)
    seen = LargestShare()(inputs["features"], inputs["segments"], inputs["counts"])
    return _with_slopes(keras.Model(inputs, _scores(seen, classes)), slope)


def centre_pixel(shape: tuple[int, int, int], classes: int = 2) -> keras.Model:
    """A network that sees the pixel in the middle of an image, and nothing else."""
    images = keras.Input(shape, name="images")
    seen = images[:, shape[0] // 2, shape[1] // 2, :]
    return _with_slopes(keras.Model({"images": images}, _scores(seen, classes)), 1.0)


def _with_slopes(network: keras.Model, slope: float) -> keras.Model:
    """Let the logit of each class rise with its number."""
    layer = network.get_layer("scores")
    width, classes = layer.kernel.shape
    layer.set_weights([np.tile(slope * np.arange(classes), (width, 1)), np.zeros(classes)])
    return network
