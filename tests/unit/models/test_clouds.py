"""ParticleNet and the Particle Transformer equal the authors' own code."""

from __future__ import annotations

import itertools
import math

import keras
import numpy as np
import pytest

from jetline.inputs.dense import dense_places, pair_places
from jetline.inputs.features import cloud_features
from jetline.inputs.kinds.particles import flatten
from jetline.inputs.pair_mass import log_mass_squared
from jetline.inputs.view import GROUPS
from jetline.models import read_settings
from jetline.models.particle_transformer import particle_transformer
from jetline.models.particlenet import particlenet
from jetline.training.weaver.weights import from_weaver, to_weaver


def recorded_networks():
    blocks = [(16, (12, 12, 12)), (16, (16, 16, 16)), (16, (16, 16, 16))]
    yield "particlenet", lambda: particlenet(13, blocks, 24, 0.1)
    yield (
        "particle_transformer",
        lambda: particle_transformer(13, (16, 32, 16), (8, 8), heads=4, blocks=2, dropout=0.1),
    )


RECORDED = pytest.mark.parametrize(("name", "network"), list(recorded_networks()))


@pytest.fixture
def reference(name, root):
    with np.load(root / f"tests/references/{name}.npz", allow_pickle=False) as archive:
        return dict(archive)


def weights(reference):
    return {k.removeprefix("weaver/"): v for k, v in reference.items() if k.startswith("weaver/")}


def inputs(reference, pairs, extra_rows=0, features=None):
    """What `particle_tensors` gives, of recorded jets."""
    counts = reference["multiplicities"]
    real = int(counts.sum())
    total = real + extra_rows

    def filled(values, fill):
        result = np.full((total, *values.shape[1:]), fill, keras.config.floatx())
        result[:real] = values
        return result

    slots, rows = dense_places(counts, GROUPS, total, step=8)
    segments = filled(np.repeat(np.arange(len(counts)), counts), len(counts)).astype(np.int32)
    given = reference["features"] if features is None else features
    result = {
        "counts": counts.astype(keras.config.floatx()),
        "features": filled(given, 0),
        "segments": segments,
        "slots": slots,
    }
    result |= {f"rows_{n}": group.ravel() for n, group in enumerate(rows)}
    if pairs:
        n_pairs = int((counts * (counts + 1) // 2).sum()) + 3 * extra_rows
        two, places = pair_places(counts, rows, total, n_pairs)
        result |= {"pt": filled(reference["particles"][:, 0], 1), "pairs": two}
        result |= {f"places_{n}": group.ravel() for n, group in enumerate(places)}
    return result


def logits(model):
    return keras.Model(model.input, model.get_layer("logits").output)


def difference_of(model, given):
    """Gradient of the sum of quark minus gluon logits with respect to the features."""
    import tensorflow as tf

    given = {name: tf.convert_to_tensor(values) for name, values in given.items()}
    with tf.GradientTape() as tape:
        tape.watch(given["features"])
        output = model(given, training=False)
        total = tf.reduce_sum(output[:, 1] - output[:, 0])
    return output.numpy()[:, ::-1], tf.convert_to_tensor(
        tape.gradient(total, given["features"])
    ).numpy()


@RECORDED
def test_logits_and_gradients_are_weavers_in_double_precision(name, network, reference, double):
    model = network()
    from_weaver(model, weights(reference))
    given = inputs(reference, pairs=name != "particlenet")
    output, gradients = difference_of(logits(model), given)
    spread = reference["logits"].std()
    assert spread > 0.5
    np.testing.assert_allclose(output, reference["logits"], rtol=0, atol=1e-8 * spread)
    scale = np.abs(reference["gradients"]).max()
    np.testing.assert_allclose(gradients, reference["gradients"], rtol=0, atol=1e-8 * scale)


@RECORDED
def test_single_precision_is_close_to_the_double_precision_reference(name, network, reference):
    model = network()
    from_weaver(model, weights(reference))
    output = logits(model).predict_on_batch(inputs(reference, pairs=name != "particlenet"))
    spread = reference["logits"].std()
    np.testing.assert_allclose(output[:, ::-1], reference["logits"], rtol=0, atol=1e-4 * spread)


def test_with_its_rounding_of_ln_m2_single_precision_is_weavers_in_single_precision(root):
    """weaver was given momenta about the jet axis, computed in double precision and rounded."""
    with np.load(root / "tests/references/particle_transformer.npz") as archive:
        reference = dict(archive)
    options = {"heads": 4, "blocks": 2, "dropout": 0.1, "pair_mass": "weaver"}
    model = particle_transformer(13, (16, 32, 16), (8, 8), **options)
    from_weaver(model, weights(reference))
    given = inputs(reference, pairs=True, extra_rows=5)
    pt, y, phi = reference["particles"][:, 0], *reference["features"][:, -2:].astype(float).T
    about = pt[:, None] * np.stack([np.cos(phi), np.sin(phi), np.sinh(y), np.cosh(y)], axis=1)
    real = given["pairs"][given["pairs"][:, 0] < len(pt)]
    given["pair_mass"] = np.zeros(len(given["pairs"]), np.float32)
    given["pair_mass"][: len(real)] = log_mass_squared(about.astype(np.float32), real)
    output = logits(model).predict_on_batch(given)[:, ::-1]
    spread = reference["logits"].std()
    # What is left to explain is large: up to three quarters of the logits' spread.
    assert np.abs(reference["logits_float32"] - reference["logits"]).max() > 0.5 * spread
    np.testing.assert_allclose(output, reference["logits_float32"], rtol=0, atol=1e-5 * spread)


@RECORDED
def test_padding_changes_nothing(name, network, reference, double):
    model = logits(network())
    few = model.predict_on_batch(inputs(reference, name != "particlenet"))
    more = model.predict_on_batch(inputs(reference, name != "particlenet", extra_rows=37))
    np.testing.assert_allclose(more, few, rtol=1e-10, atol=1e-12)


@RECORDED
def test_weights_go_to_weaver_and_back(name, network, reference):
    model = network()
    from_weaver(model, weights(reference))
    again = to_weaver(model)
    theirs = weights(reference)
    assert again.keys() == theirs.keys()
    for key, values in again.items():
        np.testing.assert_array_equal(values, theirs[key], strict=True)


@pytest.mark.parametrize(
    ("name", "identity", "parameters"),
    [
        ("particlenet", "none", 366_160),
        ("particlenet", "full", 367_324),
        ("particlenet-lite", "full", 27_004),
        ("particle-transformer", "none", 2_141_134),
        ("particle-transformer", "experimental", 2_141_926),
    ],
)
def test_networks_have_the_published_numbers_of_parameters(name, identity, parameters):
    model = read_settings(name, {"identity": identity}).build({})
    assert sum(int(np.prod(w.shape)) for w in model.trainable_variables) == parameters


def test_particlenet_lite_has_the_published_26122_parameters_with_four_features():
    model = particlenet(4, [(7, (32,) * 3), (7, (64,) * 3)], 128, 0.1)
    assert sum(int(np.prod(w.shape)) for w in model.trainable_variables) == 26_122


def features_of_one_jet(particles, identity):
    """Straight from the definition, particle by particle."""
    around = [math.remainder(p[2] - particles[0][2], 2 * math.pi) for p in particles]
    momenta = [
        (p[0] * math.cos(f), p[0] * math.sin(f), p[0] * math.sinh(p[1]), p[0] * math.cosh(p[1]))
        for p, f in zip(particles, around, strict=True)
    ]
    x, y, z, energy = (math.fsum(values) for values in zip(*momenta, strict=True))
    pt = math.hypot(x, y)
    eta, phi = math.asinh(z / pt), math.atan2(y, x)
    rows = []
    for (p, rapidity, _, pdg), f, momentum in zip(particles, around, momenta, strict=True):
        kind, deta, dphi = abs(int(pdg)), rapidity - eta, math.remainder(f - phi, 2 * math.pi)
        deta *= 1 if eta >= 0 else -1
        scaled = (
            (math.log(p) - 1.7) * 0.7,
            (math.log(momentum[3]) - 2) * 0.7,
            (math.log(p / pt) + 4.7) * 0.7,
            (math.log(momentum[3] / energy) + 4.7) * 0.7,
            (math.hypot(deta, dphi) - 0.2) * 4,
        )
        row = [min(max(value, -5), 5) for value in scaled]
        if identity != "none":
            sign = 1 if pdg > 0 else -1
            charged, neutral = kind in (211, 321, 2212), kind in (130, 2112)
            row.append(sign if charged else -sign if kind in (11, 13) else 0)
            if identity == "full":
                charged = {211: 1, 321: 0.5, 2212: 0.2}.get(kind, 0)
                neutral = {130: 1, 2112: 0.2}.get(kind, 0)
            row += [charged, neutral, kind == 22, kind == 11, kind == 13]
        rows.append([*row, deta, dphi])
    return rows


@pytest.mark.parametrize(("identity", "width"), [("none", 7), ("experimental", 13), ("full", 13)])
def test_features_are_those_of_straightforward_code_for_each_jet(identity, width, jets):
    flat, offsets = flatten(jets[0][:60])
    features = cloud_features(flat, np.diff(offsets), identity)
    assert features.shape == (len(flat), width)
    for start, end in itertools.pairwise(offsets):
        expected = features_of_one_jet(flat[start:end].astype(np.float64).tolist(), identity)
        np.testing.assert_allclose(features[start:end], expected, rtol=1e-5, atol=2e-6)
