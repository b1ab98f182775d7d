"""Layers are called the same in every process, since weights are taken over by their names."""

from __future__ import annotations

import inspect

import keras
import pytest

from jetline.models import names, read_settings, register_layers
from jetline.models.architecture import Network
from training_inputs import STATISTICS

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


def test_every_layer_of_ours_is_saved_with_its_name():
    """Keras leaves the name out where the options of a layer are not called `kwargs`."""
    register_layers()
    ours = [one for name, one in keras.saving.get_custom_objects().items() if "jetline>" in name]
    kinds = [one for one in ours if isinstance(one, type) and issubclass(one, keras.layers.Layer)]
    assert len(kinds) > 10
    for kind in kinds:
        needed = [
            parameter
            for parameter in inspect.signature(kind.__init__).parameters.values()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            and parameter.default is parameter.empty
            and parameter.name != "self"
        ]
        values = {one.name: [8] if one.name == "widths" else 1 for one in needed}
        assert kind(**values, name="own").get_config()["name"] == "own", kind.__name__
