"""Further columns are carried bit for bit, in step with the jets, or refused at once."""

from __future__ import annotations

import awkward as ak
import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foreign_files import lists, write_tree
from jetline.core.classes import QUARK_GLUON
from jetline.core.errors import JetlineError
from jetline.jets.carried import CarriedColumns, carried_as, common_dtypes, require_names
from jetline.jets.layouts.layout import Layout
from jetline.jets.reading import open_jets

OWN = Layout(columns={"pt": "p_pt", "rapidity": "p_y", "phi": "p_phi", "pdg_id": "p_id"})
FORMATS = ["npz", "h5", "parquet", "root"]
COLUMNS = {
    # One more than double precision tells from the next.
    "event_number": np.arange(300) + 2**53 + 1,
    "unsigned": np.arange(300, dtype=np.uint64) + np.uint64(2**63 + 1),
    "weight": np.linspace(-1, 2, 300, dtype=np.float32),
    "is_real": np.arange(300) % 3 == 0,
}
NAMES = tuple(COLUMNS)


def write(path, constituents, columns=COLUMNS):
    """Write jets with further columns in the format of the name."""
    features = zip(("pt", "y", "phi", "id"), np.moveaxis(constituents, -1, 0), strict=True)
    padded = {f"p_{name}": one for name, one in features}
    if path.suffix == ".npz":
        np.savez_compressed(path, X=constituents, **columns)
    elif path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            file.update(padded | columns)
    elif path.suffix == ".parquet":
        momenta = {
            name: ak.to_arrow(lists(one, constituents), extensionarray=False)
            for name, one in padded.items()
        }
        kept = {name: pa.array(one) for name, one in columns.items()}
        pq.write_table(pa.table(momenta | kept), path, row_group_size=70)
    else:
        momenta = {name: lists(one, constituents) for name, one in padded.items()}
        write_tree(path, momenta | columns)
    return path


def opened(path, layout=OWN):
    return open_jets(path, None, None if path.suffix == ".npz" else layout)


@pytest.mark.parametrize("kind", FORMATS)
def test_numbers_come_in_blocks_as_they_are_in_the_file(kind, jets, tmp_path):
    file = opened(write(tmp_path / f"jets.{kind}", jets[0][:300]))
    carried = CarriedColumns.of(file, NAMES, QUARK_GLUON)
    blocks = list(carried.blocks(64))
    assert [len(block["weight"]) for block in blocks] == [64, 64, 64, 64, 44]
    for name, values in COLUMNS.items():
        found = np.concatenate([block[name] for block in blocks])
        assert found.dtype == values.dtype == carried.dtypes[name]
        np.testing.assert_array_equal(found, values)


def test_nothing_to_carry_is_as_many_blocks(jets, tmp_path):
    file = opened(write(tmp_path / "jets.npz", jets[0][:130]))
    assert list(CarriedColumns.of(file, (), QUARK_GLUON).blocks(64)) == [{}, {}, {}]


def test_jets_that_are_left_out_take_their_numbers_along(jets, tmp_path):
    constituents = jets[0][:300].copy()
    constituents[[0, 99, 100, 299]] = 0
    layout = OWN.model_copy(update={"empty_jets": "drop"})
    file = opened(write(tmp_path / "jets.h5", constituents), layout)
    blocks = list(CarriedColumns.of(file, ["event_number"], QUARK_GLUON).blocks(100))
    assert [len(block["event_number"]) for block in blocks] == [100, 100, 96]
    found = np.concatenate([block["event_number"] for block in blocks])
    expected = np.delete(COLUMNS["event_number"], [0, 99, 100, 299])
    np.testing.assert_array_equal(found, expected)


def test_one_of_several_numbers_and_a_dataset_in_a_group(jets, tmp_path):
    weights = np.arange(600.0).reshape(300, 2)
    columns = {"event/number": COLUMNS["event_number"].astype(">i8"), "w": weights}
    file = opened(write(tmp_path / "jets.h5", jets[0][:300], columns))
    (block,) = CarriedColumns.of(file, ["event/number", "w[1]"], QUARK_GLUON).blocks(1000)
    np.testing.assert_array_equal(block["event_number"], COLUMNS["event_number"])
    assert block["event_number"].dtype == np.int64
    np.testing.assert_array_equal(block["w_1"], weights[:, 1])


@pytest.mark.parametrize("kind", FORMATS)
def test_a_name_that_is_not_there_is_told_with_those_that_are(kind, jets, tmp_path):
    file = opened(write(tmp_path / f"jets.{kind}", jets[0][:300]))
    with pytest.raises(JetlineError) as caught:
        CarriedColumns.of(file, ["weight", "event_nummer"], QUARK_GLUON)
    assert caught.value.found == "no column 'event_nummer'"
    told = set(caught.value.expected.partition(": ")[2].split(", "))
    # A tree has the lengths of its lists, too.
    assert set(NAMES) <= told <= {*NAMES, "np_pt", "np_y", "np_phi", "np_id"}
    assert caught.value.remedy == "did you mean event_number?"


@pytest.mark.parametrize(
    ("kind", "column", "told"),
    [
        ("npz", np.arange(299), "299 rows, for 300 jets"),
        ("h5", np.arange(301), "301 rows, for 300 jets"),
        ("npz", np.full(300, "a"), "text"),
        ("parquet", np.full(300, "a"), "text"),
        ("npz", np.ones(300, complex), "complex128"),
        ("npz", np.ones(300, np.longdouble), "at most 8 bytes"),
        ("h5", np.ones((300, 2)), "several numbers"),
        ("root", "lists", "a list for each jet"),
        ("parquet", "lists", "a list for each jet"),
    ],
)
def test_what_is_no_number_for_each_jet_is_refused(kind, column, told, jets, tmp_path):
    path = tmp_path / f"jets.{kind}"
    if isinstance(column, str):
        file, name = opened(write(path, jets[0][:300])), "p_pt"
    else:
        file, name = opened(write(path, jets[0][:300], {"kept": column, "w": np.ones(300)})), "kept"
    with pytest.raises(JetlineError) as caught:
        CarriedColumns.of(file, [name], QUARK_GLUON)
    assert told in caught.value.found
    assert str(path) in caught.value.where
    assert "w" in caught.value.expected
    if told == "several numbers":
        assert "kept[0]" in caught.value.remedy


@pytest.mark.parametrize("numbers", [[1, None, 3], [True, None, False]])
def test_whole_numbers_that_are_missing_are_refused_by_the_jet(numbers, jets, tmp_path):
    column = pa.array(numbers * 100)
    file = opened(write(tmp_path / "jets.parquet", jets[0][:300], {"kept": column}))
    with pytest.raises(JetlineError, match=r"no number for jet 1 "):
        CarriedColumns.of(file, ["kept"], QUARK_GLUON)


def of_dtypes(*kinds):
    return [CarriedColumns(f"{kind}", None, 1, None, {}, {"w": np.dtype(kind)}) for kind in kinds]


@pytest.mark.parametrize(
    ("kinds", "common"), [(("i4", "i8"), "i8"), (("f4", "f8"), "f8"), (("u4", "i4"), "i8")]
)
def test_files_share_a_type_that_holds_the_numbers_of_all(kinds, common):
    assert common_dtypes(of_dtypes(*kinds)) == {"w": np.dtype(common)}


@pytest.mark.parametrize("kinds", [("i8", "f8"), ("i8", "u8"), ("?", "f4")])
def test_types_that_share_none_are_refused(kinds):
    with pytest.raises(JetlineError) as caught:
        common_dtypes(of_dtypes(*kinds))
    assert all(str(np.dtype(kind)) in caught.value.found for kind in kinds)


def test_names_are_those_of_a_table():
    assert [carried_as(name) for name in ("w", "jets/pt", "w[12]")] == ["w", "jets_pt", "w_12"]
    require_names(["a/b", "a"], {"file"})
    for names in (["file"], ["a", "a"], ["a/b", "a_b"]):
        with pytest.raises(JetlineError, match=f"--carry {names[-1]}"):
            require_names(names, {"file"})
