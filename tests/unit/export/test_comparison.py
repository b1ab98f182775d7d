"""An exported tagger is compared with Keras on a whole test part."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (pip install -e '.[onnx]')")

from exported import network, tagger
from further_files import impact_parameters
from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.export.comparison import compare_export
from jetline.export.session import Session
from jetline.export.tagger import export_tagger
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.parts import TEST, TRAIN
from jetline.records.export import ExportComparison
from jetline.records.training import TRAINING
from jetline.training.job import write_model
from split_shards import parts_of
from training_inputs import make_shards


@pytest.fixture(scope="module")
def made(jets, tmp_path_factory):
    """Shards of particles and of images of the same jets, their files, and their split."""
    constituents, labels = jets[0][:60].copy(), jets[1][:60]
    # A jet that is tested, in which two particles are equally far from all others.
    rows = int((constituents[1, :, 0] > 0).sum())
    constituents[1, rows : rows + 8] = constituents[1, 0] * [0.5, 1, 1, 1]
    folder = tmp_path_factory.mktemp("made")
    shards = {
        kind: [one.folder for one in make_shards(folder / kind[:6], constituents, labels, kind)]
        for kind in ("particles", "images/pt")
    }
    part = np.where(np.arange(30) % 2, TEST, TRAIN).astype(np.uint8)
    parts_of(shards["particles"], [part, part], ["a", "b"]).write(folder / "parts.npz")
    files = [folder / "partic" / f"jets_{number}.npz" for number in range(2)]
    return folder / "parts.npz", shards, files


def folder_of(folder, name, statistics, **told):
    settings, model = network(name, statistics, **told.pop("settings", {}))
    folder.mkdir()
    write_model(model, folder / "model.keras")
    tagger(settings, **told).write(folder / TRAINING)
    return folder


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-5), ("float64", 1e-9)])
def test_a_network_with_neighbours(made, precision, tolerance, tmp_path):
    parts, shards, files = made
    training = folder_of(tmp_path / "lite", "particlenet-lite", {})
    export_tagger(training, tmp_path / "t.onnx", precision)
    told = (tmp_path / "t.onnx", "demo", parts, shards["particles"], files, tmp_path / "t.json")
    found = compare_export(training, *told)
    assert (found.jets, found.tolerance, found.precision) == (30, tolerance, precision)
    assert found.ties >= 1
    assert found.crossings == 0
    assert found.largest < tolerance or found.beyond
    assert not [jet for jet in found.listed if jet.cause != "tie"]
    assert min(found.speed.jetline, found.speed.onnxruntime) > 0
    assert ExportComparison.read(tmp_path / "t.json") == found


@pytest.fixture(scope="module")
def with_further(jets, tmp_path_factory):
    """As `made`, of one file whose constituents have impact parameters."""
    constituents, labels = jets[0][:60], jets[1][:60]
    folder = tmp_path_factory.mktemp("further")
    file, shard = folder / "jets.npz", folder / "shard"
    features, names = 30 * impact_parameters(constituents), np.array(["d0", "dz"])
    np.savez(file, X=constituents, y=labels, features=features, feature_names=names)
    make_shard(Particles(), file, shard)
    part = np.where(np.arange(60) % 2, TEST, TRAIN).astype(np.uint8)
    parts_of([shard], [part], ["a"]).write(folder / "parts.npz")
    return folder / "parts.npz", [shard], [file]


@pytest.mark.parametrize(
    ("name", "precision"),
    [
        ("pfn", "float32"),
        ("pfn", "float64"),
        ("particlenet-lite", "float32"),
        ("set-transformer", "float32"),
        ("particle-transformer-small", "float64"),
    ],
)
def test_further_features_are_more_columns(with_further, name, precision, tmp_path):
    spreads = {"d0": {"centre": 0.1, "width": 1.0}, "dz": {"centre": 0.0, "width": 2.0}}
    training = folder_of(
        tmp_path / name, name, {"features": spreads}, settings={"features": ["dz", "d0"]}
    )
    described = export_tagger(training, tmp_path / "t.onnx", precision)
    assert "jets, constituents, 6" in described[0]
    assert "PDG id, dz [as in the files of the training], d0 [as" in described[0]
    parts, shards, files = with_further
    told = (tmp_path / "t.onnx", "demo", parts, shards, files, tmp_path / "t.json")
    found = compare_export(training, *told)
    assert found.jets == 30
    assert found.beyond == 0
    # Without them the same network gives other scores.
    session = Session(tmp_path / "t.onnx")
    with np.load(files[0]) as archive:
        raw = np.concatenate([archive["X"], archive["features"][..., ::-1]], axis=2)
    (seen,), (unseen,) = (session.run([one], "scores") for one in (raw, raw * [1, 1, 1, 1, 0, 0]))
    assert np.abs(seen - unseen).max() > 1e-4
    raw[3, 0, 4] = np.nan
    assert np.flatnonzero(np.isnan(session.run([raw], "scores")[0])).tolist() == [3]


def test_a_network_of_images_by_the_command(made, tmp_path, capsys):
    parts, shards, files = made
    recipe = RECIPES["pt"]
    statistics = {"shape": list(recipe.shape), "largest": [1.0]}
    training = folder_of(
        tmp_path / "cnn",
        "cnn",
        statistics,
        settings={"inputs": "images/pt"},
        recipe=recipe.model_dump(mode="json"),
    )
    assert main(["export", "--training", str(training), "--output", str(tmp_path / "t.onnx")]) == 0
    places = ["--training", training, "--exported", tmp_path / "t.onnx", "--parts", parts]
    places += ["--output", tmp_path / "t.json", "--jets", *files, "--dataset", "demo"]
    assert main(["compare-export", *map(str, shards["images/pt"]), *map(str, places)]) == 0
    assert "scores of ONNX and Keras differ by at most" in capsys.readouterr().out
    found = ExportComparison.read(tmp_path / "t.json")
    assert found.largest < 1e-5
    assert (found.ties, found.crossings) == (0, 0)


def test_the_model_of_another_tagger_is_told(made, tmp_path):
    parts, shards, files = made
    training = folder_of(tmp_path / "efn", "efn", {})
    export_tagger(training, tmp_path / "t.onnx")
    record = (training / TRAINING).read_text()
    (training / TRAINING).write_text(record.replace('"sha256": "0"', '"sha256": "1"'))
    told = (tmp_path / "t.onnx", "demo", parts, shards["particles"], files, tmp_path / "t.json")
    with pytest.raises(JetlineError, match="a model of another tagger"):
        compare_export(training, *told)
    (tmp_path / "t.onnx").write_bytes(b"no model")
    with pytest.raises(JetlineError, match="an ONNX model that"):
        compare_export(training, *told)
    assert not (tmp_path / "t.json").exists()
