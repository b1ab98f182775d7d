"""Weights that a network starts from, in place of random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jetline.core.errors import JetlineError
from jetline.models import register_layers
from jetline.training.safe_loading import Refused, load_safely
from jetline.training.weaver.state import read_state
from jetline.training.weaver.weights import state_by_layer

if TYPE_CHECKING:
    import keras

    from jetline.training.starting_point import StartingPoint

#: Weights of layers by the layers' names: each its name, or None where that does not matter, and
#: its values.
Found = dict[str, list[tuple[str | None, np.ndarray]]]


def load_initial(model: keras.Model, start: StartingPoint | None) -> dict[str, float]:
    """Put the weights that a training starts from into its network, and freeze parts of it.

    To be called on the network as it was built, before an optimiser is made. Says what it does.

    Parameters
    ----------
    model : keras.Model
        Changed in place.
    start : StartingPoint or None
        None: the network stays as it is.

    Returns
    -------
    dict of str to float
        By what the learning rate of layers is multiplied: names of layers, with which the paths of
        their variables begin, to factors.

    Raises
    ------
    JetlineError
        If the weights cannot be read, none fits, or what is frozen does not exist, was not taken
        over, or is everything.
    """
    if start is None:
        return {}
    layers = {layer.name: layer for layer in model.layers if layer.weights}
    found = _read(model, start)
    taken = [name for name in layers if name in found and _fits(layers[name], found[name])]
    new = [name for name in layers if name not in taken]
    if not taken:
        raise JetlineError(
            f"start_from {start.weights}",
            found=f"no layer that fits {model.name}: {_shapes(found)}",
            expected=f"some of {_shapes({name: _weights(one) for name, one in layers.items()})}",
            remedy="start from a tagger of the same architecture and inputs",
        )
    for name in taken:
        for variable, (_, values) in zip(layers[name].weights, found[name], strict=True):
            variable.assign(values.reshape(variable.shape))
    _freeze(layers, taken, start.settings.freeze)
    print(f"starting from {start.weights}: taken over are {', '.join(taken)}")
    for name in new:
        there = _shapes({name: found[name]}) if name in found else "not there"
        print(f"made new: {_shapes({name: _weights(layers[name])})}; {there}")
    if unused := [name for name in found if name not in layers]:
        print(f"not taken over, for want of such layers here: {', '.join(unused)}", flush=True)
    return _multipliers(layers, new, start.settings.head_rate)


def _multipliers(
    layers: dict[str, keras.layers.Layer], new: list[str], rate: float
) -> dict[str, float]:
    """Give the factors of the layers that are made new, or of the last one."""
    trained = [name for name, layer in layers.items() if layer.trainable_variables]
    faster = [name for name in new if name in trained] or trained[-1:]
    if rate == 1:
        return {}
    print(f"learning rate times {rate:g}: {', '.join(faster)}", flush=True)
    return dict.fromkeys(faster, rate)


def _freeze(
    layers: dict[str, keras.layers.Layer], taken: list[str], beginnings: tuple[str, ...]
) -> None:
    """Freeze the layers whose names begin so."""
    frozen = []
    for beginning in beginnings:
        meant = [name for name in layers if name.startswith(beginning)]
        random = [name for name in meant if name not in taken]
        if not meant or random:
            raise JetlineError(
                "start_from, freeze",
                found=f"{beginning}, of {', '.join(random)}, which are made new, at random"
                if random
                else f"{beginning}, of which no layer here has the name",
                expected=f"layers that are taken over: {', '.join(taken)}",
                remedy="name some of these, or beginnings of their names",
            )
        frozen += meant
    if set(layers) <= {*frozen}:
        raise JetlineError(
            "start_from, freeze",
            found=f"all layers: {', '.join(layers)}",
            expected="something left to train",
            remedy="freeze fewer of them",
        )
    for name in frozen:
        layers[name].trainable = False
    if frozen:
        print(f"frozen: {', '.join(dict.fromkeys(frozen))}")


def _read(model: keras.Model, start: StartingPoint) -> Found:
    """Read the weights of each layer."""
    if start.settings.weaver is not None:
        return {
            name: [(None, values) for values in weights]
            for name, weights in state_by_layer(model, read_state(start.weights)).items()
        }
    register_layers()
    try:
        source = load_safely(start.weights)
    except Refused as error:
        raise JetlineError(
            str(start.weights),
            found=str(error),
            expected="a model saved by `jetline train`",
            remedy="check the path, or run that training again",
        ) from None
    return {layer.name: _weights(layer) for layer in source.layers if layer.weights}


def _weights(layer: keras.layers.Layer) -> list[tuple[str | None, np.ndarray]]:
    return [(variable.name, np.asarray(variable)) for variable in layer.weights]


def _fits(layer: keras.layers.Layer, found: list[tuple[str | None, np.ndarray]]) -> bool:
    """Tell whether these are weights of such a layer: as many, of the same names and shapes."""
    own = _weights(layer)
    return len(own) == len(found) and all(
        name in (None, here) and values.shape == there.shape
        for (name, values), (here, there) in zip(found, own, strict=True)
    )


def _shapes(found: Found) -> str:
    """Name layers with the shapes of their weights."""
    return ", ".join(
        f"{name} ({', '.join(' x '.join(map(str, values.shape)) for _, values in weights)})"
        for name, weights in found.items()
    )
