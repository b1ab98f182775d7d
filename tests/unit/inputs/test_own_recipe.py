"""A recipe of the user's own, from the jet file to the score, and normalisation in the model."""

from __future__ import annotations

import json
from contextlib import nullcontext
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from jetline.inputs.kinds.images.imaging import image_jets
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.images.recipe import ImageChannel, ImageRecipe
from jetline.inputs.making import make_shard
from jetline.inputs.parts import TEST, TRAIN, VALIDATION
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import open_shard
from jetline.inputs.statistics import training_statistics
from jetline.jets.formats.npz import write_jets
from jetline.jets.reading import open_jets
from jetline.models import read_settings
from jetline.models.layers.images import normalising_layer
from jetline.training.batches import Batches
from jetline.training.job import Request, run_training
from jetline.training.prediction import predict_test_part
from jetline.training.scoring import score_files
from split_shards import parts_of

RECIPE = ImageRecipe(
    pixels=16,
    channels=[
        ImageChannel(species="charged", weight="count", normalisation="none"),
        ImageChannel(species="photons", weight="count", normalisation="none"),
    ],
    set_normalisation="standardise",
    dtype="uint8",
)


# What a model does first


def test_each_channel_is_divided_by_its_own_largest_pixel():
    layer = normalising_layer({"shape": [2, 2, 3], "largest": [4.0, 0.5, 0.0]})
    images = np.arange(24, dtype=np.float32).reshape(2, 2, 2, 3)
    np.testing.assert_allclose(layer(images), images / (4, 0.5, 1), rtol=1e-6)


def test_each_pixel_is_standardised_by_its_own_mean_and_deviation():
    rng = np.random.default_rng(1)
    mean, deviation = rng.normal(size=(2, 3, 4, 2))
    deviation = np.abs(deviation)
    deviation[0, 0, 0] = 0
    statistics = {"shape": [3, 4, 2], "mean": mean.tolist(), "deviation": deviation.tolist()}
    images = rng.normal(size=(5, 3, 4, 2)).astype(np.float32)
    found = np.array(normalising_layer(statistics)(images))
    np.testing.assert_allclose(found, (images - mean) / (deviation + 1e-5), rtol=1e-4, atol=1e-5)


def test_a_recipe_may_leave_the_pixels_as_they_are():
    images = np.ones((1, 2, 2, 1), np.float32)
    np.testing.assert_array_equal(normalising_layer({"shape": [2, 2, 1]})(images), images)


@pytest.mark.parametrize(
    "normalisation",
    [
        {"largest": [2.0, 3.0]},
        {"mean": np.ones((12, 12, 2)).tolist(), "deviation": [[[1, 2]] * 12] * 12},
    ],
)
def test_a_saved_model_keeps_what_it_does_first(tmp_path, normalisation):
    model = read_settings("cnn", {}).build({"shape": [12, 12, 2]} | normalisation)
    model.save(tmp_path / "model.keras")
    images = np.random.default_rng(2).uniform(size=(3, 12, 12, 2)).astype(np.float32)
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_array_equal(
        again.predict_on_batch({"images": images}), model.predict_on_batch({"images": images})
    )


# From the file to the score


@pytest.fixture(scope="module")
def shard(jets, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    write_jets(folder / "jets.npz", *jets)
    make_shard(Images("own", RECIPE), folder / "jets.npz", folder / "shard")
    return folder / "shard"


def test_images_of_any_dtype_come_to_a_model_in_single_precision(jets, shard):
    opened = open_shard(shard)
    assert opened.arrays["images"].dtype == np.uint8
    order = np.random.default_rng(0).permutation(len(opened))
    batches = Batches(JetSample.choose([opened], [np.arange(len(opened))]), order, 128, None)
    for number in (0, len(batches) - 1):
        images = batches[number][0]["images"]
        assert images.dtype == np.float32
        expected = image_jets(jets[0], RECIPE)[order][128 * number :][:128]
        np.testing.assert_array_equal(images[: len(expected)], expected)


def test_a_tagger_of_an_own_recipe_is_trained_and_scores_jet_files(jets, shard, tmp_path):
    part = np.arange(len(jets[1])) % 3
    parts = parts_of([shard], [np.select([part == 0, part == 1], [TRAIN, VALIDATION], TEST)])
    parts.write(tmp_path / "parts.npz")
    statistics = training_statistics([shard], parts)
    statistics.write(tmp_path / "statistics.json")
    settings = {"inputs": "images/own", "epochs": 1}
    request = Request(
        run="mine",
        label="cnn",
        seed=1,
        architecture=read_settings("cnn", settings),
        dataset="few",
        shards=[shard],
        parts=tmp_path / "parts.npz",
        statistics=tmp_path / "statistics.json",
        code="0",
    )
    tracker = SimpleNamespace(run_id=None, epoch=lambda row: None)
    training = tmp_path / "training"
    run_training(request, "cpu", training, tmp_path / "checkpoints", lambda _: nullcontext(tracker))

    facts = json.loads((training / "training.json").read_text())
    assert ImageRecipe(**facts["recipe"]) == RECIPE
    assert facts["identity"] == "experimental"

    predict_test_part(training, {"few": [shard]}, {"few": tmp_path / "parts.npz"}, tmp_path)
    score_files(training, [open_jets(shard.parent / "jets.npz")], tmp_path / "scores.npz")
    with np.load(tmp_path / "few.npz") as tested, np.load(tmp_path / "scores.npz") as scored:
        np.testing.assert_allclose(
            scored["scores"][tested["jets"]], tested["scores"], rtol=1e-4, atol=1e-6
        )
