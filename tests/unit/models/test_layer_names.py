"""Layers are called the same in every process, since weights are taken over by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jetline.models import names, read_settings
from jetline.models.architecture import Network
from training_inputs import STATISTICS

if TYPE_CHECKING:
    import keras

NETWORKS = [name for name in names() if isinstance(read_settings(name, {}), Network)]


def build(name: str, **settings) -> keras.Model:
    return read_settings(name, settings).build(STATISTICS | {"shape": [33, 33, 1]})


def names_of(model: keras.Model) -> list[str]:
    return [layer.name for layer in model.layers if layer.weights]


@pytest.mark.parametrize("name", NETWORKS)
def test_layers_with_weights_have_the_same_names_whatever_was_built_before(name):
    assert names_of(build(name)) == names_of(build(name))


def test_another_number_of_layers_changes_the_names_of_no_others():
    many = build("pfn", phi=[4, 4, 4], f=[4, 4])
    few = build("pfn", phi=[4], f=[4, 4])
    assert names_of(many) == ["phi_0", "phi_1", "phi_2", "f_0", "f_1", "scores"]
    assert names_of(few) == ["phi_0", "f_0", "f_1", "scores"]
