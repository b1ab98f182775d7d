"""Inputs of particle networks, by the names of a batch's tensors."""

from __future__ import annotations

import keras

from jetline.inputs.view import GROUPS


def particle_inputs(
    n_features: int, *, dense: bool = False, pairs: bool = False, pair_mass: str = "exact"
) -> dict[str, keras.KerasTensor]:
    """Make the inputs of a particle network, as `jetline.inputs.tensors` makes their values.

    Keras matches tensors to inputs by the order of their names and says nothing where one is
    missing, so that a network has to take exactly the tensors of its view.

    Parameters
    ----------
    n_features : int
        Features of a particle.
    dense, pairs, pair_mass
        As in the network's `ParticleView`.

    Returns
    -------
    dict of str to tensor
        First ``counts``, ``features``, ``segments``; then ``slots`` and ``rows_0``, ... if
        dense; then ``pt``, ``pairs`` and ``places_0``, ... if there are pairs, with
        ``pair_mass`` if that is "weaver".
    """
    inputs = {
        "counts": keras.Input((), name="counts"),
        "features": keras.Input((n_features,), name="features"),
        "segments": _integers("segments"),
    }
    if dense:
        inputs["slots"] = _integers("slots")
        inputs |= {name: _integers(name) for name in _names("rows")}
    if pairs:
        inputs["pt"] = keras.Input((), name="pt")
        inputs["pairs"] = keras.Input((2,), dtype="int32", name="pairs")
        inputs |= {name: _integers(name) for name in _names("places")}
        if pair_mass == "weaver":
            inputs["pair_mass"] = keras.Input((), name="pair_mass")
    return inputs


def by_group(inputs: dict[str, keras.KerasTensor], name: str) -> list[keras.KerasTensor]:
    """Give the inputs ``<name>_0``, ``<name>_1``, ..., one for each group of jets."""
    return [inputs[key] for key in _names(name)]


def _names(name: str) -> list[str]:
    return [f"{name}_{number}" for number in range(GROUPS)]


def _integers(name: str) -> keras.KerasTensor:
    return keras.Input((), dtype="int32", name=name)
