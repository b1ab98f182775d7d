"""The Energy Flow and Particle Flow Networks equal those of EnergyFlow."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from jetline.inputs.features import pfn_features
from jetline.models import read_settings

#: As recorded, in the order of the network.
LAYERS = ("tdist_0", "tdist_1", "tdist_2", "dense_0", "dense_1", "output")

pytestmark = pytest.mark.parametrize("name", ["efn", "pfn"])


@pytest.fixture
def reference(name, root):
    with np.load(root / f"tests/references/{name}.npz", allow_pickle=False) as archive:
        return dict(archive)


def network(name, reference):
    """Ours, with the recorded weights."""
    biases = [len(reference[f"energyflow/{layer}/bias"]) for layer in LAYERS]
    model = read_settings(name, {"phi": biases[:3], "f": biases[3:5]}).build({})
    kinds = ("kernel", "bias")
    model.set_weights([reference[f"energyflow/{layer}/{k}"] for layer in LAYERS for k in kinds])
    return model


def inputs(reference, padding=0, fill=0):
    """What `particle_tensors` gives, of recorded jets, with rows of padding full of `fill`."""
    counts, precision = reference["multiplicities"], keras.config.floatx()
    real = int(counts.sum())
    features = np.full((real + padding, reference["features"].shape[1]), fill, precision)
    features[:real] = reference["features"]
    segments = np.full(real + padding, len(counts), np.int32)
    segments[:real] = np.repeat(np.arange(len(counts)), counts)
    return {"counts": counts.astype(precision), "features": features, "segments": segments}


def differences(model, given):
    """Quark minus gluon logit of each jet, and the gradient of their sum by the features.

    The logarithm of a ratio of the softmax's values is the difference of what went into it.
    """
    import tensorflow as tf

    given = {name: tf.convert_to_tensor(values) for name, values in given.items()}
    with tf.GradientTape() as tape:
        tape.watch(given["features"])
        scores = tf.math.log(model(given, training=False))
        result = scores[:, 1] - scores[:, 0]
    return result.numpy(), tf.convert_to_tensor(tape.gradient(result, given["features"])).numpy()


def recorded_differences(reference, logits="logits"):
    return reference[logits][:, 1] - reference[logits][:, 0]


def test_features_are_energyflows(name, reference):
    identity = "none" if name == "efn" else "full"
    features = pfn_features(reference["particles"], reference["multiplicities"], identity)
    np.testing.assert_allclose(features, reference["features"], rtol=1e-6, atol=1e-7)


def test_logits_and_gradients_are_energyflows_in_double_precision(name, reference, double):
    output, gradients = differences(network(name, reference), inputs(reference))
    expected = recorded_differences(reference)
    spread = expected.std()
    assert spread > 0.5
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-8 * spread)
    # Each feature's by its own scale.
    scale = np.abs(reference["gradients"]).max(axis=0)
    np.testing.assert_allclose(gradients / scale, reference["gradients"] / scale, rtol=0, atol=1e-8)


def test_single_precision_loses_no_more_digits_than_energyflows(name, reference):
    exact = recorded_differences(reference)
    own = np.abs(recorded_differences(reference, "logits_float32") - exact).max()
    assert own < 2e-5 * exact.std()
    output, _ = differences(network(name, reference), inputs(reference))
    assert output.dtype == np.float32
    # Rounding is chance: in another order of the particles, ours is off by up to 1.8 times theirs.
    np.testing.assert_allclose(output, exact, rtol=0, atol=5 * own)


def test_padding_changes_nothing(name, reference, double):
    model = network(name, reference)
    output, gradients = differences(model, inputs(reference))
    for fill in (0, 3):
        padded, slopes = differences(model, inputs(reference, padding=37, fill=fill))
        np.testing.assert_allclose(padded, output, rtol=0, atol=1e-12)
        np.testing.assert_allclose(slopes[:-37], gradients, rtol=1e-10, atol=1e-12)
        assert not slopes[-37:].any()
