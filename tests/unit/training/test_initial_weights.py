"""A training may start from the weights of another: what fits is taken over, the rest is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.core.files import sha256_of
from jetline.models import read_settings
from jetline.models.starting_point import StartFrom
from jetline.training import initial_weights
from jetline.training.checkpoint import Checkpoint
from jetline.training.initial_weights import load_initial
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_of
from jetline.training.starting_point import StartingPoint
from jetline.training.weaver.weights import to_weaver
from training_inputs import STATISTICS, make_shards, some

if TYPE_CHECKING:
    from pathlib import Path

    import keras

NETWORKS = ["cnn", "cnn-paper", "efn", "particle-transformer-small", "particlenet-lite", "pfn"]
NETWORKS += ["resnet", "set-transformer"]
STATISTICS_OF_33 = STATISTICS | {"shape": [33, 33, 1]}
SMALL = {"phi": [4, 5], "f": [6], "identity": "none"}


def build(name: str = "pfn", **settings) -> keras.Model:
    return read_settings(name, settings).build(STATISTICS_OF_33)


def saved(model: keras.Model, folder: Path, **settings) -> StartingPoint:
    """A model that is started from, with all of its weights moved away from where they start."""
    random = np.random.default_rng(7)
    for weight in model.weights:
        # Small, so that scores tell jets apart; variances are not negative.
        moved = random.normal(scale=0.05, size=weight.shape)
        weight.assign(weight + (np.abs(moved) if weight.name == "variance" else moved))
    path = folder / "model.keras"
    model.save(path)
    start = StartFrom.model_validate({"training": str(folder)} | settings)
    return StartingPoint(start, path, sha256_of(path))


def weights(model: keras.Model) -> dict[str, list[np.ndarray]]:
    return {
        layer.name: [np.array(weight) for weight in layer.weights]
        for layer in model.layers
        if layer.weights
    }


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("name", NETWORKS)
def test_all_weights_of_the_same_network_are_taken_over(name, tmp_path, capsys):
    source = build(name)
    start = saved(source, tmp_path)
    model = build(name)
    assert load_initial(model, start) == {}
    for layer, values in weights(source).items():
        assert same(values, weights(model)[layer])
    told = capsys.readouterr().out
    assert f"taken over are {', '.join(weights(model))}" in told
    assert "made new" not in told


def test_without_a_start_the_network_stays_as_it_was_built():
    model = build()
    before = weights(model)
    assert load_initial(model, None) == {}
    assert all(same(values, weights(model)[name]) for name, values in before.items())


def test_layers_of_another_shape_or_name_are_named_and_stay_as_they_were_built(tmp_path, capsys):
    source = build(**SMALL)
    start = saved(source, tmp_path)
    model = build(**SMALL | {"f": [7, 6], "identity": "full"})
    before = weights(model)
    load_initial(model, start)
    after = weights(model)
    assert same(after["phi_1"], weights(source)["phi_1"])
    for name in ("phi_0", "f_0", "f_1", "scores"):
        assert same(after[name], before[name]) == (name != "scores")
    told = capsys.readouterr().out
    assert "made new: phi_0 (4 x 4, 4); phi_0 (3 x 4, 4)" in told
    assert "made new: f_0 (5 x 7, 7); f_0 (5 x 6, 6)" in told
    assert "made new: f_1 (7 x 6, 6); not there" in told


def test_layers_that_are_only_there_are_named(tmp_path, capsys):
    start = saved(build(**SMALL | {"f": [6, 6]}), tmp_path)
    load_initial(build(**SMALL), start)
    assert "for want of such layers here: f_1" in capsys.readouterr().out


def test_weights_of_which_none_fits_are_refused_with_the_layers_of_both(tmp_path):
    start = saved(build("cnn"), tmp_path)
    with pytest.raises(JetlineError) as caught:
        load_initial(build(**SMALL | {"phi": [3]}), start)
    assert "convolution_0 (3 x 3 x 1 x 32, 32)" in caught.value.found
    assert "phi_0 (3 x 3, 3)" in caught.value.expected


def test_a_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"no model")
    start = StartingPoint(StartFrom(training=str(tmp_path)), path, "0")
    with pytest.raises(JetlineError, match="no readable model"):
        load_initial(build(), start)


# Rate of the head


def test_the_layers_that_are_made_new_learn_faster(tmp_path):
    start = saved(build(**SMALL), tmp_path, head_rate=10)
    model = build(**SMALL | {"f": [7]})
    factors = load_initial(model, start)
    assert factors == {"f_0": 10, "scores": 10}
    # These are beginnings of paths, in whole names.
    beginnings = {variable.path.split("/")[0] for variable in model.trainable_variables}
    assert factors.keys() <= beginnings


def test_the_last_layer_learns_faster_where_none_is_made_new(tmp_path):
    start = saved(build(**SMALL), tmp_path, head_rate=10)
    assert load_initial(build(**SMALL), start) == {"scores": 10}


def test_a_head_of_another_rate_goes_as_much_further_in_a_step(particles, tmp_path):
    network = read_settings("pfn", SMALL | {"epochs": 1, "batch_size": 1000})
    moved = []
    for rate in (1, 10):
        source = network.build({})
        start = saved(source, tmp_path, head_rate=rate)
        after = weights(tuned(network, particles, tmp_path / str(rate), start))
        before = weights(source)
        moved.append({n: np.abs(after[n][0] - before[n][0]).max() for n in ("f_0", "scores")})
    # The first step of Adam goes as far as the rate in each weight with a gradient.
    assert moved[1]["scores"] == pytest.approx(10 * moved[0]["scores"], rel=1e-2)
    assert moved[1]["f_0"] == pytest.approx(moved[0]["f_0"], rel=1e-2)


# Frozen parts


@pytest.mark.parametrize(
    ("freeze", "found"),
    [
        (["fi"], "of which no layer"),
        (["phi", "f_0"], "f_0, of f_0, which are made new"),
        (["phi", "f", "scores"], "made new"),
    ],
)
def test_what_cannot_be_frozen_is_refused(tmp_path, freeze, found):
    start = saved(build(**SMALL), tmp_path, freeze=freeze)
    with pytest.raises(JetlineError, match=found) as caught:
        load_initial(build(**SMALL | {"f": [7]}), start)
    assert "phi_0, phi_1" in caught.value.expected


def test_not_everything_is_frozen(tmp_path):
    start = saved(build(**SMALL), tmp_path, freeze=["phi", "f", "scores"])
    with pytest.raises(JetlineError, match="something left to train"):
        load_initial(build(**SMALL), start)


@pytest.fixture(scope="module")
def particles(jets, tmp_path_factory):
    few = (jets[0][:150], jets[1][:150])
    return make_shards(tmp_path_factory.mktemp("particles"), *few, "particles")


def tuned(network, shards, folder: Path, start: StartingPoint, on_epoch=lambda _row: None):
    checkpoint = Checkpoint(folder)
    with checkpoint.locked():
        jets = Jets(some(shards, 0), some(shards, 1))
        method = method_of(network)
        loop = Loop(network, method, 1, jets, STATISTICS, checkpoint, start=start)
        return loop.run(on_epoch).model


def test_frozen_parts_stay_the_same_in_training_and_so_do_their_statistics(particles, tmp_path):
    lite = read_settings("particlenet-lite", {"epochs": 1, "batch_size": 25})
    source = lite.build({})
    start = saved(source, tmp_path, freeze=["input_norm", "edge_0"])
    before = weights(source)
    after = weights(tuned(lite, particles, tmp_path / "checkpoint", start))
    for name in ("input_norm", "edge_0"):
        assert same(after[name], before[name])
    # Of layers that are not frozen both weights and statistics move.
    for old, new in zip(before["edge_1"], after["edge_1"], strict=True):
        assert not np.array_equal(old, new)


def test_a_killed_tuning_ends_where_an_uninterrupted_one_does(particles, tmp_path):
    network = read_settings("pfn", SMALL | {"epochs": 2, "batch_size": 25})
    start = saved(network.build({}), tmp_path, freeze=["phi"])
    whole = tuned(network, particles, tmp_path / "whole", start)

    class Killed(Exception):
        pass

    def kill(row):
        raise Killed

    with pytest.raises(Killed):
        tuned(network, particles, tmp_path / "parts", start, kill)
    resumed = tuned(network, particles, tmp_path / "parts", start)
    for name, values in weights(whole).items():
        assert same(values, weights(resumed)[name])


# Weaver


@pytest.fixture
def state(monkeypatch):
    """Weights of a network of weaver's, as arrays, with more classes; PyTorch is not needed."""
    source = build("particlenet-lite", identity="none")
    random = np.random.default_rng(3)
    state = {
        f"mod.{name}": random.normal(size=values.shape)
        for name, values in to_weaver(source).items()
    }
    monkeypatch.setattr(initial_weights, "read_state", lambda _path: state)
    return state


def test_weights_of_weavers_are_taken_over(state, tmp_path):
    start = StartingPoint(StartFrom(weaver="net.pt", unchecked_jets=True), tmp_path / "net.pt", "0")
    model = build("particlenet-lite", identity="none")
    load_initial(model, start)
    for name, values in to_weaver(model).items():
        np.testing.assert_array_equal(values, state[f"mod.{name}"].astype(np.float32))


def test_of_weights_of_weavers_the_layers_that_do_not_fit_are_made_new(state, tmp_path, capsys):
    state["mod.fc.1.weight"] = np.ones((10, 128))
    state["mod.fc.1.bias"] = np.ones(10)
    start = StartingPoint(
        StartFrom(weaver="net.pt", unchecked_jets=True, head_rate=3), tmp_path / "net.pt", "0"
    )
    model = build("particlenet-lite", identity="full")
    assert load_initial(model, start) == {"input_norm": 3, "edge_0": 3, "logits": 3}
    told = capsys.readouterr().out
    assert "taken over are edge_1, hidden" in told
    assert "logits (128 x 10, 10)" in told
