"""The losses of jets are their formulas, and keep a gradient where scores are 0 or 1."""

from __future__ import annotations

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from jetline.training.losses import SmoothedCrossEntropy, cross_entropy

LOGITS = np.float32([[0.3, -0.2], [-4, 3], [0, 0], [30, -30], [-30, 30]])
LABELS = np.int32([0, 1, 1, 0, 1])
WRONG = 1 - LABELS


def formula(labels, share):
    logits = np.float64(LOGITS)
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    targets = (1 - share) * np.eye(2)[labels] + share / 2
    return -np.sum(targets * np.log(scores), axis=1)


def losses(labels, share):
    """Of each jet, as a training has them: from the logits, where the backend finds these."""
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Softmax()(inputs))
    found = []
    for label, logits in zip(labels, LOGITS, strict=True):
        model.compile(loss=SmoothedCrossEntropy(share))
        found.append(float(model.test_on_batch(logits[None], np.array([label]))))
    return np.array(found)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("labels", [LABELS, WRONG])
def test_a_share_of_each_label_is_given_to_all_classes(share, labels):
    np.testing.assert_allclose(losses(labels, share), formula(labels, share), rtol=1e-5, atol=1e-7)


def test_without_a_share_it_is_the_cross_entropy_to_the_last_bit():
    scores = keras.ops.softmax(LOGITS)
    plain = np.array(cross_entropy(LABELS, scores))
    np.testing.assert_array_equal(np.array(SmoothedCrossEntropy()(LABELS, scores)), plain)


def test_keras_finds_it_again():
    again = keras.losses.deserialize(keras.saving.serialize_keras_object(SmoothedCrossEntropy(0.2)))
    assert again == SmoothedCrossEntropy(0.2)


@pytest.mark.slow
def test_the_losses_are_the_same_on_jax():
    """But for the least score, which a logarithm of single precision has."""
    code = f"""
import jax, numpy as np
from jetline.training.losses import SmoothedCrossEntropy
logits, labels = np.array({LOGITS[:3].tolist()}), np.array({LABELS[:3].tolist()})
loss = lambda logits: SmoothedCrossEntropy(0.1)(labels, jax.nn.softmax(logits))
print(*loss(np.float32(logits)))
print(*jax.grad(lambda logits: loss(logits).sum())(np.float32(logits)).ravel())
"""
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    found, gradients = (np.array(line.split(), float) for line in run.stdout.splitlines())
    np.testing.assert_allclose(found, formula(LABELS, 0.1)[:3], rtol=1e-5)
    scores = np.exp(LOGITS[:3]) / np.exp(LOGITS[:3]).sum(axis=1, keepdims=True)
    expected = scores - 0.9 * np.eye(2)[LABELS[:3]] - 0.05
    np.testing.assert_allclose(gradients, expected.ravel(), rtol=1e-4, atol=1e-6)
