"""Prediction: models that cannot be used are told."""

from __future__ import annotations

import keras
import pytest

from jetline.core.errors import JetlineError
from jetline.records.training import TRAINING, ForeignTagger
from jetline.training.prediction import load_training


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


def test_a_file_that_is_no_model_is_refused(tagger):
    (tagger / "model.keras").write_bytes(b"no model")
    with pytest.raises(JetlineError, match="no readable model"):
        load_training(tagger)
