"""Explanations of trained taggers, from files to files."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays
from jetline.explanation.explained_jets import drawn_jets, jets_of_test
from jetline.explanation.job import ARRAYS, EXPLANATION, explain_training
from jetline.explanation.settings import Explain
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.parts import TEST, TRAIN
from jetline.inputs.shards import open_shard
from jetline.models import read_settings
from jetline.records.explanation import ExplanationRecord
from jetline.records.lund import LundRecord
from jetline.records.training import TRAINING, ForeignTagger
from jetline.training.job import write_model
from split_shards import parts_of
from training_inputs import STATISTICS, make_shards

SETTINGS = Explain(jets=10, baselines=2, steps=8)


def tagger(folder, label, statistics, **described):
    """The folder of an untrained network."""
    keras.utils.set_random_seed(1)
    kind = described["inputs"]
    settings = read_settings(label, {"inputs": kind})
    folder.mkdir()
    write_model(settings.build(statistics), folder / "model.keras")
    view = settings.view
    ForeignTagger(
        label=label,
        architecture=label,
        identity="full" if view else "none",
        settings={"batch_size": 100},
        view=dataclasses.asdict(view) if view else None,
        weights={"file": "net", "sha256": "0"},
        **described,
    ).write(folder / TRAINING)
    return folder


@pytest.fixture(scope="module")
def made(jets, tmp_path_factory):
    """Shards of particles and of images of the same jets, and their split."""
    constituents, labels = jets
    folder = tmp_path_factory.mktemp("made")
    shards = {
        kind: [shard.folder for shard in make_shards(folder / kind[:6], *some, kind)]
        for kind in ("particles", "images/notebook", "observables")
        for some in [(constituents[:120], labels[:120])]
    }
    part = np.where(np.arange(60) % 2, TEST, TRAIN).astype(np.uint8)
    parts_of(shards["particles"], [part, part], ["a", "b"]).write(folder / "parts.npz")
    return folder / "parts.npz", shards


def test_a_network_of_particles_is_explained(made, tmp_path):
    parts, shards = made
    training = tagger(tmp_path / "pfn", "pfn", {}, inputs="particles")
    explain_training(training, "demo", parts, shards["particles"], SETTINGS, 1, tmp_path / "out")
    record = ExplanationRecord.read(tmp_path / "out" / EXPLANATION)
    assert record.jets == {"quark": 10, "gluon": 10}
    assert record.completeness.relative < 0.05
    assert {(one.of, one.by) for one in record.sums} == {
        (of, by) for of in ("gluon", "quark") for by in ("species", "z", "distance")
    }
    assert len(read_arrays(tmp_path / "out" / ARRAYS)) == 4


def test_a_network_of_images_is_explained(made, tmp_path):
    parts, shards = made
    recipe = RECIPES["notebook"]
    statistics = STATISTICS | {"shape": list(recipe.shape)}
    described = {"inputs": "images/notebook", "recipe": recipe.model_dump(mode="json")}
    training = tagger(tmp_path / "cnn", "cnn", statistics, **described)
    explain_training(
        training, "demo", parts, shards["images/notebook"], SETTINGS, 1, tmp_path / "out"
    )
    record = ExplanationRecord.read(tmp_path / "out" / EXPLANATION)
    arrays = read_arrays(tmp_path / "out" / ARRAYS)
    assert arrays["mean_added_1"].shape == recipe.shape
    for one in record.sums:
        assert one.by == "distance"
        added = arrays[f"mean_added_{record.classes.index(one.of)}"]
        np.testing.assert_allclose(sum(mean.value for mean in one.added), added.sum(), rtol=1e-5)


def test_every_tagger_is_explained_on_the_same_jets(made):
    parts, shards = made
    classes = ("gluon", "quark")
    one, other = (
        drawn_jets(jets_of_test(parts, shards[kind], classes), classes, 10, 1)
        for kind in ("particles", "images/notebook")
    )
    assert one.row.tolist() == other.row.tolist()
    assert one.shard.tolist() == other.shard.tolist()


def test_test_jets_of_one_class_are_told(made, tmp_path):
    _, shards = made
    training = tagger(tmp_path / "pfn", "pfn", {}, inputs="particles")
    quark = [
        np.where(open_shard(shard).labels == 1, TEST, TRAIN).astype(np.uint8)
        for shard in shards["particles"]
    ]
    parts_of(shards["particles"], quark, ["a", "b"]).write(tmp_path / "parts.npz")
    with pytest.raises(JetlineError, match="fewer than two classes"):
        explain_training(
            training, "demo", tmp_path / "parts.npz", shards["particles"], SETTINGS, 1, tmp_path
        )
    assert not (tmp_path / EXPLANATION).exists()


def test_the_command_explains_a_tagger(made, tmp_path, capsys):
    parts, shards = made
    training = tagger(tmp_path / "efn", "efn", {}, inputs="particles")
    told = ["--settings", '{"jets": 10, "baselines": 1, "steps": 4}', "--configuration-seed", "1"]
    places = ["--training", training, "--parts", parts, "--output", tmp_path / "out"]
    status = main(
        ["explain", *map(str, [*places, *shards["particles"]]), *told, "--dataset", "demo"]
    )
    assert status == 0
    assert "completeness error" in capsys.readouterr().out
    assert (tmp_path / "out" / EXPLANATION).is_file()


@pytest.mark.parametrize(
    ("settings", "found"), [('{"jet": 10}', "settings, jet"), ('{"jets": 1}', "settings, jets")]
)
def test_wrong_settings_of_the_command_are_told(settings, found, tmp_path, capsys):
    places = ["--training", "t", "--parts", "p", "--output", str(tmp_path / "out"), "shard"]
    told = ["--settings", settings, "--configuration-seed", "1", "--dataset", "demo"]
    assert main(["explain", *places, *told]) == 1
    assert found in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_decisions_are_set_beside_observables_and_filters_are_measured(made, tmp_path):
    parts, shards = made
    training = tagger(tmp_path / "efn", "efn", {}, inputs="particles")
    told = parts, shards["particles"], SETTINGS, 1, tmp_path / "out", shards["observables"]
    record = explain_training(training, "demo", *told)
    assert {one.observable for one in record.correlations} >= {"multiplicity", "mass"}
    assert [one.of for one in record.surrogates] == ["quark"]
    assert record.filters.total == 256
    assert read_arrays(tmp_path / "out" / ARRAYS)["filters"].max() == 1
    assert ExplanationRecord.read(tmp_path / "out" / EXPLANATION) == record


def test_lund_planes_count_every_emission_of_the_test_jets(made, tmp_path, capsys):
    parts, shards = made
    told = ["--dataset", "demo", "--parts", str(parts), "--output", str(tmp_path)]
    assert main(["lund-planes", *told, *map(str, shards["particles"])]) == 0
    assert "gluon: " in capsys.readouterr().out
    record = LundRecord.read(tmp_path / "lund-planes.json")
    arrays = read_arrays(tmp_path / "lund-planes.npz")
    sample = jets_of_test(parts, shards["particles"], ("gluon", "quark"))
    assert [record.jets[name] for name in ("gluon", "quark")] == np.bincount(sample.labels).tolist()
    area = np.diff(arrays["ln_angle"])[:, None] * np.diff(arrays["ln_kt"])
    gluon, quark = record.planes
    for number, one in enumerate((gluon, quark)):
        inside = (arrays[f"density_{number}"] * area).sum()
        assert inside == pytest.approx(one.shown * one.emissions.value)
        assert one.shown > 0.9
    # Gluons radiate more.
    assert gluon.hard.value > quark.hard.value > 1


def test_attention_of_a_transformer_is_part_of_its_explanation(made, tmp_path):
    parts, shards = made
    training = tagger(tmp_path / "set", "set-transformer", {}, inputs="particles")
    few = Explain(jets=10, baselines=1, steps=2)
    told = parts, shards["particles"], few, 1, tmp_path / "out"
    record = explain_training(training, "demo", *told)
    assert [one.of for one in record.attention.of_classes] == ["gluon", "quark"]
    assert record.identity == "full"
    assert read_arrays(tmp_path / "out" / ARRAYS)["attended_1"].sum() > 0
