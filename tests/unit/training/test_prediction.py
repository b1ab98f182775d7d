"""Prediction: models that cannot be used are told."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from jetline.core.errors import JetlineError
from jetline.models import read_settings
from jetline.records.training import TRAINING, ForeignTagger
from jetline.training.job import write_model
from jetline.training.losses import cross_entropy
from jetline.training.numerics import settle_products
from jetline.training.prediction import load_training
from jetline.training.steps import keras_step


@pytest.fixture
def tagger(tmp_path):
    """A folder with the record of a particle network."""
    record = ForeignTagger(
        label="pfn",
        architecture="pfn",
        inputs="particles",
        identity="full",
        settings={"batch_size": 500},
        view={"features": "energy_flow", "identity": "full"},
        weights={"file": "net.pt", "sha256": "0"},
    )
    record.write(tmp_path / TRAINING)
    return tmp_path


def test_a_model_of_an_earlier_version_is_refused(tagger):
    inputs = [keras.Input((), name="multiplicities"), keras.Input((), name="z")]
    keras.Model(inputs, inputs[0] + inputs[1]).save(tagger / "model.keras")
    with pytest.raises(JetlineError, match="an earlier version"):
        load_training(tagger)


@pytest.mark.parametrize("precision", ["float32", "tf32"])
def test_jets_are_scored_in_the_precision_of_the_training(precision, tagger):
    record = ForeignTagger.read(tagger / TRAINING)
    settings = {"batch_size": 500, "training": {"precision": precision}}
    record.model_copy(update={"settings": settings}).write(tagger / TRAINING)
    counts = keras.Input((), name="counts")
    keras.Model(counts, keras.layers.Activation("relu")(counts)).save(tagger / "model.keras")
    settle_products("float32" if precision == "tf32" else "tf32")
    load_training(tagger)
    rounded = tf.config.experimental.tensor_float_32_execution_enabled()
    assert rounded == (precision == "tf32")
    settle_products("float32")


@pytest.mark.parametrize("name", ["cnn", "cnn-paper", "resnet"])
def test_a_plain_network_is_loaded_without_jetline(name, tmp_path):
    model = read_settings(name, {}).build({"shape": [33, 33, 1], "largest": [40.0]})
    model = keras_step(
        lambda: model, lambda _model: keras.optimizers.Adam(1e-3), cross_entropy, (), None
    )
    images = np.random.default_rng(1).random((40, 33, 33, 1), np.float32)
    model.fit({"images": images}, np.arange(40) % 2, verbose=0)
    write_model(model, tmp_path / "model.keras")
    np.savez(
        tmp_path / "jets.npz", images=images, scores=model.predict({"images": images}, verbose=0)
    )
    code = f"""
import os, sys
os.chdir({str(tmp_path)!r})
sys.modules["jetline"] = None
import keras, numpy as np
model = keras.saving.load_model("model.keras")
with np.load("jets.npz") as jets:
    found = model.predict({{"images": jets["images"]}}, verbose=0)
    np.testing.assert_allclose(found, jets["scores"], rtol=1e-5)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_file_that_is_no_model_is_refused(tagger):
    (tagger / "model.keras").write_bytes(b"no model")
    with pytest.raises(JetlineError, match="no readable model"):
        load_training(tagger)
