"""Images of raw jets, and networks of images, are the same in ONNX models."""

from __future__ import annotations

import keras
import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (pip install -e '.[onnx]')")

from exported import network, run, tagger
from jetline import models
from jetline.export.tagger import tagger_model
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.imaging import image_jets
from jetline.inputs.kinds.images.recipe import ImageRecipe
from jetline.inputs.kinds.images.steps import IMAGE_STEPS

OWN = {
    "rotated": {"rotate": True, "flip": True, "pixels": 16},
    "flipped": {"flip": True, "centring": "hardest", "pixels": 15},
    "snapped": {"centring": "pixel", "pixels": 20},
    "detector": {
        "centring": "none",
        "rapidity": [-1.5, 1.5],
        "azimuth": [-1.0, 3.0],
        "pixels": 21,
        "channels": [
            {"species": "photons", "normalisation": "density"},
            {"species": "kaons", "weight": "count", "normalisation": "none"},
            {"species": "charged", "normalisation": "density"},
            {"weight": "count", "normalisation": "l1"},
        ],
    },
    "half": {"dtype": "float16", "pixels": 8},
    "bytes": {
        "dtype": "uint8",
        "pixels": 8,
        "channels": [{"weight": "count", "normalisation": "none"}],
    },
}
ALL = RECIPES | {name: ImageRecipe.model_validate(told) for name, told in OWN.items()}


@pytest.fixture(scope="module")
def constituents(jets):
    few = jets[0][:60].copy()
    few[0, 1:] = 0
    few[1, 2:] = 0
    return few


def smallest(recipe):
    """A network that takes images as they are, and their statistics."""
    settings, _ = network("cnn", {"shape": [28, 28, 1]})
    images = keras.Input(recipe.shape, name="images")
    x = keras.layers.Flatten()(images)
    scores = keras.layers.Dense(2, activation="softmax", name="scores")(x)
    return settings, keras.Model({"images": images}, scores)


@pytest.mark.parametrize("name", list(ALL))
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_images_are_those_of_the_shards(name, precision, constituents):
    recipe = ALL[name]
    settings, model = smallest(recipe)
    record = tagger(settings, recipe=recipe.model_dump(mode="json"))
    exported = tagger_model([model], record, precision, checked=True)
    (images,) = run(exported, constituents, "images")
    expected = image_jets(constituents, recipe).astype(np.float32)
    assert expected.any(axis=(1, 2, 3)).mean() > 0.5
    np.testing.assert_allclose(images, expected, rtol=1e-6, atol=0)


def test_every_step_of_images_is_in_one_of_these_recipes():
    assert {step for recipe in ALL.values() for step in recipe.steps} == set(IMAGE_STEPS)


CASES = [
    ("cnn", {"inputs": "images/notebook"}),
    ("cnn", {"inputs": "images/color"}),
    ("cnn-paper", {"inputs": "images/color-scaled"}),
    ("resnet", {"inputs": "images/pt"}),
    ("resnet", {"inputs": "images/pt", "normalisation": "layer"}),
    ("resnet", {"inputs": "images/pt", "normalisation": "group"}),
]


def test_every_network_of_images_is_one_of_these():
    taking = {name for name in models.names() if "images" in models.settings_class(name).kinds}
    assert taking == {name for name, _ in CASES}


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_scores_are_those_of_keras_from_raw_jets(name, settings, constituents):
    recipe = RECIPES[settings["inputs"].removeprefix("images/")]
    images = image_jets(constituents, recipe)
    statistics = {"shape": list(recipe.shape), "largest": images.max(axis=(0, 1, 2)).tolist()}
    if recipe.set_normalisation == "standardise":
        statistics["mean"] = images.mean(axis=0).tolist()
        statistics["deviation"] = images.std(axis=0).tolist()
    settings, model = network(name, statistics, **settings)
    record = tagger(settings, recipe=recipe.model_dump(mode="json"))
    (scores,) = run(tagger_model([model], record), constituents)
    expected = np.asarray(model({"images": images}))[:, 1]
    assert np.ptp(expected) > 1e-3
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-5)


def test_a_network_of_pictures_takes_pictures():
    settings, model = network("cnn", {"shape": [12, 14, 3], "largest": [255.0] * 3})
    record = tagger(settings.model_copy(update={"inputs": "pictures"}))
    pictures = np.random.default_rng(1).integers(0, 256, (5, 12, 14, 3)).astype(np.float32)
    wrong = np.concatenate([pictures, pictures[:1]])
    wrong[-1, 0, 0, 0] = np.nan
    exported = tagger_model([model], record)
    (scores,) = run(exported, wrong)
    expected = np.asarray(model({"images": pictures}))[:, 1]
    np.testing.assert_allclose(scores[:5], expected, rtol=0, atol=1e-5)
    assert np.isnan(scores[5])
