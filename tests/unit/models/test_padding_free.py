"""Training without padding gives the gradients and losses of training with padding."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import padded_networks
from jetline.models import read_settings
from jetline.models.layers.normalisation import RowNormalization
from jetline.models.particlenet import particlenet
from jetline.training.batches import Batches
from training_inputs import every, make_shards

BATCH = 50


def flat_network(name):
    keras.utils.set_random_seed(2)
    if name == "pfn":
        return read_settings("pfn", {"phi": [20, 20, 30], "f": [20, 20, 20]}).build({})
    return particlenet(13, [(16, (8, 8, 8)), (16, (12, 12, 12)), (16, (12, 12))], 16, 0)


PADDED = {
    "pfn": padded_networks.particle_flow_network,
    "particlenet": padded_networks.particlenet,
}


def in_double(inputs):
    return {
        name: values.astype(np.float64) if values.dtype == np.float32 else values
        for name, values in inputs.items()
    }


def padded_step(model, network, optimiser, inputs, labels):
    """Loss of a step on the padded jets; the weights are those after it."""
    import tensorflow as tf

    counts = inputs["counts"].astype(int)
    features, real = padded_networks.padded(inputs["features"], counts)
    with tf.GradientTape() as tape:
        scores = network(model, tf.constant(features), real)
        quark = tf.gather(scores, labels[:, None], batch_dims=1)
        loss = -tf.reduce_mean(tf.math.log(quark))
    variables = [variable.value for variable in model.trainable_variables]
    optimiser.apply(tape.gradient(loss, variables), model.trainable_variables)
    return float(loss)


@pytest.mark.parametrize("name", list(PADDED))
def test_the_learning_curve_is_that_of_plainly_padded_jets(name, jets, tmp_path, double):
    sample = every(make_shards(tmp_path, *jets, "particles"))
    view = read_settings(name, {}).view
    batches = Batches(sample, np.random.default_rng(3).permutation(len(sample)), BATCH, view)
    flat, plain = flat_network(name), flat_network(name)
    flat.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    optimiser = keras.optimizers.Adam(3e-3)
    optimiser.build(plain.trainable_variables)
    ours, theirs = [], []
    for number in range(len(batches)):
        inputs, labels = batches[number]
        inputs = in_double(inputs)
        assert (
            len(inputs["features"]) > inputs["counts"].sum()
        )  # rows that are thrown away take part
        ours.append(float(flat.train_on_batch(inputs, labels)))
        theirs.append(padded_step(plain, PADDED[name], optimiser, inputs, labels))
    assert theirs[-1] < 0.95 * theirs[0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    for mine, other in zip(flat.trainable_variables, plain.trainable_variables, strict=True):
        np.testing.assert_allclose(np.array(mine), np.array(other), rtol=1e-4, atol=1e-6)


def test_running_statistics_are_of_the_rows_that_count(double):
    rows = np.random.default_rng(5).normal(3, 2, size=(40, 4, 6))
    real = np.repeat([1.0, 0.0], [30, 10])
    norm = RowNormalization()
    norm(rows, real, training=True)
    counted = rows[:30].reshape(-1, 6)
    np.testing.assert_allclose(np.array(norm.mean), 0.1 * counted.mean(axis=0), rtol=1e-12)
    expected = 0.9 + 0.1 * counted.var(axis=0, ddof=1)
    np.testing.assert_allclose(np.array(norm.variance), expected, rtol=1e-12)
