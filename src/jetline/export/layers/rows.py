"""Layers that act on each row, or on each jet, by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.export.functions import arcsinh, erf
from jetline.export.graph import joined
from jetline.export.layers.exporter import Scope, exports

if TYPE_CHECKING:
    from jetline.export.graph import Tensor

_ACTIVATIONS = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}


@exports("Dense")
def dense(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Multiply the last axis."""
    x = x.op("MatMul", scope.graph.constant(scope.weight(layer.kernel)))
    if layer.use_bias:
        x = x + scope.weight(layer.bias)
    return activated(scope, layer, x)


@exports("Activation")
def activated(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Apply the activation of a layer."""
    name = getattr(layer.activation, "__name__", str(layer.activation))
    if name == "linear":
        return x
    if name == "softmax":
        return x.op("Softmax", axis=-1)
    if name not in _ACTIVATIONS:
        raise scope.unknown(layer, f"the activation {name}")
    return x.op(_ACTIVATIONS[name])


@exports("ReLU")
def relu(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Cut off at 0."""
    if layer.max_value is not None or layer.negative_slope or layer.threshold:
        raise scope.unknown(layer, "a ReLU with options")
    return x.op("Relu")


@exports("Gelu")
def gelu(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Compute x P(standard normal < x)."""
    del scope, layer
    return x * (erf(x * 0.5**0.5) * 0.5 + 0.5)


@exports("Dropout", "SpatialDropout2D")
def dropout(scope: Scope, layer: Any, x: Tensor) -> Tensor:
    """Give what comes in: nothing is dropped but in training."""
    del scope, layer
    return x


@exports("RowNormalization")
def row_normalization(scope: Scope, layer: Any, rows: Tensor, real: None) -> Tensor:
    """Normalise by the statistics of the training."""
    del real
    scale = scope.weight(layer.gamma) / np.sqrt(scope.weight(layer.variance) + layer.epsilon)
    return rows * scale + (scope.weight(layer.beta) - scope.weight(layer.mean) * scale)


@exports("FurtherFeatures")
def further_features(scope: Scope, layer: Any, rows: Tensor) -> Tensor:
    """Normalise the first features, and leave the others."""
    centre, width = scope.weight(layer.centre), scope.weight(layer.width)
    further = arcsinh((rows.cut(2, 0, layer.number) - centre) / width)
    return joined([further, rows.cut(2, layer.number, None)], -1)


@exports("LayerNormalization")
def layer_normalization(scope: Scope, layer: Any, rows: Tensor) -> Tensor:
    """Normalise each row over its features."""
    weights = (scope.graph.constant(scope.weight(one)) for one in (layer.gamma, layer.beta))
    return rows.op("LayerNormalization", *weights, axis=-1, epsilon=layer.epsilon)


@exports("GetItem")
def get_item(scope: Scope, layer: Any, x: Tensor, key: Any) -> Tensor:
    """Take a slice of the features of each row."""
    *others, last = key if isinstance(key, (list, tuple)) else (key,)
    whole = slice(None)
    if not isinstance(last, slice) or last.step not in (None, 1) or any(o != whole for o in others):
        raise scope.unknown(layer, f"the slice {key}")
    return x.cut(-1, last.start, last.stop)


@exports("Add")
def add(scope: Scope, layer: Any, *terms: Any) -> Tensor:
    """Add two tensors, or the list of them that Keras' layer takes."""
    del scope, layer
    one, other = terms[0] if len(terms) == 1 else terms
    return one + other


@exports("Multiply")
def multiply(scope: Scope, layer: Any, *factors: Any) -> Tensor:
    """Multiply two tensors, or the list of them that Keras' layer takes."""
    del scope, layer
    one, other = factors[0] if len(factors) == 1 else factors
    return one * other
