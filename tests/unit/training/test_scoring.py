"""Scores of the user's own jets: in the order of the files, in either format."""

from __future__ import annotations

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from exported import network, tagger
from jetline.cli.main import main
from jetline.core.files import write_arrays
from jetline.records.predictions import Predictions
from jetline.records.training import TRAINING
from jetline.training import scoring
from jetline.training.job import write_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a tagger."""
    folder = tmp_path_factory.mktemp("pfn")
    settings, model = network("pfn", {"classes": ["gluon", "quark"]}, phi=[8], f=[8])
    write_model(model, folder / "model.keras")
    tagger(settings).write(folder / TRAINING)
    return folder


@pytest.fixture(scope="module")
def files(jets, tmp_path_factory):
    """Jet files: one with labels, one without; their order is not that of their names."""
    folder = tmp_path_factory.mktemp("jets")
    write_arrays(folder / "b.npz", X=jets[0][:70], y=jets[1][:70])
    write_arrays(folder / "a.npz", X=jets[0][70:100])
    return [folder / "b.npz", folder / "a.npz"]


def score(folder, files, output, name="--tagger"):
    return main(["score", *map(str, files), name, str(folder), "--output", str(output)])


def test_a_table_has_a_row_a_jet_in_the_order_of_the_files(
    folder, files, jets, tmp_path, monkeypatch
):
    # Blocks decide nothing.
    monkeypatch.setattr(scoring, "_BLOCK", 32)
    assert score(folder, files, tmp_path / "s.parquet") == 0
    table = pq.read_table(tmp_path / "s.parquet")
    assert table.column_names == ["file", "jet", "label", "score"]
    assert table["file"].to_pylist() == [str(files[0])] * 70 + [str(files[1])] * 30
    assert table["jet"].to_pylist() == [*range(70), *range(30)]
    assert table["label"].to_pylist() == [*map(int, jets[1][:70]), *[None] * 30]
    told = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert json.loads(told["classes"]) == ["gluon", "quark"]
    assert (told["tagger"], told["training"]) == ("pfn", "0")
    monkeypatch.undo()

    assert score(folder, files, tmp_path / "s.npz", "--training") == 0
    scored = Predictions.read(tmp_path / "s.npz")
    by_file = [scored.scores[scored.names == str(file)] for file in files]
    np.testing.assert_allclose(table["score"], np.concatenate(by_file), rtol=0, atol=1e-6)


def test_three_classes_have_a_column_each(files, tmp_path):
    classes = ("b", "c", "light")
    settings, model = network("pfn", {"classes": list(classes)}, phi=[8], f=[8])
    write_model(model, tmp_path / "model.keras")
    tagger(settings, classes).write(tmp_path / TRAINING)
    assert score(tmp_path, files, tmp_path / "s.parquet") == 0
    table = pq.read_table(tmp_path / "s.parquet")
    assert table.column_names[3:] == ["score_b", "score_c", "score_light"]
    total = sum(table[name].to_numpy() for name in table.column_names[3:])
    np.testing.assert_allclose(total, 1, rtol=1e-5)


@pytest.mark.parametrize("name", ["scores.root", "scores.h5", "scores"])
def test_a_format_that_is_none_is_told_before_anything_is_read(
    folder, files, name, tmp_path, capsys
):
    assert score(folder, files, tmp_path / name) == 1
    assert "scores.npz or scores.parquet" in capsys.readouterr().err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["s.npz", "s.parquet"])
def test_a_damaged_second_file_leaves_nothing_half_written(folder, files, name, tmp_path, capsys):
    (tmp_path / "c.npz").write_bytes(b"PK broken")
    assert score(folder, [files[0], tmp_path / "c.npz"], tmp_path / name) == 1
    assert "c.npz" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.npz"]
