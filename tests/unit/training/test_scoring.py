"""Scores of the user's own jets: in the order of the files, in every format."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import uproot

from exported import network, tagger
from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import write_arrays
from jetline.jets.reading import open_jets
from jetline.records.predictions import Predictions
from jetline.records.training import TRAINING, read_tagger
from jetline.training import quiet, scoring
from jetline.training.job import write_model
from jetline.training.score_tables.choosing import score_table_of
from jetline.training.score_tables.score_table import ScoredBlock, ScoredJets


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


def score(folder, files, output, name="--tagger", more=()):
    return main(["score", *map(str, files), name, str(folder), "--output", str(output), *more])


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


def read_tree(path):
    """Columns of a tree, and what stands beside it."""
    with uproot.open(path) as file:
        told = {name: str(file[name]) for name in file.keys(cycle=False) if name != "scores"}
        return file["scores"].arrays(library="np"), told | {"files": json.loads(told["files"])}


def read_dataset(path):
    """Likewise of HDF5."""
    with h5py.File(path) as file:
        files = [name.decode() for name in file["files"]]
        rows = pd.DataFrame(file["jets"][:])
        return {name: rows[name].to_numpy() for name in rows}, {**file.attrs, "files": files}


@pytest.mark.parametrize(("name", "read"), [("s.root", read_tree), ("s.h5", read_dataset)])
def test_tables_of_numbers_have_the_rows_of_parquet(folder, files, name, read, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "_BLOCK", 32)
        assert score(folder, files, tmp_path / name) == 0
        assert score(folder, files, tmp_path / "s.parquet") == 0
    columns, told = read(tmp_path / name)
    table = pq.read_table(tmp_path / "s.parquet")
    assert list(columns) == table.column_names
    types = [str(column.dtype) for column in columns.values()]
    assert types == ["int32", "int64", "int32", "float32"]
    assert [told["files"][number] for number in columns["file"]] == table["file"].to_pylist()
    for name in ("jet", "score"):
        np.testing.assert_array_equal(columns[name], table[name])
    # No label is -1: there is no null.
    assert (
        columns["label"].tolist() == table["label"].fill_null(255).cast("int8", False).to_pylist()
    )
    assert json.loads(told["classes"]) == ["gluon", "quark"]
    assert (told["tagger"], told["training"]) == ("pfn", "0")


@pytest.mark.parametrize(("name", "package"), [("s.root", "uproot"), ("s.h5", "h5py")])
def test_a_package_that_is_missing_is_told_before_anything_is_read(
    folder, name, package, tmp_path, capsys, monkeypatch
):
    monkeypatch.setitem(sys.modules, package, None)
    assert score(folder, [tmp_path / "none.npz"], tmp_path / name) == 1
    told = capsys.readouterr().err
    assert f"the package {package} is not installed" in told
    assert "pip install -e '.[formats]'" in told


def write_blocks(output, scored):
    scores = np.random.default_rng(0).random(50_000, np.float32)
    block = ScoredBlock(0, np.arange(50_000), np.zeros(50_000, np.uint8), scores)
    with score_table_of(output).written(output, scored) as write:
        for _ in range(3):
            write(block)


@pytest.mark.parametrize("name", ["s.npz", "s.parquet", "s.root", "s.h5"])
def test_a_disk_that_is_full_leaves_nothing_half_written(folder, name, tmp_path):
    scored = ScoredJets(read_tagger(folder), ("jets.npz",))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match="File too large") as caught:
            write_blocks(tmp_path / name, scored)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.filename == str(tmp_path / name)
    assert not list(tmp_path.iterdir())
    write_blocks(tmp_path / name, scored)
    assert (tmp_path / name).stat().st_size > 100_000


@pytest.mark.parametrize("name", ["scores.csv", "scores"])
def test_a_format_that_is_none_is_told_before_anything_is_read(
    folder, files, name, tmp_path, capsys
):
    assert score(folder, files, tmp_path / name) == 1
    assert "scores.parquet, scores.root or scores.h5" in capsys.readouterr().err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["s.npz", "s.parquet", "s.root", "s.h5"])
def test_a_name_that_is_no_text_is_written_as_text(folder, files, name, tmp_path):
    odd = tmp_path / os.fsdecode(b"jets-\xff.npz")
    odd.write_bytes(files[1].read_bytes())
    assert score(folder, [odd], tmp_path / name) == 0
    names = {
        "s.npz": lambda: Predictions.read(tmp_path / name).file_names,
        "s.parquet": lambda: pq.read_table(tmp_path / name)["file"].unique().to_pylist(),
        "s.root": lambda: read_tree(tmp_path / name)[1]["files"],
        "s.h5": lambda: read_dataset(tmp_path / name)[1]["files"],
    }
    assert list(names[name]()) == [rf"{tmp_path}/jets-\xff.npz"]


def test_a_file_that_changes_before_it_is_scored_is_told(folder, files, jets, tmp_path):
    shutil.copy(files[0], tmp_path / "jets.npz")
    opened = open_jets(tmp_path / "jets.npz")
    write_arrays(tmp_path / "jets.npz", X=jets[0][:60], y=jets[1][:60])
    with pytest.raises(JetlineError, match="60 jets, of which 70 were counted before"):
        scoring.score_files(folder, [opened], tmp_path / "s.root")
    assert not (tmp_path / "s.root").exists()


@pytest.mark.parametrize("name", ["s.npz", "s.parquet", "s.root", "s.h5"])
def test_a_damaged_second_file_leaves_nothing_half_written(folder, files, name, tmp_path, capsys):
    (tmp_path / "c.npz").write_bytes(b"PK broken")
    assert score(folder, [files[0], tmp_path / "c.npz"], tmp_path / name) == 1
    assert "c.npz" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.npz"]


#: One more than double precision tells from the next; float16 is what no tree has.
CARRIED = {
    "event": np.arange(100) + 2**53 + 1,
    "w": np.linspace(-1, 1, 100).astype(np.float32),
    "half": np.linspace(0, 1, 100).astype(np.float16),
    "real": np.arange(100) % 2 == 0,
}


def read_archive(path):
    """Arrays of an archive, which is one of predictions whatever else is in it."""
    assert len(Predictions.read(path)) == 100
    with np.load(path) as archive:
        return dict(archive), None


def read_parquet(path):
    table = pq.read_table(path)
    return {name: table[name].to_numpy() for name in table.column_names}, None


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("s.npz", read_archive),
        ("s.parquet", read_parquet),
        ("s.root", read_tree),
        ("s.h5", read_dataset),
    ],
)
def test_columns_are_carried_bit_for_bit(folder, jets, name, read, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scoring, "_BLOCK", 32)
    files = [tmp_path / "b.npz", tmp_path / "a.h5"]
    write_arrays(files[0], X=jets[0][:70], **{key: one[:70] for key, one in CARRIED.items()})
    with h5py.File(files[1], "w") as file:
        file.update({"X": jets[0][70:100]} | {key: one[70:] for key, one in CARRIED.items()})
    assert score(folder, files, tmp_path / name, more=["--carry", "event,half, w,real"]) == 0
    assert "nothing reads" not in capsys.readouterr().out
    columns, _ = read(tmp_path / name)
    assert list(columns)[-4:] == ["event", "half", "w", "real"]
    for key, values in CARRIED.items():
        np.testing.assert_array_equal(columns[key], values)
        widened = (name, key) == ("s.root", "half")
        assert columns[key].dtype == (np.float32 if widened else values.dtype)


@pytest.mark.parametrize(
    ("carry", "name", "told"),
    [
        ("w,event", "s.parquet", "no column 'event'"),
        ("w,score", "s.root", "--carry score"),
        ("w,labels", "s.npz", "--carry labels"),
        ("file", "s.npz", "--carry file"),
        ("w,w", "s.h5", "given twice"),
    ],
)
def test_a_column_that_cannot_be_carried_is_told_before_any_jet_is_scored(
    folder, jets, carry, name, told, tmp_path, monkeypatch, capsys
):
    monkeypatch.delattr(scoring, "make_scratch_shards")
    files = [tmp_path / "b.npz", tmp_path / "a.npz"]
    write_arrays(files[0], X=jets[0][:70], w=np.ones(70), event=np.arange(70), score=np.ones(70))
    write_arrays(files[1], X=jets[0][:30], w=np.ones(30), score=np.ones(30))
    assert score(folder, files, tmp_path / name, more=["--carry", carry]) == 1
    error = capsys.readouterr().err
    assert told in error
    assert error.count("found:") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "b.npz"]


def test_jets_keep_their_index_in_the_file_where_others_are_left_out(folder, jets, tmp_path):
    empty = [0, 5, 6, 39]
    constituents = jets[0][:40].copy()
    constituents[empty] = 0
    with h5py.File(tmp_path / "jets.h5", "w") as file:
        file.update({"p": constituents, "label": jets[1][:40]})
    columns = {"pt": "p[0]", "rapidity": "p[1]", "phi": "p[2]", "pdg_id": "p[3]"}
    layout = {"columns": columns, "label": "label", "empty_jets": "drop"}
    more = ["--layout", json.dumps(layout)]
    assert score(folder, [tmp_path / "jets.h5"], tmp_path / "s.parquet", more=more) == 0
    table = pq.read_table(tmp_path / "s.parquet")
    kept = np.setdiff1d(np.arange(40), empty)
    np.testing.assert_array_equal(table["jet"], kept)
    np.testing.assert_array_equal(table["label"], jets[1][kept])


def test_a_terminal_shows_nothing_of_what_libraries_say_of_themselves(folder, files, tmp_path):
    command = [sys.executable, "-m", "jetline.cli.main", "score", *map(str, files)]
    output = str(tmp_path / "s.npz")
    run = subprocess.run(
        [*command, "--tagger", str(folder), "--output", output, "--device", "cpu"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_errors_of_libraries_are_told_all_the_same(capfd):
    with quiet._without_chatter():
        os.write(2, b"I0000 00:00:1.2 3 port.cc:1] oneDNN\nE0000 00:00:1.2 3 x.cc:1] no memory\n")
        os.write(2, b"a traceback")
    assert capfd.readouterr().err == "E0000 00:00:1.2 3 x.cc:1] no memory\na traceback"
