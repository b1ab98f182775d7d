"""Architectures have the published sizes, and their outputs depend on the jet alone."""

from __future__ import annotations

import csv
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from jetline import models
from jetline.core.errors import JetlineError
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.tensors import particle_tensors
from jetline.inputs.view import ParticleView
from jetline.models.architecture import Network
from jetline.models.cnn import convolutional_network
from jetline.training.batches import Batches
from jetline.training.losses import cross_entropy
from standing_epoch import standing_epoch
from training_inputs import STATISTICS, every, make_shards

VIEW = ParticleView("energy_flow", "full")


def trainable(model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_variables)


def built(name, **settings):
    keras.utils.set_random_seed(3)
    settings = models.read_settings(name, settings)
    statistics = STATISTICS
    if settings.kind == "images":
        recipe = RECIPES[settings.inputs.removeprefix("images/")]
        statistics = {**STATISTICS, "shape": list(recipe.shape)}
    return settings.build(statistics)


@pytest.mark.parametrize("name", ["cnn", "cnn-paper", "resnet", "efn", "pfn", "set-transformer"])
def test_networks_have_a_score_for_each_class(name):
    settings = models.read_settings(name, {})
    shape = RECIPES[settings.inputs.removeprefix("images/")].shape if "/" in settings.inputs else ()
    statistics = {**STATISTICS, "shape": list(shape) or STATISTICS.get("shape")}
    sizes = [
        trainable(settings.build(statistics | {"classes": list(classes)}))
        for classes in ("ab", "abc")
    ]
    model = settings.build(statistics | {"classes": ["a", "b", "c"]})
    assert model.output_shape == (None, 3)
    # The weights and the bias of one more output.
    assert sizes[1] - sizes[0] == model.get_layer(index=-1).input.shape[-1] + 1 or "logits" in {
        layer.name for layer in model.layers
    }


@pytest.fixture(scope="module")
def particles(jets, tmp_path_factory):
    return every(make_shards(tmp_path_factory.mktemp("p"), *jets, "particles"))


#: Built by the function of its small sister, which stands for it: TensorFlow takes 40 s to make a
#: graph of it, JAX minutes. Its outputs are held to the reference's in test_clouds.
LARGE = {"particle-transformer"}

ALL = models.names()

#: Architectures that are trained by gradient descent.
NETWORKS = [
    name for name in ALL if issubclass(models.settings_class(name), Network) and name not in LARGE
]


@pytest.fixture(scope="module")
def images(jets, tmp_path_factory):
    return {
        inputs: every(make_shards(tmp_path_factory.mktemp("i"), *jets, inputs))
        for inputs in ("images/notebook", "images/pt", "images/color-scaled")
    }


def test_the_notebooks_network_has_its_34826_parameters_with_ten_classes():
    assert trainable(convolutional_network(STATISTICS, 10, 0.5)) == 34_826


def test_the_notebooks_network_has_22018_parameters_with_two_classes():
    assert trainable(built("cnn")) == 22_018


def test_the_papers_network_for_colour_images_ends_in_one_pixel_of_64_filters():
    model = built("cnn-paper")
    (flatten,) = [layer for layer in model.layers if isinstance(layer, keras.layers.Flatten)]
    assert flatten.input.shape[1:] == (1, 1, 64)
    # 8 x 8 x 3 x 64 + 64, twice 4 x 4 x 64 x 64 + 64, 64 x 64 + 64, 64 x 2 + 2
    assert trainable(model) == 147_842


@pytest.mark.parametrize("name", ["cnn", "cnn-paper"])
def test_the_smallest_images_that_a_network_takes_are_the_smallest_it_can(name):
    settings = models.read_settings(name, {})
    least = settings.least_pixels
    assert settings.build({"shape": [least, least, 1]}).output_shape == (None, 2)
    with pytest.raises(ValueError, match="zero or negative"):
        settings.build({"shape": [least - 1, least - 1, 1]})


@pytest.mark.parametrize("kind", ["batch", "layer", "group"])
def test_a_residual_network_normalises_as_told(kind):
    """Where a normalisation takes its mean and deviation from tells the three apart."""
    model = built("resnet", normalisation=kind)
    assert trainable(model) == 77_234
    images = np.random.default_rng(4).normal(scale=40, size=(64, 33, 33, 1))
    first = next(layer for layer in model.layers if "normal" in type(layer).__name__.lower())
    normalised = keras.Model(model.input, first.output)({"images": images}, training=True)
    over = {"batch": (0, 1, 2), "layer": (1, 2, 3), "group": (1, 2, 4)}[kind]
    values = np.array(normalised)
    if kind == "group":
        values = values.reshape(*values.shape[:3], 2, 8)
    mean, deviation = values.mean(axis=over), values.std(axis=over)
    np.testing.assert_allclose(mean, 0, atol=1e-4)
    np.testing.assert_allclose(deviation, 1, rtol=1e-3)


@pytest.mark.parametrize(
    ("identity", "parameters"), [("none", 82_458), ("experimental", 82_558), ("full", 82_558)]
)
def test_the_particle_flow_network_has_the_papers_parameters(identity, parameters):
    assert trainable(built("pfn", identity=identity)) == parameters


def test_the_energy_flow_network_has_the_papers_parameters():
    assert trainable(built("efn")) == 82_358


def test_the_particle_flow_network_is_a_function_of_a_sum_over_particles(particles):
    model = built("pfn")
    inputs = tensors(particles, np.arange(50), VIEW)
    weights = [np.float64(w) for w in model.get_weights()]
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    features, segments = inputs["features"], inputs["segments"]
    expected = []
    for jet in range(50):
        x = features[segments == jet].astype(np.float64)
        for kernel, bias in layers[:3]:
            x = np.maximum(x @ kernel + bias, 0)
        x = x.sum(axis=0)
        for kernel, bias in layers[3:6]:
            x = np.maximum(x @ kernel + bias, 0)
        logits = x @ layers[6][0] + layers[6][1]
        expected.append(np.exp(logits) / np.exp(logits).sum())
    np.testing.assert_allclose(model.predict_on_batch(inputs), expected, rtol=1e-3, atol=1e-5)


def scores_of(model, inputs):
    """Scores of a batch, layer by layer, which takes less time than to make a graph first."""
    return np.array(model(inputs))


def tensors(sample, jets, view):
    """Tensors of a batch, as TensorFlow is given them."""
    return particle_tensors(sample, jets, view, compiled=False)


def shuffled(sample, jets, view):
    """Inputs of a batch with the constituents of each jet in another order."""
    inputs = tensors(sample, jets, view)
    segments = inputs["segments"]
    order = np.lexsort([np.random.default_rng(0).permutation(len(segments)), segments])
    for name in {"features", "pt"} & inputs.keys():
        inputs[name] = inputs[name][order]
    return inputs


PARTICLES = [name for name in NETWORKS if models.read_settings(name, {}).view]


@pytest.mark.parametrize("name", PARTICLES)
def test_order_of_constituents_and_company_of_other_jets_change_no_score(name, particles):
    model, view = built(name), models.read_settings(name, {}).view
    alone = scores_of(model, tensors(particles, np.array([7]), view))[0]
    crowd = scores_of(model, shuffled(particles, np.arange(40), view))
    assert np.ptp(crowd[:, 1]) > 1e-3
    np.testing.assert_allclose(crowd[7], alone, rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize("name", PARTICLES)
def test_a_network_takes_exactly_the_tensors_of_its_view_and_first_those_of_jets(name, particles):
    given = tensors(particles, np.arange(20), models.read_settings(name, {}).view)
    taken = built(name).input
    assert taken.keys() == given.keys()
    # Keras sorts the names, and takes the number of jets from the first tensor.
    assert keras.tree.flatten(given)[0].shape == (20,)
    assert min(given) == "counts"


def is_an_average_over_jets(found, sample):
    loss, accuracy, *scores = np.float64(found)
    assert len(scores) == len(sample) == 600
    correct = np.where(sample.labels == 1, scores, 1 - np.array(scores))
    # Of batches of 128 jets, the last has 88.
    assert loss == pytest.approx(-np.log(correct).mean(), rel=1e-4)
    assert accuracy == pytest.approx(np.mean(correct > 0.5), abs=1e-6)


def test_losses_and_metrics_are_averages_over_jets_on_tensorflow(particles):
    view = models.read_settings("efn", {}).view
    is_an_average_over_jets(standing_epoch(built("efn"), particles, view, 128), particles)


@pytest.mark.slow
def test_losses_and_metrics_are_averages_over_jets_on_jax(particles, tmp_path):
    view, code = models.read_settings("efn", {}).view, "standing_epoch(model, sample, view, 128)"
    (found,) = on_jax(tmp_path, (built("efn"), particles, view, code))
    is_an_average_over_jets(found, particles)


@pytest.mark.parametrize("name", PARTICLES)
def test_a_jet_of_one_particle_has_a_score(name, tmp_path):
    constituents = np.zeros((2, 40, 4))
    constituents[0, 0] = 520, 0.3, 1.0, 22
    constituents[1] = 13, 0.3, 1.0, 211
    constituents[1, :, 1] += np.linspace(0, 0.3, 40)
    sample = every(make_shards(tmp_path, constituents, np.array([1, 0]), "particles"))
    model, view = built(name), models.read_settings(name, {}).view
    alone = scores_of(model, tensors(sample, np.array([0]), view))[0]
    both = scores_of(model, tensors(sample, np.array([0, 1]), view))[0]
    np.testing.assert_allclose(both, alone, rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_learns_from_two_batches_and_is_the_same_once_saved(
    name, images, particles, tmp_path
):
    settings = models.read_settings(name, {})
    sample, jets = images.get(settings.inputs, particles), np.arange(40)
    model = built(name)
    before = [np.array(weight) for weight in model.trainable_variables]
    # Without a graph, as `scores_of`.
    model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(Batches(sample, jets, 20, settings.view).stream(), shuffle=False, verbose=0)
    after = model.trainable_variables
    assert all(np.any(old != np.array(new)) for old, new in zip(before, after, strict=True))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    inputs, _ = Batches(sample, jets, 40, settings.view)[0]
    scores, saved = (scores_of(each, inputs)[:, 1] for each in (model, again))
    np.testing.assert_allclose(saved, scores, rtol=1e-6)
    assert np.all((scores > 0) & (scores < 1))


def stepped(model, batch):
    """Weights and moving statistics after one step."""
    model.compile(keras.optimizers.SGD(0.01), cross_entropy, run_eagerly=True)
    start = model.get_weights()
    model.fit(batch.stream(), shuffle=False, verbose=0)
    found = model.get_weights()
    assert any(np.any(old != new) for old, new in zip(start, found, strict=True))
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_a_batch_with_room_left_teaches_what_its_jets_alone_do(name, images, particles):
    """Weights, gradients and moving statistics are of real jets, in every network."""
    settings = models.read_settings(name, {})
    sample = images.get(settings.inputs, particles)
    jets = np.arange(5, 26)
    alone, roomy = (
        stepped(built(name), Batches(sample, jets, size, settings.view)) for size in (21, 128)
    )
    for one, other in zip(alone, roomy, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_one_jet_in_a_last_batch_moves_statistics_as_itself(images):
    """A last batch of one jet, right before validation, brings no images that there are not."""
    model = built("resnet")
    first = next(layer for layer in model.layers if "batch" in type(layer).__name__.lower())
    one = keras.Model(model.input, first.input)
    sample = images["images/pt"]
    pixels = Batches(sample, np.array([3]), 1, None)[0][0]
    entering = np.float64(one.predict_on_batch(pixels))
    stepped(model, Batches(sample, np.array([3]), 128, None))
    np.testing.assert_allclose(
        first.moving_variance, 0.9 + 0.1 * entering.var(axis=(0, 1, 2)), rtol=1e-4
    )


def on_jax(folder, *asked):
    """What code makes of models, samples and views in one process that has JAX for its backend."""
    told = []
    for place, (model, sample, view, code) in enumerate(asked):
        model.save(folder / f"{place}.keras")
        shards = [str(shard.folder) for shard in sample.shards]
        told.append((str(folder / f"{place}.keras"), shards, view, code))
    code = f"""
import sys
import keras, numpy as np
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import open_shard
from jetline.inputs.view import ParticleView
from jetline.models import register_layers
from jetline.training.batches import Batches
from jetline.training.losses import cross_entropy
from standing_epoch import standing_epoch
register_layers()
assert keras.backend.backend() == "jax" and "tensorflow" not in sys.modules
for place, (path, shards, view, code) in enumerate({told!r}):
    shards = [open_shard(folder) for folder in shards]
    sample = JetSample.choose(shards, [np.arange(len(shard)) for shard in shards])
    model = keras.saving.load_model(path, compile=False)
    np.save(f"{folder}/{{place}}.npy", eval(code))
"""
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    support = str(Path(standing_epoch.__code__.co_filename).parent)
    environment["PYTHONPATH"] = os.pathsep.join([support, os.environ.get("PYTHONPATH", "")])
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    return [np.load(folder / f"{place}.npy") for place in range(len(asked))]


@pytest.fixture(scope="module")
def scored_on_jax(images, particles, tmp_path_factory):
    code = "model.predict_on_batch(Batches(sample, np.arange(40), 40, view)[0][0])[:40, 1]"
    asked = []
    for name in NETWORKS:
        settings = models.read_settings(name, {})
        sample = images.get(settings.inputs, particles)
        asked.append((built(name), sample, settings.view, code))
    return dict(zip(NETWORKS, on_jax(tmp_path_factory.mktemp("jax"), *asked), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_tensorflow_and_jax_give_the_same_scores(name, images, particles, scored_on_jax):
    settings = models.read_settings(name, {})
    sample = images.get(settings.inputs, particles)
    inputs, _ = Batches(sample, np.arange(40), 40, settings.view)[0]
    scores = scores_of(built(name), inputs)[:, 1]
    np.testing.assert_allclose(scored_on_jax[name], scores, rtol=2e-4, atol=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "rate"), [("pfn", 1e-5), ("particlenet-lite", 0.1)])
def test_tensorflow_and_jax_learn_the_same(name, rate, particles, tmp_path):
    view = models.read_settings(name, {}).view
    model = built(name) if name == "pfn" else built(name, dropout=0)
    code = (
        f"(model.compile(keras.optimizers.SGD({rate}), cross_entropy), "
        "[model.train_on_batch(*Batches(sample, np.arange(100), 100, view)[0]) for _ in range(4)]"
        ")[1]"
    )
    (again,) = on_jax(tmp_path, (model, particles, view, code))
    model.compile(keras.optimizers.SGD(rate), cross_entropy)
    batch = Batches(particles, np.arange(100), 100, view)[0]
    losses = [float(model.train_on_batch(*batch)) for _ in range(4)]
    assert losses[-1] < 0.99 * losses[0]
    np.testing.assert_allclose(again, losses, rtol=1e-3)


def test_published_results_that_docstrings_tell_are_those_of_the_table(root):
    with (root / "src/jetline/report/published.csv").open() as stream:
        published = {float(row["auc"]) for row in csv.DictReader(stream) if row["auc"]}
    told = {name: re.findall(r"\b0\.\d{4}\b", models.settings_class(name).__doc__) for name in ALL}
    assert set(map(float, itertools.chain(*told.values()))) <= published
    assert {name for name, values in told.items() if values} >= {"efn", "pfn", "particlenet"}


def test_an_unknown_architecture_is_told_with_the_nearest_known_one():
    with pytest.raises(JetlineError, match="did you mean pfn"):
        models.read_settings("pnf", {})


def test_an_architecture_may_have_another_label():
    assert models.read_settings("anything", {"architecture": "pfn"}).architecture == "pfn"
