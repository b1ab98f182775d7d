"""Keras' networks as nodes of a graph: layer after layer, by the network's own description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Imported for what they mark; a code version follows imports.
from jetline.export.layers import attention, images, particles, rows  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jetline.export.graph import Tensor
    from jetline.export.layers.exporter import Scope


def exported(scope: Scope, model: Any, inputs: Mapping[str, Any]) -> Tensor:
    """Export a network.

    Parameters
    ----------
    scope : Scope
        Where to.
    model : keras.Model
        A network of layers that know each other's outputs.
    inputs : mapping
        Its inputs by name; None, or left out, where the cloud of the scope says the same.

    Returns
    -------
    (n, n_classes) tensor
        Probabilities.

    Raises
    ------
    JetlineError
        If it has a layer that has no exporter.
    """
    description = model.get_config()
    # An operation, such as a slice, is no layer and has no weights.
    layers = {layer.name: layer for layer in model.layers}
    values: dict[str, Any] = {}
    for entry in description["layers"]:
        name, kind = entry["name"], entry["class_name"]
        if kind == "InputLayer":
            values[name] = inputs.get(name)
            continue
        (node,) = entry["inbound_nodes"]
        arguments = [_read(argument, values) for argument in node["args"]]
        options = {key: _read(one, values) for key, one in node["kwargs"].items()}
        # What Keras tells every layer, whether or not it has a use for it.
        for unused in ("training", "mask"):
            options.pop(unused, None)
        exporter = scope.exporter(kind, name)
        values[name] = exporter(scope, layers.get(name), *arguments, **options)
    name, *_ = description["output_layers"]
    result: Tensor = values[name]
    return result


def _read(argument: Any, values: Mapping[str, Any]) -> Any:
    """Give what stands for an argument: of a tensor, what its layer has been exported as."""
    if isinstance(argument, (list, tuple)):
        return type(argument)(_read(one, values) for one in argument)
    if isinstance(argument, dict):
        told = argument["config"]
        if argument["class_name"] == "__keras_tensor__":
            return values[told["keras_history"][0]]
        if argument["class_name"] == "__slice__":
            return slice(told["start"], told["stop"], told["step"])
        raise TypeError(f"an argument of the kind {argument['class_name']}")
    return argument
