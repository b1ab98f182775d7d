"""Weights of weaver-core are converted from and to files; most tests here need PyTorch."""

from __future__ import annotations

import importlib.util
import json
import os

import keras
import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import sha256_of
from jetline.models import read_settings
from jetline.records.training import ForeignTagger, Weights, read_tagger
from jetline.training.fitting import view_of
from jetline.training.prediction import load_training
from jetline.training.weaver.conversion import write_tagger
from jetline.training.weaver.weights import to_weaver

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed"
)


def convert(weights, folder, architecture="particlenet-lite", identity="none") -> int:
    told = ["--architecture", architecture, "--identity", identity]
    return main(["from-weaver", "--weights", str(weights), *told, "--output", str(folder)])


@pytest.fixture
def weights(tmp_path):
    """A file of weights as weaver's training saves it, with a wrapper's prefix."""
    import torch

    model = read_settings("particlenet-lite", {"identity": "none"}).build({})
    random = np.random.default_rng(1)
    state = {
        f"mod.{name}": torch.from_numpy(random.normal(size=values.shape).astype(np.float32))
        for name, values in to_weaver(model).items()
    }
    torch.save(state, tmp_path / "net.pt")
    return tmp_path / "net.pt"


@needs_torch
def test_weights_become_a_tagger_and_go_back(weights, tmp_path):
    import torch

    assert convert(weights, tmp_path / "tagger") == 0
    model, record = load_training(tmp_path / "tagger")
    assert record.identity == record.settings["identity"] == "none"
    told = ["--training", str(tmp_path / "tagger"), "--output", str(tmp_path / "b.pt")]
    assert main(["to-weaver", *told]) == 0
    before = torch.load(weights, weights_only=True)
    after = torch.load(tmp_path / "b.pt", weights_only=True)
    counters = {name for name in after if name.endswith("num_batches_tracked")}
    assert len(counters) == 9
    assert {f"mod.{name}" for name in after.keys() - counters} == before.keys()
    for name in after.keys() - counters:
        np.testing.assert_array_equal(after[name], before[f"mod.{name}"], strict=True)
    assert len(model.get_weights()) == len(before)


@needs_torch
@pytest.mark.parametrize(
    ("architecture", "identity", "told"),
    [
        ("particlenet-lite", "full", "expected: 13"),
        ("particle-transformer-small", "none", "on one side alone"),
        ("pfn", "none", "one that weaver has"),
    ],
)
def test_weights_of_another_network_are_refused(
    weights, tmp_path, capsys, architecture, identity, told
):
    assert convert(weights, tmp_path / "tagger", architecture, identity) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "tagger").exists()


def test_a_tagger_of_weights_from_elsewhere_scores_jets_and_is_evaluated(jets, tmp_path, capsys):
    network = read_settings("particlenet-lite", {"identity": "none"})
    random = np.random.default_rng(2)
    state = {
        name: np.abs(random.normal(scale=0.1, size=values.shape)).astype(np.float32)
        for name, values in to_weaver(network.build({})).items()
    }
    weights, tagger = tmp_path / "net.pt", tmp_path / "tagger"
    weights.touch()
    write_tagger(network, state, weights, tagger)
    np.savez(tmp_path / "jets.npz", X=jets[0][:120], y=jets[1][:120], event=np.arange(120))
    scores, evaluation = tmp_path / "scores.npz", tmp_path / "evaluation"
    told = ["score", "--training", str(tagger), "--output", str(scores), "--threads", "2"]
    assert main([*told, str(tmp_path / "jets.npz")]) == 0
    assert capsys.readouterr().out.count("nothing reads event (120,)") == 1
    told = ["evaluate", "--training", str(tagger), "--predictions", str(scores)]
    told += ["--dataset", "mine", "--configuration-seed", "1", "--output", str(evaluation)]
    assert main(told) == 0
    metrics = json.loads((evaluation / "metrics.json").read_text())
    assert (metrics["label"], metrics["seed"]) == ("particlenet-lite", 0)
    assert 0 < metrics["figures"]["auc"]["value"] < 1
    with np.load(scores, allow_pickle=False) as archive:
        assert np.ptp(archive["scores"]) > 0


@pytest.mark.parametrize("pair_mass", ["exact", "weaver"])
def test_a_tagger_scores_with_the_mass_of_pairs_that_it_was_made_with(jets, tmp_path, pair_mass):
    options = {"identity": "none", "pair_mass": pair_mass}
    network = read_settings("particle-transformer-small", options)
    (tmp_path / "net.pt").touch()
    keras.utils.set_random_seed(1)
    write_tagger(network, to_weaver(network.build({})), tmp_path / "net.pt", tmp_path / "tagger")
    assert read_tagger(tmp_path / "tagger").view["pair_mass"] == pair_mass
    np.savez(tmp_path / "jets.npz", X=jets[0][:40], y=jets[1][:40])
    told = ["score", "--training", str(tmp_path / "tagger"), "--output", str(tmp_path / "s.npz")]
    assert main([*told, "--threads", "2", str(tmp_path / "jets.npz")]) == 0
    model = load_training(tmp_path / "tagger")[0]
    assert ("pair_mass" in {one.name for one in model.inputs}) == (pair_mass == "weaver")


def test_weavers_rounding_is_refused_where_no_pairs_are_looked_at(tmp_path, capsys):
    told = ["--architecture", "particlenet", "--identity", "none", "--pair-mass", "weaver"]
    told += ["--weights", str(tmp_path / "net.pt"), "--output", str(tmp_path / "tagger")]
    assert main(["from-weaver", *told]) == 1
    assert "particlenet, which looks at no pairs" in capsys.readouterr().err


@needs_torch
@pytest.mark.parametrize(("pair_mass", "told"), [("exact", 1), ("weaver", 0)])
def test_both_commands_say_where_scores_differ_from_weavers(tmp_path, capsys, pair_mass, told):
    import torch

    network = read_settings("particle-transformer-small", {"identity": "none"})
    state = to_weaver(network.build({}))
    torch.save({name: torch.from_numpy(v.copy()) for name, v in state.items()}, tmp_path / "a.pt")
    given = ["--architecture", "particle-transformer-small", "--identity", "none"]
    given += ["--weights", str(tmp_path / "a.pt"), "--output", str(tmp_path / "tagger")]
    assert main(["from-weaver", *given, "--pair-mass", pair_mass]) == 0
    assert capsys.readouterr().out.count("--pair-mass weaver rounds as weaver does") == told
    given = ["--training", str(tmp_path / "tagger"), "--output", str(tmp_path / "b.pt")]
    assert main(["to-weaver", *given]) == 0
    assert capsys.readouterr().out.count("Train with `pair_mass: weaver`") == told


def test_the_record_of_such_a_tagger_says_where_its_weights_are_from(tmp_path):
    network = read_settings("particlenet-lite", {"identity": "experimental"})
    weights = tmp_path / "net.pt"
    weights.write_bytes(b"weights")
    write_tagger(network, to_weaver(network.build({})), weights, tmp_path / "tagger")
    record = read_tagger(tmp_path / "tagger")
    assert isinstance(record, ForeignTagger)
    assert record.weights == Weights(file=str(weights), sha256=sha256_of(weights))
    assert view_of(record) == network.view
    assert record.identity == "experimental"


@pytest.mark.parametrize("prefix", ["_orig_mod.", "mod._orig_mod.", "_orig_mod.module.mod."])
def test_what_wraps_a_network_is_left_out_of_the_names(tmp_path, prefix):
    network = read_settings("particlenet-lite", {"identity": "none"})
    model = network.build({})
    state = {f"{prefix}{name}": values for name, values in to_weaver(model).items()}
    (tmp_path / "net.pt").touch()
    write_tagger(network, state, tmp_path / "net.pt", tmp_path / "tagger")
    loaded = load_training(tmp_path / "tagger")[0]
    for one, other in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("version", "bias"), [(2, True), (3, False)])
def test_later_versions_of_the_particle_transformer_are_refused_by_name(tmp_path, version, bias):
    network = read_settings("particle-transformer-small", {"identity": "none"})
    state = to_weaver(network.build({}))
    gate = {"mod.blocks.0.fc1_g.weight": np.zeros((4, 4))}
    gate |= {"mod.blocks.0.fc1_g.bias": np.zeros(4)} if bias else {}
    with pytest.raises(JetlineError, match=f"Particle Transformer of version {version}"):
        write_tagger(network, state | gate, tmp_path / "net.pt", tmp_path / "tagger")
    assert not (tmp_path / "tagger").exists()


class Touching:
    """Leaves a mark where it is unpickled."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@needs_torch
def test_a_file_that_holds_more_than_weights_is_refused(tmp_path, capsys):
    import torch

    torch.save({"weights": Touching(tmp_path / "mark")}, tmp_path / "net.pt")
    assert convert(tmp_path / "net.pt", tmp_path / "tagger") == 1
    assert "no weights alone" in capsys.readouterr().err
    assert not (tmp_path / "mark").exists()
    assert convert(tmp_path / "none.pt", tmp_path / "tagger") == 1
    assert "No such file" in capsys.readouterr().err


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="PyTorch is installed")
def test_without_pytorch_it_is_named(tmp_path, capsys):
    assert convert(tmp_path / "net.pt", tmp_path / "tagger") == 1
    assert "pip install torch" in capsys.readouterr().err
