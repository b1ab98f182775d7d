"""Compute networks on padded jets directly from their definitions, with the weights of ours.

Arrays have the shape (n_jets, M, ...), with zeros after a jet's last constituent; a mask excludes
them from sums and batch statistics. The code is plain TensorFlow and uses none of our layers.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def padded(features: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n_jets, M, n_features) features of flat ones, and (n_jets, M) 1 for a constituent."""
    real = np.arange(counts.max()) < counts[:, None]
    result = np.zeros((*real.shape, features.shape[1]))
    result[real] = features[: counts.sum()]
    return result, real.astype(np.float64)


def particle_flow_network(model, features, real):
    """Scores of the Particle Flow Network."""
    weights = list(model.trainable_variables)
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    x = features
    for number, (kernel, bias) in enumerate(layers):
        if number == 3:
            x = tf.reduce_sum(x * real[..., None], axis=1)
        x = tf.matmul(x, kernel.value) + bias.value
        if number < len(layers) - 1:
            x = tf.nn.relu(x)
    return tf.nn.softmax(x)


def _batch_norm(norm, x, real):
    """By the mean and variance of the batch's real entries, one operation after another."""
    while real.ndim < len(x.shape):
        real = real[..., None]
    real = real * np.ones(x.shape[:-1])[..., None]
    axes = list(range(len(x.shape) - 1))
    mean = tf.reduce_sum(x * real, axes) / real.sum()
    variance = tf.reduce_sum(tf.square(x - mean) * real, axes) / real.sum()
    return (x - mean) / tf.sqrt(variance + 1e-5) * norm.gamma.value + norm.beta.value


def _edge_convolution(layer, x, points, real, k):
    distances = tf.reduce_sum(tf.square(points[:, :, None] - points[:, None]), axis=-1).numpy()
    itself = np.eye(distances.shape[1], dtype=bool)
    distances[~(real[:, None] * (~itself)[None] > 0)] = np.inf
    nearest = np.argsort(distances, axis=-1, kind="stable")[..., :k]
    found = np.isfinite(np.take_along_axis(distances, nearest, axis=-1))
    others = tf.gather(x, nearest, batch_dims=1) * found[..., None].astype(np.float64)
    itself = tf.repeat(x[:, :, None], k, axis=2)
    edges = tf.concat([itself, others - itself], axis=-1)
    kernels = [layer.first, *(inner.kernel for inner in layer.inner)]
    for kernel, norm in zip(kernels, layer.norms, strict=True):
        edges = tf.nn.relu(_batch_norm(norm, tf.tensordot(edges, kernel.value, 1), real))
    if layer.shortcut:
        x = tf.tensordot(x, layer.shortcut.kernel.value, 1)
        x = _batch_norm(layer.shortcut_norm, x, real)
    return tf.nn.relu(x + tf.reduce_mean(edges, axis=2)) * real[..., None]


def particlenet(model, features, real):
    """Scores of ParticleNet without dropout, as in training."""
    x = _batch_norm(model.get_layer("input_norm"), features, real) * real[..., None]
    points, k = features[..., -2:], next(v.k for v in model.layers if hasattr(v, "k"))
    for layer in [v for v in model.layers if v.name.startswith("edge_")]:
        x = points = _edge_convolution(layer, x, points, real, k)
    x = tf.reduce_sum(x, axis=1) / real.sum(axis=1, keepdims=True)
    hidden, logits = model.get_layer("hidden"), model.get_layer("logits")
    x = tf.nn.relu(tf.matmul(x, hidden.kernel.value) + hidden.bias.value)
    return tf.nn.softmax(tf.matmul(x, logits.kernel.value) + logits.bias.value)
