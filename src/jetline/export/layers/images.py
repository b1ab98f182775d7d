"""Layers over images: the channels are the last axis in Keras, and the second one here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.export.layers.exporter import Scope, exports
from jetline.export.layers.rows import activated

if TYPE_CHECKING:
    from jetline.export.graph import Tensor

#: As Keras has it: the least deviation by which a pixel is standardised.
_EPSILON = 1e-7

_PADDING = {"valid": "VALID", "same": "SAME_UPPER"}


@exports("Rescaling")
def rescaling(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Multiply each channel."""
    del scope
    return x * _of_channels(layer.scale) + _of_channels(layer.offset)


@exports("Normalization")
def normalization(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Standardise each pixel."""
    del scope
    mean, variance = (
        np.asarray(one, np.float64).reshape(x_shape).transpose(2, 0, 1)
        for x_shape in [layer.input.shape[1:]]
        for one in (layer.mean, layer.variance)
    )
    return (x - mean) / np.maximum(np.sqrt(variance), _EPSILON)


@exports("Conv2D")
def convolution(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Convolve."""
    if tuple(layer.dilation_rate) != (1, 1) or layer.groups != 1:
        raise scope.unknown(layer, "a convolution with holes or groups")
    weights = [scope.weight(layer.kernel).transpose(3, 2, 0, 1)]
    if layer.use_bias:
        weights.append(scope.weight(layer.bias))
    padding = _PADDING[layer.padding]
    return activated(
        scope, layer, x.op("Conv", *weights, strides=list(layer.strides), auto_pad=padding)
    )


@exports("MaxPooling2D")
def max_pooling(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Take the largest pixel of each square."""
    del scope
    return x.op(
        "MaxPool",
        kernel_shape=list(layer.pool_size),
        strides=list(layer.strides),
        auto_pad=_PADDING[layer.padding],
    )


@exports("Flatten")
def flatten(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Put all pixels along one axis, in Keras' order."""
    del scope
    if len(layer.input.shape) == 4:
        x = x.transpose(0, 2, 3, 1)
    return x.reshape(0, -1)


@exports("GlobalAveragePooling2D")
def global_average(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Average each channel over the image."""
    del scope, layer
    return x.reduce("Mean", 2, 3, keep=False)


@exports("BatchNormalization")
def batch_normalization(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Normalise each channel by the statistics of the training."""
    deviation = np.sqrt(scope.weight(layer.moving_variance) + layer.epsilon)
    scale = (scope.weight(layer.gamma) if layer.scale else 1) / deviation
    shift = (scope.weight(layer.beta) if layer.center else 0) - scale * scope.weight(
        layer.moving_mean
    )
    if len(layer.input.shape) == 4:
        scale, shift = _of_channels(scale), _of_channels(shift)
    return x * scale + shift


@exports("GroupNormalization")
def group_normalization(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Normalise groups of channels, over them and the image."""
    height, width, channels = layer.input.shape[1:]
    grouped = x.reshape(0, layer.groups, -1)
    centred = grouped - grouped.reduce("Mean", 2)
    variance = (centred * centred).reduce("Mean", 2)
    normal = (centred / (variance + layer.epsilon).op("Sqrt")).reshape(0, channels, height, width)
    if layer.scale:
        normal = normal * _of_channels(scope.weight(layer.gamma))
    return normal + _of_channels(scope.weight(layer.beta)) if layer.center else normal


def _of_channels(values: Any) -> np.ndarray:
    """Give one number for each channel, or for all, the shape that fits images."""
    return np.asarray(values, np.float64).reshape(-1, 1, 1)
