"""Networks learn from further features of particles, which they take as the files have them."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from exported import tagger
from further_files import WRITTEN, impact_parameters
from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.explanation.particle_networks import explain_particle_network
from jetline.explanation.settings import Explain
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import open_shard
from jetline.models import read_settings
from jetline.records.predictions import Predictions
from jetline.records.training import TRAINING
from jetline.training.checkpoint import Checkpoint
from jetline.training.fitting import view_of
from jetline.training.gradients import Decisions
from jetline.training.job import write_model
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_of
from jetline.training.prediction import load_training
from jetline.training.raw_jets import RawJetTagger
from jetline.training.scores import class_scores
from jetline.training.small_sample import read_sample, scores, train
from training_inputs import some

SPREADS = {"d0": {"centre": 0.0, "width": 0.01}, "dz": {"centre": 0.1, "width": 2.0}}
STATISTICS = {"features": SPREADS, "classes": ["gluon", "quark"]}
TAKING = ("pfn", "particlenet-lite", "particle-transformer-small", "set-transformer")
SMALL = {"batch_size": 50, "phi": [16], "f": [16]}


@pytest.fixture(scope="module")
def told(jets):
    """Jets whose classes differ in the tails of d0 alone."""
    constituents, labels = jets[0][:600], np.arange(600) % 2
    features = impact_parameters(constituents)
    features[labels == 1, :, 0] *= 10
    return constituents, features, labels


@pytest.fixture(scope="module")
def files(told, tmp_path_factory):
    folder = tmp_path_factory.mktemp("jets")
    for number in range(3):
        rows = slice(200 * number, 200 * (number + 1))
        constituents, features, labels = (one[rows] for one in told)
        np.savez(
            folder / f"{number}.npz",
            X=constituents,
            y=labels,
            features=features,
            feature_names=np.array(["d0", "dz"]),
        )
    return [folder / f"{number}.npz" for number in range(3)]


@pytest.fixture(scope="module")
def shards(files, tmp_path_factory):
    folder, made = tmp_path_factory.mktemp("shards"), []
    for number, path in enumerate(files):
        make_shard(Particles(), path, folder / str(number))
        made.append(open_shard(folder / str(number)))
    return made


def in_folder(folder, label="pfn", features=("d0",), statistics=STATISTICS, **settings):
    """The folder of an untrained tagger that takes features."""
    keras.utils.set_random_seed(1)
    network = read_settings(label, {"features": list(features), **settings})
    folder.mkdir(exist_ok=True)
    write_model(network.build(statistics), folder / "model.keras")
    tagger(network).write(folder / TRAINING)
    return folder


def test_a_network_separates_classes_that_differ_in_a_feature_alone(files, tmp_path):
    sample = read_sample("particles", files[:1], files[1:2], files[2:], tmp_path)
    truth = sample.test.labels == 1

    def auc(feature):
        settings = {"epochs": 12, "features": [feature], "learning_rate": 0.003, **SMALL}
        network = read_settings("pfn", settings)
        found = scores(network, train(network, sample), sample.test)[:, 1]
        return np.mean(found[truth][:, None] > found[~truth])

    assert auc("d0") > 0.9
    assert abs(auc("dz") - 0.5) < 0.15


@pytest.mark.parametrize("label", TAKING)
def test_every_network_of_particles_reads_features_and_is_saved_with_their_spread(
    label, shards, tmp_path
):
    identity = {"identity": "experimental", "batch_size": 20}
    folder = in_folder(tmp_path / "with", label, ("dz", "d0"), **identity)
    model, record = load_training(folder)
    assert record.view["further"] == ["dz", "d0"]
    layer = model.get_layer("further")
    np.testing.assert_allclose(layer.centre, [0.1, 0])
    np.testing.assert_allclose(layer.width, [2, 0.01])
    network = read_settings(label, {"features": ["dz", "d0"], **identity})
    jets = JetSample.choose(shards[:1], [np.arange(20)])
    found = class_scores(model, jets, 20, network.view)
    # Whoever starts anew builds the same.
    keras.utils.set_random_seed(1)
    again = class_scores(network.build(STATISTICS), jets, 20, network.view)
    np.testing.assert_allclose(found, again, rtol=1e-5)
    layer.width.assign([2, 10])
    assert np.abs(class_scores(model, jets, 20, network.view) - found).max() > 1e-5


def test_the_layer_is_linear_within_a_width_and_logarithmic_beyond():
    from jetline.models.layers.further import with_further

    features = keras.Input((4,), name="features")
    model = keras.Model(features, with_further(features, SPREADS))
    steps = np.array([0, 0.01, -0.01, 1, -1, 1e3, -1e3, 1e6, -1e6], np.float32)
    rows = np.stack([0.01 * steps, 0.1 + 2 * steps, 7 + steps, steps], axis=1)
    found = model.predict(rows, verbose=0)
    np.testing.assert_allclose(found[:, 0], np.arcsinh(steps.astype(float)), rtol=1e-4)
    np.testing.assert_allclose(found[:, 1], np.arcsinh(steps.astype(float)), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(found[:, 2:], rows[:, 2:])


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_does_not_reach_the_features(precision):
    from jetline.models.layers.further import with_further

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(f"mixed_{precision}")
    try:
        features = keras.Input((2,), name="features")
        model = keras.Model(features, with_further(features, {"d0": SPREADS["d0"]}))
    finally:
        keras.config.set_dtype_policy(before)
    rows = np.array([[1e-9, 1.0001], [1e-9 + 1e-2, 1]], np.float32)
    found = model.predict(rows, verbose=0)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:, 0], np.arcsinh(rows[:, 0] / 0.01), rtol=1e-4)
    np.testing.assert_array_equal(found[:, 1], rows[:, 1])


def test_features_that_statistics_do_not_tell_are_refused():
    network = read_settings("pfn", {"features": ["d0", "sip"]})
    with pytest.raises(JetlineError, match="d0, dz in every file"):
        network.build(STATISTICS)
    with pytest.raises(JetlineError, match="no further features in every file"):
        network.build({})


class Killed(BaseException):
    """Ends a training in the middle, as a signal would."""


def test_an_interrupted_training_with_features_ends_where_another_does(shards, tmp_path):
    network = read_settings("pfn", {"epochs": 3, "features": ["dz", "d0"], **SMALL})
    statistics = Particles().statistics()
    for shard in shards:
        statistics.add(shard, np.arange(0, len(shard), 3))
    told = statistics.result()

    def trained(folder, **more):
        checkpoint = Checkpoint(folder)
        with checkpoint.locked():
            jets = Jets(some(shards, 0), some(shards, 1))
            return Loop(network, method_of(network), 1, jets, told, checkpoint).run(**more)

    def kill(row):
        raise Killed

    whole = trained(tmp_path / "whole")
    for _ in range(2):
        with pytest.raises(Killed):
            trained(tmp_path / "parts", on_epoch=kill)
    resumed = trained(tmp_path / "parts")
    for one, other in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
    # What normalises is not trained.
    spreads = [told["features"][name] for name in ("dz", "d0")]
    layer = whole.model.get_layer("further")
    np.testing.assert_allclose(layer.centre, [one["centre"] for one in spreads], rtol=1e-6)
    np.testing.assert_allclose(layer.width, [one["width"] for one in spreads], rtol=1e-6)


# Scores


def test_files_that_have_the_features_are_scored_in_whatever_container(told, tmp_path):
    some_jets = [one[:50] for one in told]
    folder, found = in_folder(tmp_path / "tagger", features=("dz", "d0")), []
    for name in ("lists.root", "padded.h5", "events.parquet"):
        layout = WRITTEN[name](tmp_path / name, *some_jets)
        told_layout = ["--layout", json.dumps(layout)]
        output = tmp_path / f"{name}.npz"
        scored = ["score", str(tmp_path / name), "--tagger", str(folder), "--output", str(output)]
        assert main([*scored, *told_layout]) == 0
        found.append(Predictions.read(output).scores)
    assert len(np.unique(found[0])) > 25
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_files_without_the_features_are_refused_before_anything_is_scored(
    told, files, tmp_path, capsys
):
    spreads = {"features": SPREADS | {"sip": {"centre": 0, "width": 1}}}
    folder = in_folder(tmp_path / "tagger", features=("d0", "sip"), statistics=spreads)
    np.savez(tmp_path / "plain.npz", X=told[0][:50], y=told[2][:50])
    for path, has in ((tmp_path / "plain.npz", "no further features"), (files[0], "d0, dz")):
        output = tmp_path / "scores.npz"
        scored = ["score", str(path), "--tagger", str(folder), "--output", str(output)]
        assert main(scored) == 1
        error = capsys.readouterr().err
        assert f"they have {has}" in error
        assert "features` of the layout" in error
        assert str(path) in error
        assert error.count("error:") == 1
        assert not output.exists()


# Where raw jets are asked for


def test_features_are_further_columns_of_raw_jets_in_the_order_that_the_tagger_takes(
    told, files, tmp_path
):
    folder = in_folder(tmp_path / "tagger", features=("dz", "d0"), identity="experimental")
    output = tmp_path / "scores.npz"
    assert main(["score", str(files[0]), "--tagger", str(folder), "--output", str(output)]) == 0
    constituents, features, _ = (one[:200] for one in told)
    raw = np.concatenate([constituents, features[..., ::-1]], axis=2)
    np.testing.assert_allclose(
        RawJetTagger(folder).predict(raw), Predictions.read(output).scores, rtol=1e-6
    )
    with pytest.raises(JetlineError, match=r"(?s)shape \(200, \d+, 4\).*azimuth, PDG id, dz, d0"):
        RawJetTagger(folder).predict(constituents)


def test_weaver_is_not_given_a_layer_that_it_has_not(tmp_path, capsys):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    folder, output = in_folder(tmp_path / "tagger", "particlenet-lite"), tmp_path / "net.pt"
    assert main(["to-weaver", "--training", str(folder), "--output", str(output)]) == 1
    assert "give a training without `features`" in capsys.readouterr().err
    assert not output.exists()


# Explanations


def test_what_features_add_is_counted_with_their_particles(shards):
    keras.utils.set_random_seed(1)
    network = read_settings("pfn", {"features": ["d0"], "phi": [8], "f": [8]})
    sample = JetSample.choose(shards[:1], [np.arange(20)])
    found = explain_particle_network(
        Decisions(network.build(STATISTICS)),
        network.view,
        sample,
        ("gluon", "quark"),
        Explain(jets=10, baselines=1, steps=8),
        1,
    )
    for one in found.sums:
        assert np.isfinite([mean.value for mean in one.added]).all()


def test_a_record_of_before_has_no_features(tmp_path):
    folder = in_folder(tmp_path / "tagger", features=())
    content = json.loads((folder / TRAINING).read_text())
    assert content["view"].pop("further") == []
    (folder / TRAINING).write_text(json.dumps(content))
    _, record = load_training(folder)
    assert view_of(record) == read_settings("pfn", {}).view
