"""Networks in half precision give nearly the scores of single precision, and learn."""

from __future__ import annotations

import functools
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

import half_precision
from half_precision import PRECISIONS, compiled, scores_and_losses, settings_of, trained
from jetline import models
from jetline.models.architecture import Network
from jetline.models.layers.attention import ParticleAttention
from jetline.models.layers.graph import Neighbours
from jetline.models.layers.normalisation import LayerNormalization, RowNormalization
from jetline.models.layers.pairs import PairFeatures, PairScores, PlaceScores
from jetline.models.layers.segments import SegmentMean, SegmentSum
from jetline.training.batches import Batches
from jetline.training.job import write_model
from jetline.training.safe_loading import load_safely
from jetline.training.scores import class_scores
from jetline.training.steps import keras_step
from training_inputs import every, make_shards

#: Sister networks of fewer layers of the same kinds stand for these.
LARGE = {"particle-transformer", "particlenet"}

NETWORKS = [
    name
    for name in models.names()
    if issubclass(models.settings_class(name), Network) and name not in LARGE
]

#: Largest difference of a probability; bfloat16 has 8 bits, float16 has 11.
TOLERANCES = {"bfloat16": 0.02, "float16": 0.004}


@pytest.fixture(scope="module")
def samples(jets, tmp_path_factory):
    made = {}

    def sample(name):
        inputs = settings_of(name).inputs
        if inputs not in made:
            made[inputs] = every(make_shards(tmp_path_factory.mktemp("shards"), *jets, inputs))
        return made[inputs]

    return sample


def agrees(found, single, precision):
    """The first 100 are scores, then come losses."""
    assert np.abs(found[:100] - single[:100]).max() <= TOLERANCES[precision]
    losses = found[100:]
    assert losses[-1] < losses[0]


@pytest.fixture(scope="module")
def in_bfloat16(samples):
    """Networks after six steps, with the scores before them and the losses: each trained once."""
    return functools.cache(lambda name: trained(name, "bfloat16", samples(name), 6))


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_in_bfloat16_scores_as_in_single_precision_and_learns(name, samples, in_bfloat16):
    single = scores_and_losses(name, "float32", samples(name), 0)
    agrees(in_bfloat16(name)[1], single, "bfloat16")


def precisions(model):
    """Of layers that compute: Keras loads inputs and some dropouts in another precision."""
    return [layer.compute_dtype for layer in model.layers if layer.weights]


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_in_half_precision_is_scored_as_it_was_trained(
    name, samples, in_bfloat16, tmp_path
):
    model, view = in_bfloat16(name)[0], settings_of(name).view
    few = type(samples(name)).choose([samples(name).shards[0]], [np.arange(100)])
    scores = class_scores(model, few, 100, view)[:, 1]
    write_model(model, tmp_path / "model.keras")
    again = load_safely(tmp_path / "model.keras")
    np.testing.assert_allclose(class_scores(again, few, 100, view)[:, 1], scores, rtol=1e-6)
    assert precisions(again) == precisions(model)
    assert "bfloat16" in precisions(again)
    assert {weight.dtype for weight in again.trainable_variables} == {"float32"}
    assert again.output.dtype == "float32"


@pytest.fixture(scope="module")
def on_jax(samples, tmp_path_factory):
    output = tmp_path_factory.mktemp("half") / "jax.npz"
    names = ("pfn", "particlenet-lite", "particle-transformer-small")
    told = [f"{name}={samples(name).shards[0].folder}" for name in names]
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    support = os.path.dirname(half_precision.__file__)  # noqa: PTH120
    environment["PYTHONPATH"] = os.pathsep.join([support, os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, half_precision.__file__, output, "8", *told]
    subprocess.run(command, env=environment, check=True)
    return np.load(output)


@pytest.mark.slow
def test_networks_in_half_precision_score_as_in_single_precision_and_learn_on_jax(on_jax):
    for key in on_jax.files:
        name, precision = key.split()
        if precision != "float32":
            agrees(on_jax[key], on_jax[f"{name} float32"], precision)


def test_float16_lowers_its_scale_until_nothing_overflows_and_learns_from_then_on(samples):
    model, view = compiled("pfn", "float16"), settings_of("pfn").view
    model.optimizer.dynamic_scale.assign(2.0**22)
    start = model.get_weights()
    batch = Batches(samples("pfn"), np.arange(100), 100, view)[0]
    losses, scales = [], []
    for _ in range(16):
        losses.append(float(model.train_on_batch(*batch)))
        scales.append(float(model.optimizer.dynamic_scale))
        if scales[-1] == 2.0**21:
            assert all(map(np.array_equal, start, model.get_weights()))
    assert scales[0] == 2.0**21
    assert scales[-1] == scales[-2] > 2**8
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    assert int(model.optimizer.iterations) == 16 - np.log2(2**22 / scales[-1])


def test_the_precision_of_later_networks_is_as_before_even_after_an_error():
    def build():
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
        raise ZeroDivisionError

    before = keras.config.dtype_policy()
    with pytest.raises(ZeroDivisionError):
        keras_step(build, keras.optimizers.Adam, "mse", (), None, precision="bfloat16")
    assert keras.config.dtype_policy() == before


@pytest.fixture(params=PRECISIONS[1:])
def half(request):
    """Layers that are made are of half precision."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(f"mixed_{request.param}")
    yield request.param
    keras.config.set_dtype_policy(policy)


RANDOM = np.random.default_rng(6)


def test_sums_over_particles_keep_their_digits(half):
    values = np.full((139, 2), 1.0078125, np.float32)
    segments, counts = np.zeros(139, np.int32), np.full(1, 139, np.float32)
    np.testing.assert_allclose(SegmentSum()(values, segments, counts), [[139 * 1.0078125] * 2])
    np.testing.assert_allclose(SegmentMean()(values, segments, counts), [[1.0078125] * 2])


def in_both(make, *arguments, **options):
    """What a layer gives in half precision, and one in single precision of the same weights."""
    mixed, full = make(), make(dtype="float32")
    found = mixed(*arguments, **options)
    expected = full(*arguments, **options)
    return np.array(found), np.array(expected)


def test_features_of_pairs_are_those_of_single_precision(half):
    pt, points = RANDOM.uniform(1, 99, 30), RANDOM.normal(scale=0.2, size=(30, 2))
    pairs = np.array([(i, j) for i in range(30) for j in range(i)], np.int32)
    found, expected = in_both(PairFeatures, np.float32(pt), np.float32(points), pairs)
    np.testing.assert_array_equal(found, expected)


def test_neighbours_are_those_of_single_precision(half):
    points = np.float32(RANDOM.normal(2, 0.05, size=(30, 2)))
    slots = np.arange(30, dtype=np.int32)
    made = lambda **options: Neighbours(5, **options)  # noqa: E731
    found, expected = in_both(made, points, slots, [slots.reshape(1, 30)])
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("training", [False, True])
def test_normalisation_over_rows_is_in_single_precision(half, training):
    """Values that half precision would make all alike, with statistics that it would too."""
    rows = np.float32(RANDOM.normal(1000, 0.1, size=(64, 3)))

    def made(**options):
        layer = RowNormalization(**options)
        layer.build((64, 3), (64,))
        layer.mean.assign(np.full(3, 1000.0))
        layer.variance.assign(np.full(3, 0.01))
        return layer

    found, expected = in_both(made, rows, np.ones(64, np.float32), training=training)
    np.testing.assert_array_equal(found, expected)
    assert found.std() == pytest.approx(1, rel=0.2)


def test_normalisation_over_features_is_in_single_precision(half):
    rows = np.float32(RANDOM.normal(1000, 0.1, size=(8, 32)))
    found, expected = in_both(LayerNormalization, rows)
    np.testing.assert_array_equal(found, expected)


def test_what_must_not_be_attended_to_has_no_weight_and_gives_no_nan(half):
    """A group may have places for jets that the batch does not have: none of theirs is real."""
    n, width, heads = 5, 8, 2
    features = np.float32(RANDOM.normal(size=(n, width)))
    rows = np.array([[0, 1, 2], [3, 4, n], [n, n, n]], np.int32)
    slots = np.array([0, 1, 2, 3, 4], np.int32)
    values = np.float32(RANDOM.normal(size=(4, heads)))
    places = np.full(27, 4, np.int32)
    for scores in (PlaceScores()([rows], features), PairScores()(values, [places], [rows])):
        assert np.isfinite(np.float32(scores[0])).all()
        found = ParticleAttention(heads)(features, slots, [rows], scores)
        assert np.isfinite(np.float32(found)).all()
    (only,) = PlaceScores()([rows], features)
    assert np.float32(keras.ops.softmax(only, axis=-1))[1, 0, 0].tolist() == [0.5, 0.5, 0]
