"""Further columns of constituents are read through every container, beside their constituents."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from further_files import LAYOUT, WRITTEN, impact_parameters, layout, padded_hdf5
from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.inputs.further import names_in
from jetline.inputs.making import make_shard, read_inputs
from jetline.inputs.shards import open_shard
from jetline.jets.formats.npz import write_jets
from jetline.jets.importing import import_jets
from jetline.jets.index import index_jets
from jetline.jets.layouts.own import OwnLayout
from jetline.jets.reading import open_jets
from jetline.jets.told_features import features_in


@pytest.fixture(scope="module")
def jets(root) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with np.load(root / "resources/sample/QG_jets_0.npz") as archive:
        constituents, labels = archive["X"][:300], archive["y"][:300]
    return constituents, impact_parameters(constituents), labels


def own(path, constituents, features, labels, names=("d0", "dz")):
    np.savez(path, X=constituents, y=labels, features=features, feature_names=np.array(names))
    return path


def shard_of(path, folder, told=None):
    make_shard(read_inputs("particles"), path, folder, layout=told)
    return open_shard(folder)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_same_jets_give_the_same_shards_whatever_they_came_in(tmp_path, jets, name):
    expected = shard_of(own(tmp_path / "own.npz", *jets), tmp_path / "own").manifest.arrays
    assert expected["features"].names == ["d0", "dz"]
    told = OwnLayout.model_validate(WRITTEN[name](tmp_path / name, *jets))
    record = import_jets(tmp_path / name, tmp_path / "imported.npz", told)
    assert any(line.startswith("further features: d0 = ") for line in record.layout)
    assert shard_of(tmp_path / "imported.npz", tmp_path / "of").manifest.arrays == expected
    # As `jetline score` reads them, without an import.
    assert shard_of(tmp_path / name, tmp_path / "direct", told).manifest.arrays == expected


def test_features_stay_with_their_constituents(tmp_path, jets):
    constituents, _, labels = jets
    # What a constituent is tells the feature.
    features = np.stack([constituents[..., 0], constituents[..., 1] * 10], axis=-1)
    shard = shard_of(own(tmp_path / "own.npz", constituents, features, labels), tmp_path / "of")
    particles = shard.arrays["particles"]
    assert (np.diff(constituents[0, :10, 0]) > 0).any()  # in no order
    np.testing.assert_array_equal(shard.arrays["features"][:, 0], particles[:, 0])
    np.testing.assert_allclose(shard.arrays["features"][:, 1], 10 * particles[:, 1], rtol=1e-6)


def test_what_stands_for_padding_is_not_looked_at(tmp_path, jets):
    constituents, features, labels = jets
    broken = np.where(constituents[..., :1] > 0, features, np.nan)
    shards = [
        shard_of(own(tmp_path / f"{name}.npz", constituents, one, labels), tmp_path / name)
        for name, one in (("whole", features), ("broken", broken))
    ]
    assert shards[0].manifest.arrays == shards[1].manifest.arrays


def test_shards_of_files_without_features_stay_as_they_were(tmp_path, jets):
    write_jets(tmp_path / "plain.npz", jets[0], jets[2])
    own(tmp_path / "own.npz", *jets)
    plain = shard_of(tmp_path / "plain.npz", tmp_path / "plain")
    with_features = shard_of(tmp_path / "own.npz", tmp_path / "own")
    assert set(plain.arrays) == {"particles", "offsets"}
    assert "names" not in (tmp_path / "plain/manifest.json").read_text()
    assert names_in(plain) == []
    for name in ("particles", "offsets", "labels"):
        assert plain.manifest.arrays[name] == with_features.manifest.arrays[name]
    # A shard that had features once has none left.
    make_shard(read_inputs("particles"), tmp_path / "plain.npz", tmp_path / "own")
    assert set(open_shard(tmp_path / "own").arrays) == {"particles", "offsets"}


def test_other_inputs_do_not_look_at_features(tmp_path, jets):
    own(tmp_path / "own.npz", *jets)
    make_shard(read_inputs("images/pt"), tmp_path / "own.npz", tmp_path / "images")
    assert set(open_shard(tmp_path / "images").arrays) == {"images"}


def test_an_import_without_features_is_what_it_was(tmp_path, jets):
    padded_hdf5(tmp_path / "jets.h5", *jets)
    import_jets(tmp_path / "jets.h5", tmp_path / "a.npz", OwnLayout.model_validate(LAYOUT))
    told = layout(features={})
    import_jets(tmp_path / "jets.h5", tmp_path / "b.npz", OwnLayout.model_validate(told))
    with np.load(tmp_path / "a.npz") as one, np.load(tmp_path / "b.npz") as other:
        assert set(other.files) == {"X", "y"}
        assert set(one.files) == {"X", "y", "features", "feature_names"}
        assert one["features"].dtype == np.float32
        assert list(one["feature_names"]) == ["d0", "dz"]
        np.testing.assert_array_equal(one["X"], other["X"])
    assert features_in(tmp_path / "a.npz") == ("d0", "dz")
    assert features_in(tmp_path / "b.npz") == ()


@pytest.mark.parametrize("name", ["padded.h5", "lists.root", "lists.parquet"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_constituent_without_a_finite_number_is_told(tmp_path, jets, name, value):
    constituents, features, labels = jets
    features = features.copy()
    features[207, 3, 1] = value
    told = WRITTEN[name](tmp_path / name, constituents, features, labels)
    with pytest.raises(JetlineError) as caught:
        import_jets(tmp_path / name, tmp_path / "out/i.npz", OwnLayout.model_validate(told))
    assert caught.value.where.startswith(f"{tmp_path / name}, column dzval (dz), jet 207, ")
    assert "constituent 3 " in caught.value.where
    assert caught.value.found.startswith(f"{value:g} (1 of ")
    assert not list(tmp_path.glob("out/*"))


def test_a_number_beyond_single_precision_is_no_finite_one(tmp_path, jets):
    constituents, features, labels = jets
    features = features.astype(np.float64)
    features[7, 0, 0] = 1e39
    own(tmp_path / "own.npz", constituents, features, labels)
    with pytest.raises(JetlineError, match="jet 7, constituent 0") as caught:
        index_jets(tmp_path / "own.npz", "own")
    assert caught.value.where.startswith(f"{tmp_path / 'own.npz'}, array features (d0), ")
    with pytest.raises(JetlineError, match="jet 7, constituent 0"):
        shard_of(tmp_path / "own.npz", tmp_path / "of")


def test_jets_that_are_left_out_take_their_features_with_them(tmp_path, jets):
    constituents, features, labels = (one.copy() for one in jets)
    labels[::3] = 7
    constituents[1::50] = 0
    features[::3] = np.nan  # of jets that nobody asks for
    told = layout(label_values={"0": "gluon", "1": "quark"}, other_labels="drop", empty_jets="drop")
    padded_hdf5(tmp_path / "jets.h5", constituents, features, labels)
    import_jets(tmp_path / "jets.h5", tmp_path / "i.npz", OwnLayout.model_validate(told))
    kept = (labels < 2) & (constituents[..., 0] > 0).any(axis=1)
    assert 0 < kept.sum() < 200
    found = shard_of(tmp_path / "i.npz", tmp_path / "found").manifest.arrays
    chosen = own(tmp_path / "own.npz", constituents[kept], features[kept], labels[kept])
    assert shard_of(chosen, tmp_path / "expected").manifest.arrays == found


def test_a_named_layout_takes_features_in_addition(tmp_path, jets):
    constituents, features, labels = jets
    with h5py.File(tmp_path / "jets.h5", "w") as file:
        file.update({"X": constituents, "y": labels, "ip": features})
    told = OwnLayout.model_validate(
        {"base": "benchmark", "features": {"d0": "ip[0]", "dz": "ip[1]", "more": "sip?"}}
    )
    assert told.written() == {
        "base": "benchmark",
        "features": {"d0": "ip[0]", "dz": "ip[1]", "more": "sip?"},
    }
    assert features_in(tmp_path / "jets.h5", told) == ("d0", "dz")
    opened = open_jets(tmp_path / "jets.h5", layout=told)
    flat = np.concatenate(list(opened.features(64, (constituents[..., 0] > 0).sum(axis=1))))
    np.testing.assert_array_equal(flat, features[constituents[..., 0] > 0])


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"d0": "d0vall"}, "no column d0vall"),
        ({"d0": "label"}, "label, which is"),
    ],
)
def test_columns_that_are_no_features_are_told(tmp_path, jets, changed, found):
    told = OwnLayout.model_validate(
        padded_hdf5(tmp_path / "jets.h5", *jets) | {"features": changed}
    )
    with pytest.raises(JetlineError) as caught:
        import_jets(tmp_path / "jets.h5", tmp_path / "i.npz", told)
    assert found in caught.value.found
    assert not (tmp_path / "i.npz").exists()


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"features": np.zeros((300, 5, 2), np.float32)}, "shape (300, 5, 2)"),
        ({"feature_names": np.array(["d0"])}, ", 2) of float32"),
        ({"feature_names": np.array(["d0", "d0"])}, "d0 more than once"),
        ({"feature_names": np.array(["d0", "d z"])}, "the name 'd z'"),
        ({"feature_names": np.array([1, 2])}, "shape (2,) of int64"),
        ({"feature_names": np.array([], "U1")}, "0 names"),
    ],
)
def test_an_archive_with_other_features_than_it_says_is_one_error(tmp_path, jets, changed, found):
    arrays = {"X": jets[0], "y": jets[2], "features": jets[1]}
    np.savez(tmp_path / "o.npz", **arrays | {"feature_names": np.array(["d0", "dz"])} | changed)
    with pytest.raises(JetlineError) as caught:
        open_jets(tmp_path / "o.npz")
    assert found in caught.value.found


def test_an_array_of_features_without_names_is_not_read(tmp_path, jets, capsys):
    np.savez(tmp_path / "o.npz", X=jets[0], y=jets[2], features=np.zeros(3))
    assert open_jets(tmp_path / "o.npz").feature_names == ()
    assert main(["check", str(tmp_path / "o.npz")]) == 0
    assert "nothing reads features (3,)" in capsys.readouterr().out


def test_check_tells_the_features_of_an_archive(tmp_path, jets, capsys):
    own(tmp_path / "own.npz", *jets)
    assert main(["check", str(tmp_path / "own.npz")]) == 0
    text = capsys.readouterr().out
    assert f"{tmp_path / 'own.npz'}: further features d0, dz" in text
    assert "nothing reads" not in text


def test_a_column_is_not_carried_under_the_name_of_the_features(tmp_path, jets):
    padded_hdf5(tmp_path / "jets.h5", *jets)
    with h5py.File(tmp_path / "jets.h5", "a") as file:
        file["features"] = np.arange(300)
    told = OwnLayout.model_validate(layout(carry=["features"]))
    with pytest.raises(JetlineError, match="take it out of `carry`"):
        import_jets(tmp_path / "jets.h5", tmp_path / "i.npz", told)
