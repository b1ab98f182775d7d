"""GELU, dropout and layer normalisation: their values and gradients."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.stats import norm

from jetline.models.layers.activation import Dropout, gelu
from jetline.models.layers.normalisation import LayerNormalization


def gradient(function, x, upstream):
    import tensorflow as tf

    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(function(x) * upstream)
    return tape.gradient(total, x).numpy()


def test_gelu_is_x_times_the_normal_distribution(double):
    x = np.linspace(-6, 6, 101)
    upstream = np.random.default_rng(1).normal(size=x.shape)
    np.testing.assert_allclose(gelu(keras.ops.array(x)), x * norm.cdf(x), rtol=1e-12, atol=1e-15)
    slope = norm.cdf(x) + x * norm.pdf(x)
    np.testing.assert_allclose(gradient(gelu, x, upstream), upstream * slope, atol=1e-12)


def test_layer_normalisation_is_kerass(double):
    import tensorflow as tf

    generator = np.random.default_rng(2)
    x, upstream = generator.normal(3, 2, (2, 50, 12))
    ours, theirs = LayerNormalization(), keras.layers.LayerNormalization(epsilon=1e-5)
    gamma, beta = generator.normal(size=(2, 12))
    results = []
    for layer in (ours, theirs):
        layer.build(x.shape)
        layer.set_weights([gamma, beta])
        with tf.GradientTape() as tape:
            given = tf.constant(x)
            tape.watch(given)
            output = layer(given)
            total = tf.reduce_sum(output * upstream)
        results.append([output, *tape.gradient(total, [given, *layer.trainable_variables])])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_dropout_drops_the_share_and_keeps_the_mean_and_lets_the_same_gradient_through(rate):
    keras.utils.set_random_seed(3)
    layer = Dropout(rate)
    x = np.ones((500, 4, 256), np.float32)
    n = x.size
    seen = []

    def dropped(given):
        seen.append(layer(given, training=True))
        return seen[-1]

    slope = gradient(dropped, x, np.float32(1))
    values = np.asarray(seen[0])
    zero = values == 0
    # Five standard deviations of a binomial share.
    assert zero.mean() == pytest.approx(rate, abs=5 * np.sqrt(rate * (1 - rate) / n))
    np.testing.assert_allclose(values[~zero], 1 / (1 - rate), rtol=1e-6)
    np.testing.assert_array_equal(slope, values)
    # Neighbours share a random number of 32 bits, and are independent all the same.
    pairs = zero.reshape(-1, 2).all(axis=1).mean()
    assert pairs == pytest.approx(rate**2, abs=5 * rate / np.sqrt(n / 2))
    again = np.asarray(layer(x, training=True))
    assert 0.5 * rate < np.mean((again == 0) != zero) < 2 * rate
    np.testing.assert_array_equal(layer(x, training=False), x)
