"""A trained network in another precision, to compare what it gives there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import keras

from jetline.training.scores import jit_compile

if TYPE_CHECKING:
    from jetline.inputs.view import ParticleView


def network_in(model: keras.Model, precision: str, view: ParticleView | None) -> keras.Model:
    """Give a network with the same weights that computes in one precision throughout.

    Parameters
    ----------
    model : keras.Model
        A trained network of any precision.
    precision : "float32" or "float64"
        Of everything that it computes.
    view : ParticleView or None
        For particles: what it is given of them.
    """
    kinds = r'"(mixed_)?(float16|bfloat16|float32|float64)"'
    described = re.sub(kinds, f'"{precision}"', model.to_json())
    copy = keras.models.model_from_json(described)
    copy.set_weights(model.get_weights())
    copy.compile(jit_compile=jit_compile(view))
    return copy
