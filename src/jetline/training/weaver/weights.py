"""Convert weights of weaver-core's ParticleNet and Particle Transformer into ours and back.

Their class 0 is the quark, ours (gluon, quark): the two columns of the last layer change places.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from jetline.core.errors import JetlineError

Turn = Callable[[np.ndarray], np.ndarray]
Pair = tuple[str, tuple[Any, Turn]]


def from_weaver(model: keras.Model, state: dict[str, np.ndarray]) -> None:
    """Set the weights of a model to those of weaver's of the same shape.

    Parameters
    ----------
    model : keras.Model
        As `particlenet` or `particle_transformer` builds it.
    state : dict of str to array
        weaver's ``state_dict``, as arrays; names may say what wraps the network.

    Raises
    ------
    JetlineError
        If a weight is missing, is none of the model's, or has another shape.
    """
    state = {_unwrapped(name): values for name, values in state.items()}
    _require_first_version(state)
    pairs = dict(_pairs(model))
    counters = {name for name in state if name.endswith("num_batches_tracked")}
    if strange := sorted(pairs.keys() ^ (state.keys() - counters)):
        raise JetlineError(
            "weights of weaver's",
            found=f"{strange[0]} on one side alone",
            expected=f"the {len(pairs)} weights of a {model.name} of this size",
            remedy="take the architecture and identity that they were trained with",
        )
    for name, (variable, turn) in pairs.items():
        values = turn(np.asarray(state[name]))
        if values.size != np.prod(variable.shape):
            raise JetlineError(
                f"weights of weaver's, {name}",
                found=f"{values.size} values",
                expected=f"{int(np.prod(variable.shape))}",
                remedy="take the architecture and identity that they were trained with",
            )
        variable.assign(values.reshape(variable.shape))


def state_by_layer(model: keras.Model, state: dict[str, np.ndarray]) -> dict[str, list[np.ndarray]]:
    """Sort weaver's weights by the layers of a model, in the order of each layer's weights.

    Parameters
    ----------
    model, state
        As for `from_weaver`; the network need not be of the same size.

    Returns
    -------
    dict of str to list of arrays
        Names of layers of which there is every weight; of other layers there is none. An array
        that holds as many values as its weight has its shape.

    Raises
    ------
    JetlineError
        If it is one of weaver's later networks.
    """
    state = {_unwrapped(name): values for name, values in state.items()}
    _require_first_version(state)
    there = {}
    for name, (variable, turn) in _pairs(model):
        # Of another layer of this name, such as a convolution over more than one particle.
        with contextlib.suppress(ValueError):
            if name in state:
                there[variable.path] = _as_ours(turn(np.asarray(state[name])), variable)
    return {
        layer.name: [there[weight.path] for weight in layer.weights]
        for layer in model.layers
        if layer.weights and all(weight.path in there for weight in layer.weights)
    }


def _as_ours(values: np.ndarray, variable: keras.Variable) -> np.ndarray:
    """Leave out axes of length one, or add them, where the shape is else the variable's."""
    kept = [tuple(n for n in shape if n != 1) for shape in (values.shape, variable.shape)]
    return values.reshape(variable.shape) if kept[0] == kept[1] else values


def _unwrapped(name: str) -> str:
    """Leave out what PyTorch and weaver put before names: compiled, parallel, in a tagger."""
    name = name.replace("_orig_mod.", "")
    while name != (inner := name.removeprefix("module.").removeprefix("mod.")):
        name = inner
    return name


def _require_first_version(state: dict[str, np.ndarray]) -> None:
    """Refuse the later versions of weaver's Particle Transformer, which are other networks.

    Versions 2 and 3 have gated layers (``fc1_g``), version 3 without biases.
    """
    gated = {name for name in state if ".fc1_g." in name}
    if gated:
        version = 2 if any(name.endswith(".fc1_g.bias") for name in gated) else 3
        raise JetlineError(
            "weights of weaver's",
            found=f"a Particle Transformer of version {version}",
            expected="version 1 of arXiv:2202.03772, which weaver builds by `version=1`",
            remedy="train version 1, or score with weaver itself",
        )


def to_weaver(model: keras.Model) -> dict[str, np.ndarray]:
    """Give the weights of a model as weaver's ``state_dict`` names, orders and shapes them."""
    return {
        name: _shaped(name, turn(keras.ops.convert_to_numpy(variable)))
        for name, (variable, turn) in _pairs(model)
    }


def _shaped(name: str, values: np.ndarray) -> np.ndarray:
    """Add the axes of length one that weaver's class token and its convolutions have."""
    if name == "cls_token":
        return values.reshape(1, 1, -1)
    axes = 0
    if ".convs." in name:
        axes = 2
    elif values.ndim == 2 and ("pair_embed" in name or name.endswith(".sc.weight")):
        axes = 1
    return values.reshape(*values.shape, *(1,) * axes)


def _same(values: np.ndarray) -> np.ndarray:
    return values


def _turned(values: np.ndarray) -> np.ndarray:
    """Transpose a matrix, or convolution of size one, between (out, in) and (in, out)."""
    return values.reshape(values.shape[:2]).T


def _swapped(values: np.ndarray) -> np.ndarray:
    """Exchange the two classes: of (2,), and between (2, in) and (in, 2)."""
    if values.ndim == 1:
        return values[::-1]
    return values[::-1].T if values.shape[0] == 2 else values.T[::-1]


def _dense(name: str, layer: keras.layers.Layer, turn: Turn = _turned) -> Iterator[Pair]:
    yield f"{name}.weight", (layer.kernel, turn)
    if layer.bias is not None:
        yield f"{name}.bias", (layer.bias, _swapped if turn is _swapped else _same)


def _norm(name: str, layer: keras.layers.Layer) -> Iterator[Pair]:
    yield f"{name}.weight", (layer.gamma, _same)
    yield f"{name}.bias", (layer.beta, _same)
    if hasattr(layer, "variance"):
        yield f"{name}.running_mean", (layer.mean, _same)
        yield f"{name}.running_var", (layer.variance, _same)


def _pairs(model: keras.Model) -> Iterator[Pair]:
    """List weaver's name of each weight, our variable, and how one becomes the other."""
    return _of_graph(model) if model.name == "particlenet" else _of_transformer(model)


def _numbered(model: keras.Model, prefix: str) -> list[keras.layers.Layer]:
    layers = {layer.name: layer for layer in model.layers}
    found: list[keras.layers.Layer] = []
    while f"{prefix}_{len(found)}" in layers:
        found.append(layers[f"{prefix}_{len(found)}"])
    return found


def _of_graph(model: keras.Model) -> Iterator[Pair]:
    yield from _norm("bn_fts", model.get_layer("input_norm"))
    for n, edge in enumerate(_numbered(model, "edge")):
        place = f"edge_convs.{n}"
        yield f"{place}.convs.0.weight", (edge.first, _turned)
        for m, layer in enumerate(edge.inner, 1):
            yield from _dense(f"{place}.convs.{m}", layer)
        for m, norm in enumerate(edge.norms):
            yield from _norm(f"{place}.bns.{m}", norm)
        if edge.shortcut:
            yield from _dense(f"{place}.sc", edge.shortcut)
            yield from _norm(f"{place}.sc_bn", edge.shortcut_norm)
    yield from _dense("fc.0.0", model.get_layer("hidden"))
    yield from _dense("fc.1", model.get_layer("logits"), _swapped)


def _of_transformer(model: keras.Model) -> Iterator[Pair]:
    yield from _norm("embed.input_bn", model.get_layer("input_norm"))
    for n, layer in enumerate(_numbered(model, "embed")):
        yield from _norm(f"embed.embed.{3 * n}", model.get_layer(f"embed_{n}_norm"))
        yield from _dense(f"embed.embed.{3 * n + 1}", layer)
    yield from _norm("pair_embed.embed.0", model.get_layer("pair_norm"))
    for n, layer in enumerate(_numbered(model, "pair")):
        yield from _dense(f"pair_embed.embed.{3 * n + 1}", layer)
        yield from _norm(f"pair_embed.embed.{3 * n + 2}", model.get_layer(f"pair_{n}_norm"))
    for theirs, ours in (("blocks", "block"), ("cls_blocks", "class")):
        for n, block in enumerate(_numbered(model, ours)):
            place = f"{theirs}.{n}"
            yield f"{place}.c_attn", (block.head_scales, _same)
            yield f"{place}.w_resid", (block.residual_scales, _same)
            for name in ("pre_attn_norm", "post_attn_norm", "pre_fc_norm", "post_fc_norm"):
                yield from _norm(f"{place}.{name}", getattr(block, name))
            for name, layer in (("attn.in_proj", block.in_proj), ("attn.out_proj", block.out_proj)):
                yield from _dense(f"{place}.{name}", layer)
            yield from _dense(f"{place}.fc1", block.fc1)
            yield from _dense(f"{place}.fc2", block.fc2)
    yield "cls_token", (model.get_layer("token").token, _same)
    yield from _norm("norm", model.get_layer("norm"))
    yield from _dense("fc.0", model.get_layer("logits"), _swapped)
