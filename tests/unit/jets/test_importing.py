"""Foreign files become jet files of the benchmark's form, whole or not at all."""

import json
import subprocess
import sys
import zipfile
import zlib

import h5py
import numpy as np
import pytest
from zlib_ng import zlib_ng

from foreign_files import FILES, lists, write_tree
from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.inputs.making import make_shard, read_inputs
from jetline.inputs.shards import open_shard
from jetline.jets.formats.npz import write_jets
from jetline.jets.importing import import_jets
from jetline.jets.index import index_jets
from jetline.jets.layouts.layout import Layout
from jetline.jets.reading import open_jets, read_jets

OWN = Layout(
    columns={"pt": "p_pt", "rapidity": "p_y", "phi": "p_phi", "pdg_id": "p_id"},
    label="label",
    carry=("event",),
)


@pytest.fixture(scope="module")
def jets(root) -> tuple[np.ndarray, np.ndarray]:
    with np.load(root / "resources/sample/QG_jets_0.npz") as archive:
        return archive["X"][:300], archive["y"][:300]


def write_own(path, constituents, labels) -> None:
    columns = zip(("pt", "y", "phi", "id"), np.moveaxis(constituents, -1, 0), strict=True)
    padded = {f"p_{name}": one for name, one in columns}
    events = np.arange(len(labels))
    if path.suffix == ".root":
        branches = {name: lists(one, constituents) for name, one in padded.items()}
        write_tree(path, branches | {"label": labels.astype(np.int32), "event": events})
        return
    with h5py.File(path, "w") as file:
        file.update(padded | {"label": labels, "event": events})


def shard_of(path, folder):
    make_shard(read_inputs("particles"), path, folder)
    return open_shard(folder)


def test_weights_are_imported_with_a_layout_that_does_not_carry_them(tmp_path, jets):
    with h5py.File(tmp_path / "jets.h5", "w") as file:
        file.update({"X": jets[0], "y": jets[1], "event/w": np.arange(len(jets[1])) / 7})
    record = import_jets(tmp_path / "jets.h5", tmp_path / "imported.npz", weights="event/w")
    assert record.carried == ("event_w",)
    found = index_jets(tmp_path / "imported.npz", "imported", weights="event/w").weights
    np.testing.assert_array_equal(found, (np.arange(len(jets[1])) / 7).astype(np.float32))
    with pytest.raises(JetlineError) as caught:
        import_jets(tmp_path / "jets.h5", tmp_path / "other.npz", weights="event/weight")
    assert "no column event/weight" in caught.value.found
    assert not (tmp_path / "other.npz").exists()
    with pytest.raises(JetlineError) as caught:
        index_jets(tmp_path / "jets.h5", "jets", weights="event/w")
    assert "jetline import-jets --weights event/w" in caught.value.remedy


@pytest.mark.parametrize("ending", ["root", "h5"])
def test_shards_of_imported_jets_are_those_of_the_benchmarks_form(tmp_path, jets, ending):
    write_jets(tmp_path / "plain.npz", *jets)
    write_own(tmp_path / f"jets.{ending}", *jets)
    record = import_jets(tmp_path / f"jets.{ending}", tmp_path / "imported.npz", OWN)
    plain = shard_of(tmp_path / "plain.npz", tmp_path / "plain").manifest
    imported = shard_of(tmp_path / "imported.npz", tmp_path / "imported").manifest
    assert imported.arrays == plain.arrays
    assert record.identity == "full"
    assert record.carried == ("event",)
    with np.load(tmp_path / "imported.npz") as archive:
        np.testing.assert_array_equal(archive["event"], np.arange(300))


def test_the_same_file_gives_the_same_bytes(tmp_path, jets):
    write_own(tmp_path / "jets.h5", *jets)
    for name in ("a.npz", "b.npz"):
        import_jets(tmp_path / "jets.h5", tmp_path / name, OWN)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_imported_jets_are_packed_by_zlib_ng(tmp_path, jets):
    write_own(tmp_path / "jets.h5", *jets)
    import_jets(tmp_path / "jets.h5", tmp_path / "imported.npz", OWN)
    with zipfile.ZipFile(tmp_path / "imported.npz") as archive:
        member, content = archive.getinfo("X.npy"), archive.read("X.npy")
        assert archive.testzip() is None
    fastest = zlib_ng.compress(content, 1, -zlib_ng.MAX_WBITS)
    # Zlib's own is a tenth away; blocks make a difference of some bytes.
    assert abs(member.compress_size - len(fastest)) < 0.01 * len(fastest)
    assert abs(member.compress_size - len(zlib.compress(content))) > 0.03 * len(fastest)


def test_other_hadrons_lower_the_identity_that_taggers_may_be_told(tmp_path, jets):
    constituents = jets[0].copy()
    constituents[250, 0, 3] = 310
    write_own(tmp_path / "jets.h5", constituents, jets[1])
    record = import_jets(tmp_path / "jets.h5", tmp_path / "out.npz", OWN)
    assert record.identity == "experimental"
    assert read_jets(tmp_path / "out.npz").constituents[250, 0, 3] == 130
    with pytest.raises(JetlineError, match="`identity: experimental`"):
        import_jets(tmp_path / "jets.h5", tmp_path / "full.npz", OWN, identity="full")
    assert not (tmp_path / "full.npz").exists()


@pytest.mark.parametrize("jet", [0, 299])
def test_a_bad_jet_leaves_nothing_behind(tmp_path, jets, jet):
    constituents = jets[0].copy()
    constituents[jet, 0, 1] = np.nan
    write_own(tmp_path / "jets.h5", constituents, jets[1])
    with pytest.raises(JetlineError, match=f"jet {jet}, constituent 0"):
        import_jets(tmp_path / "jets.h5", tmp_path / "out/imported.npz", OWN)
    assert not list(tmp_path.glob("out/*"))


def test_labels_that_are_no_classes_are_refused(tmp_path, jets):
    write_own(tmp_path / "jets.h5", jets[0], jets[1] + 1)
    with pytest.raises(JetlineError, match="label 2"):
        import_jets(tmp_path / "jets.h5", tmp_path / "imported.npz", OWN)


@pytest.mark.parametrize("ending", ["root", "h5"])
def test_labels_beyond_the_classes_of_a_tagger_come_with_the_layout_without_labels(
    tmp_path, jets, ending
):
    write_own(tmp_path / f"jets.{ending}", jets[0], np.arange(300) % 5)
    with pytest.raises(JetlineError) as caught:
        open_jets(tmp_path / f"jets.{ending}", ("gluon", "quark"), OWN)
    assert "labels label, jet 2 " in caught.value.where
    assert caught.value.found == "label 2 (180 of 300 jets have such)"
    pasted = caught.value.remedy.partition("--layout '")[2].removesuffix("'")
    layout = Layout.model_validate_json(pasted)
    assert layout == OWN.model_copy(update={"label": None})
    opened = open_jets(tmp_path / f"jets.{ending}", ("gluon", "quark"), layout)
    assert (opened.labels == 255).all()
    assert len(opened) == 300


def test_jets_without_labels_are_refused_with_what_to_write(tmp_path, jets):
    FILES["energyflow"][0](tmp_path / "jets.h5", *jets)
    with pytest.raises(JetlineError, match="by `label` in the layout"):
        import_jets(tmp_path / "jets.h5", tmp_path / "imported.npz")


def test_the_command_tells_what_was_understood(tmp_path, jets, capsys):
    FILES["jetclass"][0](tmp_path / "jets.root", *jets)
    told = ["import-jets", tmp_path / "jets.root", "--output", tmp_path / "imported.npz"]
    assert main(list(map(str, told))) == 0
    text = capsys.readouterr().out
    assert "layout jetclass, chosen by its columns: px = part_px" in text
    assert "experimental identity at most" in text
    record = json.loads((tmp_path / "imported.import.json").read_text())
    assert record["jets"] == {"quark": int(jets[1].sum()), "gluon": int((jets[1] == 0).sum())}
    assert record["ranges"]["multiplicity"][1] == int((jets[0][..., 0] > 0).sum(axis=1).max())


def test_check_reads_a_foreign_file_and_needs_no_output(tmp_path, jets, capsys):
    FILES["weaver"][0](tmp_path / "jets.parquet", *jets)
    write_own(tmp_path / "own.h5", *jets)
    assert main(["check", str(tmp_path / "jets.parquet")]) == 0
    assert "layout weaver, chosen by its columns" in capsys.readouterr().out
    layout = OWN.model_dump_json(exclude_defaults=True)
    assert main(["check", str(tmp_path / "own.h5"), "--layout", layout]) == 0
    assert "layout of your own: pt = p_pt" in capsys.readouterr().out


def test_the_command_takes_a_named_layout_with_a_key_changed(tmp_path, jets, capsys):
    constituents = jets[0].copy()
    constituents[..., 0] *= 1000
    FILES["weaver"][0](tmp_path / "jets.parquet", constituents, jets[1])
    layout = '{"base": "weaver", "units": "MeV", "columns": {"pdg_id": null}}'
    told = ["check", str(tmp_path / "jets.parquet"), "--layout"]
    assert main([*told, layout]) == 0
    text = capsys.readouterr().out
    assert "layout weaver with units, columns of your own: px = part_px" in text
    assert "jets of pT 5" in text
    assert "MeV; rapidity from momenta and energy; no species" in text
    wrong = '{"base": "weaver", "label": "flavour"}'
    assert main([*told, wrong]) == 1
    text = capsys.readouterr().err
    assert "layout weaver with label of your own" in text
    assert "no column flavour" in text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jetclas", "layout jetclas"),
        ("{", "{"),
        ('{"columns": {"pt": "a"}}', "columns of `pt`"),
        ('{"base": "jetclas"}', "--layout, base"),
        ('{"base": "jetclass", "columns": {"pt": "a"}}', "either `px`"),
    ],
)
def test_a_layout_that_is_none_is_one_error(tmp_path, capsys, text, found):
    assert main(["check", str(tmp_path / "own.h5"), "--layout", text]) == 1
    text = capsys.readouterr().err
    assert found in text
    assert text.count("error:") == 1


MEMORY = """
import resource, sys
from pathlib import Path
from jetline.jets.importing import import_jets
import awkward, h5py, hdf5plugin, pyarrow.parquet, uproot

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
import_jets(Path(sys.argv[1]), Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_does_not_grow_with_the_file(tmp_path, jets):
    constituents, labels = (np.concatenate([one] * 50) for one in jets)
    FILES["weaver"][0](tmp_path / "jets.parquet", constituents, labels)
    # One row group of all jets.
    import pyarrow.parquet as pq

    table = pq.read_table(tmp_path / "jets.parquet")
    pq.write_table(table, tmp_path / "one.parquet", row_group_size=10**6)
    whole = len(constituents) * open_jets(tmp_path / "one.parquet").shape[1] * 4 * 8
    told = [sys.executable, "-c", MEMORY, tmp_path / "one.parquet", tmp_path / "out.npz"]
    done = subprocess.run(list(map(str, told)), capture_output=True, text=True, check=True)
    unit = 1024 if sys.platform == "linux" else 1
    assert int(done.stdout) * unit < whole
