"""Batches of training are augmented, and nothing else is."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.core.randomness import generator
from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.inputs.augmenting import Augmentation, augmented_images, augmented_particles
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.imaging import image_jets
from jetline.inputs.kinds.particles import flatten
from jetline.inputs.view import ParticleView
from jetline.models import read_settings
from jetline.planning.code_version import dependencies
from jetline.training.batches import Batches
from jetline.training.checkpoint import Checkpoint
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_of
from jetline.training.scores import class_scores
from training_inputs import STATISTICS, every, make_shards, some

VIEW = ParticleView("energy_flow", "full")
CLOUD = ParticleView("particle_cloud", "full", most=30, dense=True)


def steps(*names, **strengths):
    return tuple(AUGMENTATION_STEPS[name](step=name, **strengths) for name in names)


CHANGES = steps("drop", "split", "rotate", "smear", "reflect")


@pytest.fixture(scope="module")
def particles(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("p"), *jets, "particles")


@pytest.fixture(scope="module")
def images(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("i"), *jets, "images/pt")


def same(one, other):
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], strict=True)


@pytest.mark.parametrize("view", [VIEW, CLOUD])
def test_a_batch_is_that_of_a_file_of_the_changed_jets(view, particles, jets, tmp_path):
    sample, order = every(particles), np.random.default_rng(3).permutation(600)
    augmentation = Augmentation(CHANGES, 5, 2)
    batches = Batches(sample, order, 200, view, augmentation)
    for number in range(3):
        chosen = order[200 * number :][:200]
        flat, offsets = flatten(jets[0][chosen])
        random = generator(5, "augmentation", 2, number)
        changed, counts = augmented_particles(CHANGES, flat, np.diff(offsets), random)
        constituents = np.zeros((200, counts.max(), 4), np.float32)
        constituents[np.arange(counts.max()) < counts[:, None]] = changed
        folder = tmp_path / str(number)
        folder.mkdir()
        file = every(make_shards(folder, constituents, jets[1][chosen], "particles"))
        tensors, labels = batches[number]
        wanted, labels_wanted = Batches(file, np.arange(200), 200, view)[0]
        same(tensors, wanted)
        np.testing.assert_array_equal(labels, labels_wanted)
        np.testing.assert_array_equal(labels, jets[1][chosen])
        if view.most:
            assert tensors["counts"].max() == view.most


def test_a_batch_of_images_is_changed_likewise(images, jets):
    order = np.random.default_rng(3).permutation(600)
    changes = steps("rotate", "translate", "smear", "drop")
    batches = Batches(every(images), order, 200, None, Augmentation(changes, 5, 2))
    pixels, labels = batches[1]
    before = image_jets(jets[0][order[200:400]], RECIPES["pt"])
    random = generator(5, "augmentation", 2, 1)
    wanted = augmented_images(changes, before, RECIPES["pt"], random)
    np.testing.assert_array_equal(pixels["images"], wanted, strict=True)
    np.testing.assert_array_equal(labels, jets[1][order[200:400]])


def test_every_batch_epoch_and_seed_draws_anew_and_each_again_the_same(particles):
    sample, order = every(particles), np.arange(600)
    # The same jets in both batches.
    twice = np.concatenate([order[:200], order[:200]])

    def features(seed, epoch, number):
        augmentation = Augmentation(CHANGES, seed, epoch)
        return Batches(sample, twice, 200, VIEW, augmentation)[number][0]["features"]

    drawn = [features(1, 1, 0), features(1, 1, 1), features(1, 2, 0), features(2, 1, 0)]
    different = {values.tobytes() for values in drawn}
    assert len(different) == 4
    np.testing.assert_array_equal(features(1, 1, 0), drawn[0])


def test_the_stream_that_keras_reads_is_changed_alike(particles):
    batches = Batches(every(particles), np.arange(600), 200, VIEW, Augmentation(CHANGES, 1, 1))
    for number, (tensors, _) in enumerate(batches.stream()):
        same({name: np.asarray(values) for name, values in tensors.items()}, batches[number][0])


def test_no_step_is_no_change(particles):
    sample = every(particles)
    plain = Batches(sample, np.arange(600), 200, VIEW)[1][0]
    same(Batches(sample, np.arange(600), 200, VIEW, Augmentation((), 1, 1))[1][0], plain)


@pytest.mark.parametrize(
    ("name", "strengths", "inputs"),
    [
        ("translate", {}, "particles"),
        ("split", {}, "images/pt"),
        ("smear", {"angle": 0.1}, "images/pt"),
        ("reflect", {}, "observables"),
    ],
)
def test_a_step_that_the_inputs_cannot_take_is_refused_by_hand_too(
    name, strengths, inputs, jets, tmp_path
):
    sample = every(make_shards(tmp_path, jets[0][:20], jets[1][:20], inputs))
    view = VIEW if inputs == "particles" else None
    batches = Batches(sample, np.arange(20), 20, view, Augmentation(steps(name, **strengths), 1, 1))
    with pytest.raises(JetlineError, match=name):
        batches[0]


# Trainings

PFN = {"epochs": 2, "batch_size": 64, "phi": [16, 16], "f": [16]}


def trained(shards, folder, augmentation, **more):
    network = read_settings("pfn", PFN | {"training": {"augmentation": augmentation}})
    checkpoint = Checkpoint(folder)
    with checkpoint.locked():
        samples = some(shards, 0), some(shards, 1)
        method = method_of(network)
        return Loop(network, method, 1, Jets(*samples), STATISTICS, checkpoint).run(**more)


def history(result, *names):
    return [[row[name] for name in names] for row in result.progress.history]


def test_training_jets_are_changed_and_those_of_validation_are_not(particles, tmp_path):
    plain = trained(particles, tmp_path / "plain", [])
    strong = [{"step": "smear", "pt": 0.5, "angle": 0.2}]
    changed = trained(particles, tmp_path / "changed", strong)
    first, other = (history(result, "loss")[0][0] for result in (plain, changed))
    assert abs(first - other) > 1e-4
    validation = some(particles, 1)
    scores = class_scores(changed.model, validation, 64, VIEW)[:, 1]
    loss = keras.losses.sparse_categorical_crossentropy(
        validation.labels.astype(int), np.stack([1 - scores, scores], axis=1)
    )
    best = min(history(changed, "validation_loss"))[0]
    # Of the jets as they are, by the weights of the best epoch.
    assert float(np.mean(loss)) == pytest.approx(best, rel=1e-4)


def test_each_batch_of_a_training_has_random_numbers_of_its_own(particles, tmp_path, monkeypatch):
    drawn, draw = set(), Augmentation.generator

    def recorded(augmentation, number):
        drawn.add((augmentation.seed, augmentation.epoch, number))
        return draw(augmentation, number)

    monkeypatch.setattr(Augmentation, "generator", recorded)
    trained(particles, tmp_path, [{"step": "rotate"}])
    batches = -(-len(some(particles, 0)) // PFN["batch_size"])
    assert drawn == {(1, epoch, number) for epoch in (1, 2) for number in range(batches)}


class Killed(BaseException):
    """Ends a training in the middle, as a signal would."""


def test_an_interrupted_training_goes_on_with_the_same_changes(particles, tmp_path):
    changes = [{"step": "rotate"}, {"step": "drop"}, {"step": "smear", "pt": 0.1}]
    whole = trained(particles, tmp_path / "whole", changes)

    def kill(row):
        raise Killed

    with pytest.raises(Killed):
        trained(particles, tmp_path / "parts", changes, on_epoch=kill)
    resumed = trained(particles, tmp_path / "parts", changes)
    names = ("epoch", "loss", "validation_loss")
    np.testing.assert_allclose(history(whole, *names), history(resumed, *names), rtol=1e-5)


def test_a_step_counts_for_the_code_of_trainings_that_ask_for_it():
    plain = read_settings("pfn", {})
    changed = read_settings(
        "pfn", {"training": {"augmentation": [{"step": "drop"}, {"step": "drop", "z": 0.1}]}}
    )
    assert changed.modules == (*plain.modules, "inputs.augmentation.drop")
    assert changed != plain
    assert not {f"inputs.augmentation.{name}" for name in AUGMENTATION_STEPS} & dependencies(
        "training.job", *plain.modules
    )
    again = read_settings("pfn", changed.model_dump(mode="json"))
    assert again == changed
    # A training's key is made of this text.
    assert again.model_dump_json() == changed.model_dump_json()


@pytest.mark.parametrize("module", ["inputs.statistics", "training.prediction"])
def test_statistics_and_predictions_do_not_know_of_any_step(module):
    steps = {name for name in dependencies(module) if name.startswith("inputs.augmentation.")}
    assert steps <= {"inputs.augmentation.augmentation_step"}


@pytest.mark.parametrize("kind", ["particles", "images.input_kind", "observables"])
def test_no_shard_is_made_again_for_a_change_of_augmentation(kind):
    made_of = dependencies("inputs.making", f"inputs.kinds.{kind}")
    assert not made_of & {"inputs.augmenting", "inputs.flat", "inputs.lit_pixels"}
    assert not any(name.startswith("inputs.augmentation") for name in made_of)
