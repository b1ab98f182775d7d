"""Recipes that a configuration defines, and mistakes in them."""

from typing import Any

import pytest

from configurations import changed, mistake, pasted
from jetline.configuration.reading import read_configuration


def with_recipe(**settings: Any) -> dict[str, Any]:
    return changed("recipes", "mine", value=settings)


def test_an_architecture_takes_a_recipe_of_the_configuration():
    values = with_recipe(pixels=16, channels=[{"species": "photons", "weight": "count"}])
    values["architectures"] = {"cnn": {"inputs": "images/mine"}}
    configuration = read_configuration(values)
    recipe = configuration.all_recipes["mine"]
    assert recipe.pixels == 16
    assert recipe.channels[0].normalisation == "l1"
    assert {"notebook", "pt", "color"} < set(configuration.all_recipes)


def test_an_unknown_recipe_is_answered_with_the_nearest_one_of_the_configuration():
    values = with_recipe()
    values["architectures"] = {"cnn": {"inputs": "images/mime"}}
    assert mistake(values).remedy == "did you mean images/mine?"


def test_a_built_in_recipe_keeps_its_settings():
    read_configuration(changed("recipes", "pt", value={}))  # its very own
    error = mistake(changed("recipes", "pt", value={"pixels": 65}))
    assert error.where == "configuration, recipes.pt"
    assert "built in" in error.expected
    assert error.remedy == "call it my_pt"


@pytest.mark.parametrize(
    ("settings", "key", "expected"),
    [
        ({"rapidity": [1, -1]}, "rapidity", "the lower one first"),
        ({"rapidity": [1]}, "rapidity", "two numbers"),
        ({"rapidity": 1}, "rapidity", "two numbers"),
        ({"azimuth": [0, 7]}, "azimuth", "no wider than 2 pi"),
        ({"centring": "pixel", "azimuth": [0, 1]}, "centring", "0 in their middle"),
        ({"centring": "none", "rotate": True}, "rotate", "centroid"),
        ({"centring": "pixel", "flip": True}, "flip", "centroid"),
        ({"dtype": "uint8"}, "dtype", "`count`"),
        ({"dtype": "uint8", "channels": [{"weight": "count"}]}, "dtype", "`none`"),
        ({"padding_as_particles": True}, "padding_as_particles", "centring `none`"),
        ({"rotate": "maybe"}, "rotate", "true or false"),
        ({"channels": [3]}, "channels[0]", "keys and values"),
        ({"channels": []}, "channels", "1 or more entries"),
    ],
)
def test_steps_of_a_recipe_that_do_not_fit_are_told_with_what_to_paste(settings, key, expected):
    values = with_recipe(**settings)
    error = mistake(values)
    assert error.where == f"configuration, recipes.mine.{key}"
    assert expected in error.expected
    read_configuration(pasted(error, values))


@pytest.mark.parametrize(
    ("settings", "key", "remedy"),
    [
        ({"pixel": 16}, "pixel", "did you mean pixels?"),
        ({"weight": "pt"}, "weight", "move it to an entry of channels"),
        ({"centring": "centre"}, "centring", "did you mean centroid?"),
        ({"channels": [{}, {"wieght": "pt"}]}, "channels[1].wieght", "did you mean weight?"),
        ({"channels": [{"pixels": 3}]}, "channels[0].pixels", "move it to an entry of recipes"),
        ({"channels": [{"species": "photon"}]}, "channels[0].species", "did you mean photons?"),
    ],
)
def test_a_slip_in_a_recipe_is_answered_with_the_right_word(settings, key, remedy):
    error = mistake(with_recipe(**settings))
    assert error.where == f"configuration, recipes.mine.{key}"
    assert error.remedy == remedy


def test_a_recipe_without_settings_is_answered_with_empty_ones():
    values = changed("recipes", "mine", value=None)
    read_configuration(pasted(mistake(values), values))


@pytest.mark.parametrize("species", [3, "quarks", None])
def test_a_species_that_is_none_is_answered_with_whole_channels(species):
    values = with_recipe(channels=[{"species": species}])
    read_configuration(pasted(mistake(values), values))
