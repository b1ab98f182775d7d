"""The same jets through every layout: as the named tools write them, and as users may."""

import contextlib

import awkward as ak
import h5py
import numpy as np
import pytest
import uproot
import yaml

from foreign_files import FILES, cartesian, energyflow_hdf5, lists, top_tagging_hdf5, write_tree
from jetline.core.classes import UNLABELLED
from jetline.core.errors import JetlineError
from jetline.jets.layouts.layout import Layout
from jetline.jets.layouts.named import NAMED
from jetline.jets.reading import open_jets, read_jets

CLASSES = ("gluon", "quark")


@pytest.fixture(scope="module")
def jets(root) -> tuple[np.ndarray, np.ndarray]:
    with np.load(root / "resources/sample/QG_jets_0.npz") as archive:
        constituents, labels = archive["X"][:300], archive["y"][:300]
    order = np.argsort(-constituents[..., 0], axis=1, kind="stable")
    return np.take_along_axis(constituents, order[..., None], axis=1), labels


def differences(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Largest difference of pT (relative), rapidity and azimuth."""
    width = min(found.shape[1], expected.shape[1])
    assert not found[:, width:].any()
    found, expected = found[:, :width].astype(float), expected[:, :width].astype(float)
    assert ((found[..., 0] > 0) == (expected[..., 0] > 0)).all()
    d = np.abs(found - expected)
    d[..., 0] /= np.maximum(expected[..., 0], 1e-9)
    d[..., 2] = np.abs(np.angle(np.exp(1j * (found[..., 2] - expected[..., 2]))))
    return d[..., :3].max(axis=(0, 1))


@pytest.mark.parametrize("name", FILES)
def test_the_same_jets_come_of_every_layout(tmp_path, jets, name):
    constituents, labels = jets
    write, ending, layout = FILES[name]
    # JetNet's files have jets of one kind, which their names tell; MOD files have no labels.
    path = tmp_path / f"g{ending}"
    write(path, constituents, labels)
    opened = open_jets(path, CLASSES)
    assert opened.told[0].startswith(f"layout {layout}, chosen by its columns")
    assert len(opened) == len(labels)
    blocks = np.concatenate([block.copy() for block in opened.blocks(64)])
    expected = constituents.copy()
    if name == "jetnet":  # which does not tell azimuths of jets
        expected[..., 2] -= np.where(expected[..., 0] > 0, expected[:, :1, 2], 0)
        assert not opened.labels.any()
    elif name == "energyflow":
        assert (opened.labels == UNLABELLED).all()
    else:
        np.testing.assert_array_equal(opened.labels, labels)
    assert (differences(blocks, expected) < 3e-6).all()
    np.testing.assert_array_equal(read_jets(path).constituents, blocks)
    width = blocks.shape[1]
    if name in ("benchmark", "weaver", "rntuple", "energyflow"):
        np.testing.assert_array_equal(blocks[..., 3], expected[:, :width, 3])
    elif name != "jetclass":
        assert not blocks[..., 3].any()


def test_arrays_of_the_same_numbers_give_the_same_jets_to_the_last_bit(tmp_path, jets):
    constituents, labels = jets
    columns = dict(zip(("pt", "y", "phi", "id"), np.moveaxis(constituents, -1, 0), strict=True))
    layout = Layout(
        columns={"pt": "p_pt", "rapidity": "p_y", "phi": "p_phi", "pdg_id": "p_id"}, label="label"
    )
    branches = {f"p_{name}": lists(one, constituents) for name, one in columns.items()}
    branches["label"] = labels.astype(np.int32)
    write_tree(tmp_path / "jets.root", branches)
    ak.to_parquet(ak.Array(branches), tmp_path / "jets.parquet", row_group_size=70)
    padded = {f"p_{name}": one for name, one in columns.items()} | {"label": labels}
    np.savez_compressed(tmp_path / "jets.npz", **padded)
    with h5py.File(tmp_path / "jets.h5", "w") as file:
        file.update(padded)
    for ending in ("root", "parquet", "npz", "h5"):
        path = tmp_path / f"jets.{ending}"
        opened = open_jets(path, CLASSES, layout)
        found = np.concatenate([block.copy() for block in opened.blocks(77)])
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, constituents[:, : found.shape[1]])
        np.testing.assert_array_equal(opened.labels, labels)


def test_flags_give_what_a_detector_tells_apart(tmp_path, jets):
    constituents, labels = jets
    FILES["jetclass"][0](tmp_path / "jets.root", constituents, labels)
    found = read_jets(tmp_path / "jets.root").constituents
    ids = constituents[..., 3][:, : found.shape[1]]
    stands = {321: 211, 2212: 211, -321: -211, -2212: -211, 2112: 130, -2112: 130}
    expected = np.vectorize(lambda one: stands.get(one, one))(ids)
    np.testing.assert_array_equal(found[..., 3], expected)


# What a file may be like


def own(tmp_path, columns, arrays, labels=None, **settings):
    """Read arrays by a layout of one's own."""
    path = tmp_path / "mine.h5"
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array
        if labels is not None:
            file["label"] = labels
    label = {} if labels is None else {"label": "label"}
    layout = Layout(columns=columns, **(label | settings))
    opened = open_jets(path, CLASSES, layout)
    return opened, np.concatenate([block.copy() for block in opened.blocks(100)])


ANGLES = {"pt": "X[0]", "rapidity": "X[1]", "phi": "X[2]", "pdg_id": "X[3]"}


def test_axes_may_be_turned_and_numbers_big_endian(tmp_path, jets):
    constituents, labels = jets
    turned = np.swapaxes(constituents, 1, 2).astype(">f4")
    _, found = own(tmp_path, ANGLES, {"X": turned}, labels, axes="features-constituents")
    np.testing.assert_array_equal(found, constituents)


@pytest.mark.parametrize("padding", ["nan", -999, "-1"])
def test_padding_may_be_any_number(tmp_path, jets, padding):
    constituents, labels = jets
    marked = constituents.copy()
    marked[marked[..., 0] == 0] = float(padding)
    _, found = own(tmp_path, ANGLES, {"X": marked}, labels, padding=padding)
    np.testing.assert_array_equal(found, constituents)
    with pytest.raises(JetlineError, match="padding") as caught:
        own(tmp_path, ANGLES, {"X": marked}, labels)
    assert f"`padding: {float(padding):g}`" in caught.value.remedy


def test_padding_may_be_told_by_a_mask_or_a_count(tmp_path, jets):
    constituents, labels = jets
    present = constituents[..., 0] > 0
    marked = np.where(present[..., None], constituents, 7)
    arrays = {"X": marked, "valid": present, "n": present.sum(axis=1)}
    for told in ({"mask": "valid"}, {"count": "n"}):
        _, found = own(tmp_path, ANGLES, arrays, labels, **told)
        np.testing.assert_array_equal(found, constituents)


def test_fields_of_compound_datasets_are_columns_as_salt_writes_them(tmp_path, jets):
    constituents, labels = jets
    present = constituents[..., 0] > 0
    dtype = [("pt", "f4"), ("eta", "f2"), ("phi", "f4"), ("valid", "?")]
    tracks = np.zeros(present.shape, dtype)
    tracks["pt"], tracks["phi"] = 1000 * constituents[..., 0], constituents[..., 2]
    tracks["eta"], tracks["valid"] = constituents[..., 1], present
    tracks["pt"][~present] = np.nan
    flavours = np.zeros(len(labels), [("pt", "f4"), ("flavour", "i4")])
    flavours["flavour"] = np.where(labels, 1, 21)
    columns = {"pt": "tracks/pt", "eta": "tracks/eta", "phi": "tracks/phi"}
    settings = {
        "units": "MeV",
        "mask": "tracks/valid",
        "label": "jets/flavour",
        "label_values": {21: "gluon", 1: "quark"},
    }
    opened, found = own(tmp_path, columns, {"tracks": tracks, "jets": flavours}, **settings)
    np.testing.assert_array_equal(opened.labels, labels)
    assert (differences(found, constituents)[[0, 2]] < 1e-6).all()
    assert "massless" in opened.told[1]


LABELS = {
    "booleans": lambda y: y == 1,
    "plus and minus one": lambda y: np.where(y == 1, 1, -1),
    "a column": lambda y: y.reshape(-1, 1),
    "one column a class": lambda y: np.stack([y == 0, y == 1], axis=1),
    "names": lambda y: np.where(y == 1, b"quark", b"gluon"),
    "big-endian numbers": lambda y: y.astype(">f8"),
}


@pytest.mark.parametrize("form", LABELS)
def test_labels_may_have_any_form(tmp_path, jets, form):
    constituents, labels = jets
    opened, _ = own(tmp_path, ANGLES, {"X": constituents}, LABELS[form](labels))
    np.testing.assert_array_equal(opened.labels, labels)


def test_columns_of_labels_are_matched_with_the_classes_by_their_names(tmp_path, jets):
    constituents, labels = jets
    FILES["jetclass"][0](tmp_path / "jets.root", constituents, labels)
    opened = open_jets(tmp_path / "jets.root", ("hqql", "qcd"))
    np.testing.assert_array_equal(opened.labels, 1 - labels)


@pytest.mark.parametrize("wrong", [b"charm", 7])
def test_a_label_that_is_no_class_is_refused(tmp_path, jets, wrong):
    constituents, labels = jets
    spoilt = np.where(labels == 1, wrong, b"gluon" if isinstance(wrong, bytes) else 0)
    with pytest.raises(JetlineError) as caught:
        own(tmp_path, ANGLES, {"X": constituents}, spoilt)
    assert "label charm" in caught.value.found or "label 7" in caught.value.found


def test_a_label_that_is_no_number_is_refused_among_values_that_are_told(tmp_path, jets):
    constituents, labels = jets
    spoilt = labels.astype(float)
    spoilt[7] = np.nan
    values = {0: "gluon", 1: "quark"}
    with pytest.raises(JetlineError, match="label nan"):
        own(tmp_path, ANGLES, {"X": constituents}, spoilt, label_values=values)
    settings = {"label_values": values, "other_labels": "drop"}
    opened, found = own(tmp_path, ANGLES, {"X": constituents}, spoilt, **settings)
    assert opened.told[-1] == "1 jets of no class left out, labels nan"
    np.testing.assert_array_equal(found, np.delete(constituents, 7, axis=0))


def test_classes_may_be_some_of_the_columns_that_there_are(tmp_path, jets):
    constituents, labels = jets
    columns = np.stack([labels == 0, labels == 1], axis=1)
    columns = np.concatenate([columns, np.zeros((len(labels), 1), bool)], axis=1)
    columns[3] = [False, False, True]
    settings = {"label_values": {"0": "gluon", "1": "quark"}, "other_labels": "drop"}
    opened, found = own(tmp_path, ANGLES, {"X": constituents}, columns, **settings)
    np.testing.assert_array_equal(opened.labels, np.delete(labels, 3))
    np.testing.assert_array_equal(found, np.delete(constituents, 3, axis=0))


def test_two_columns_set_for_a_jet_are_refused(tmp_path, jets):
    constituents, labels = jets
    with pytest.raises(JetlineError, match="are set"):
        own(tmp_path, ANGLES, {"X": constituents}, np.ones((len(labels), 2)))


def test_a_mass_or_an_energy_makes_the_rapidity_true(tmp_path, jets):
    constituents, labels = jets
    pt, rapidity, phi = (constituents[..., n].astype(float) for n in range(3))
    mass = np.where(pt > 0, 0.938, 0)
    transverse = np.sqrt(pt**2 + mass**2)
    pz, energy = transverse * np.sinh(rapidity), transverse * np.cosh(rapidity)
    eta = np.arcsinh(np.divide(pz, pt, out=np.zeros_like(pt), where=pt > 0))
    arrays = {"pt": pt, "eta": eta, "phi": phi, "m": mass, "e": energy}
    columns = {"pt": "pt", "eta": "eta", "phi": "phi"}
    for massive in ({"mass": "m"}, {"energy": "e"}):
        _, found = own(tmp_path, columns | massive, arrays, labels)
        assert (differences(found, constituents) < 1e-6).all()
    opened, found = own(tmp_path, columns, arrays, labels)
    assert differences(found, constituents)[1] > 0.1
    assert "massless" in opened.told[1]


def test_wide_tables_are_read_by_the_numbers_of_their_columns(tmp_path, jets):
    constituents, labels = jets
    table = {
        f"{name}_{place}": cartesian(constituents)[quantity][:, place].copy()
        for place in reversed(range(constituents.shape[1]))
        for name, quantity in (("E", "energy"), ("PX", "px"), ("PY", "py"), ("PZ", "pz"))
    }
    ak.to_parquet(ak.Array(table | {"is_signal_new": labels}), tmp_path / "wide.parquet")
    opened = open_jets(tmp_path / "wide.parquet")
    assert "layout top-tagging-columns" in opened.told[0]
    found = np.concatenate([block.copy() for block in opened.blocks(100)])
    assert (differences(found, constituents) < 1e-6).all()


def test_columns_that_are_carried_are_kept_with_the_jets(tmp_path, jets):
    from jetline.jets.formats.laid_out import LaidOutFormat

    FILES["atlas-open"][0](tmp_path / "jets.h5", *jets)
    with LaidOutFormat.opened(tmp_path / "jets.h5") as content:
        np.testing.assert_allclose(content.carried["training_weights"], np.linspace(1, 2, 300))


def test_classes_of_a_file_are_told_by_its_name(tmp_path, jets):
    for name, label in (("g150.hdf5", 0), ("q.hdf5", 1)):
        FILES["jetnet"][0](tmp_path / name, *jets)
        assert (open_jets(tmp_path / name, CLASSES).labels == label).all()
    FILES["jetnet"][0](tmp_path / "jets.hdf5", *jets)
    with pytest.raises(JetlineError, match="tells no class"):
        open_jets(tmp_path / "jets.hdf5", CLASSES)


@pytest.mark.parametrize("name", ["weaver", "atlas-open", "energyflow"])
def test_jets_without_constituents_are_refused_or_left_out_and_counted(tmp_path, jets, name):
    constituents, labels = jets[0].copy(), jets[1]
    empty = np.zeros(300, bool)
    empty[[0, 7, 299]] = True
    constituents[empty] = 0
    write, ending, _ = FILES[name]
    path = tmp_path / f"jets{ending}"
    write(path, constituents, labels)
    assert "a jet without constituents" in refusal(path).found
    layout = NAMED[name].model_copy(update={"empty_jets": "drop"})
    opened = open_jets(path, CLASSES, layout)
    found = np.concatenate([block.copy() for block in opened.blocks(100)])
    assert (differences(found, constituents[~empty]) < 3e-6).all()
    assert opened.told[-1] == "3 jets without constituents left out"
    assert len(opened) == 297
    if name != "energyflow":
        np.testing.assert_array_equal(opened.labels, labels[~empty])


# What does not fit


def refusal(path, layout=None) -> JetlineError:
    with pytest.raises(JetlineError) as caught:
        for _ in open_jets(path, CLASSES, layout).blocks(100):
            pass
    assert str(path) in caught.value.where
    return caught.value


def test_an_unknown_file_is_told_the_layout_that_would_fit(tmp_path, jets):
    constituents, labels = jets
    columns = {"mine_pt": 0, "mine_eta": 1, "mine_phi": 2}
    branches = {k: lists(constituents[..., n], constituents) for k, n in columns.items()}
    branches["is_quark"] = labels.astype(np.int32)
    path = tmp_path / "jets.root"
    write_tree(path, branches)
    remedy = refusal(path).remedy
    pasted = yaml.safe_load(remedy[remedy.index("layout:") - 6 :])["layout"]
    assert pasted["columns"] == {"pt": "mine_pt", "eta": "mine_eta", "phi": "mine_phi"}
    opened = open_jets(path, CLASSES, Layout.model_validate(pasted))
    np.testing.assert_array_equal(opened.labels, labels)


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path, jets):
    FILES["weaver"][0](tmp_path / "jets.parquet", *jets)
    columns = {"px": "part_px", "py": "part_py", "pz": "part_z"}
    error = refusal(tmp_path / "jets.parquet", Layout(columns=columns))
    assert "no column part_z" in error.found
    assert error.remedy == "did you mean part_pz?"


def test_lists_of_unequal_length_are_refused(tmp_path, jets):
    constituents, labels = jets
    one = lists(constituents[..., 0], constituents)
    columns = {"part_px": one, "part_py": one, "part_pz": one[:, 1:], "label": labels}
    ak.to_parquet(ak.Array(columns), tmp_path / "jets.parquet")
    layout = Layout(columns={"px": "part_px", "py": "part_py", "pz": "part_pz"}, label="label")
    assert "of part_pz in jet 0" in refusal(tmp_path / "jets.parquet", layout).found


def test_datasets_of_unequal_length_are_refused(tmp_path, jets):
    constituents, labels = jets
    FILES["benchmark"][0](tmp_path / "jets.h5", constituents, labels[:-1])
    assert "299" in refusal(tmp_path / "jets.h5").found


def test_a_tree_that_is_not_there_is_told_with_those_that_are(tmp_path, jets):
    constituents, _ = jets
    branches = {"pt": lists(constituents[..., 0], constituents)}
    path = tmp_path / "jets.root"
    write_tree(path, branches, "Events")
    columns = {"pt": "pt", "eta": "pt", "phi": "pt"}
    error = refusal(path, Layout(columns=columns, tree="tree"))
    assert "the file has Events" in error.found
    assert "tree: Events" in error.remedy
    with uproot.update(path) as file:
        file.mktree("other", {"x": "float32"}).extend({"x": np.zeros(3, np.float32)})
    assert "trees: Events, other" in refusal(path).found


@pytest.mark.parametrize("kept", [0.02, 0.5, 0.95])
@pytest.mark.parametrize("name", ["weaver", "jetclass", "top-tagging", "rntuple"])
def test_a_file_cut_off_is_told_as_such(tmp_path, jets, name, kept):
    write, ending, _ = FILES[name]
    path = tmp_path / f"jets{ending}"
    write(path, *jets)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    error = refusal(path)
    assert "cut off or damaged" in error.found, error
    assert "fetch or make it again" in error.remedy


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        from pathlib import Path

        return Path.touch, (self.path,)


def test_pickles_in_attributes_are_never_loaded(tmp_path, jets):
    trap = tmp_path / "unpickled"
    top_tagging_hdf5(tmp_path / "jets.h5", *jets, trap=Bomb(trap))
    assert len(read_jets(tmp_path / "jets.h5")) == 300
    assert not trap.exists()


def test_objects_in_datasets_are_no_columns(tmp_path, jets):
    with h5py.File(tmp_path / "jets.h5", "w") as file:
        file.create_dataset("X", (300,), dtype=h5py.vlen_dtype(np.uint8))
        file["y"] = jets[1]
    assert "no known layout" in refusal(tmp_path / "jets.h5").found


def test_links_to_other_files_are_not_followed(tmp_path, jets):
    FILES["benchmark"][0](tmp_path / "secret.h5", *jets)
    with h5py.File(tmp_path / "jets.h5", "w") as file:
        file["X"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "X")
        file["y"] = jets[1]
    assert "no known layout: y" in refusal(tmp_path / "jets.h5").found


def test_chunks_too_large_to_unpack_are_refused_before_they_are(tmp_path):
    with h5py.File(tmp_path / "jets.h5", "w") as file:
        file.create_dataset("X", (2**20, 100, 4), "f4", chunks=(2**20, 100, 4), compression="gzip")
        file["y"] = np.zeros(2**20, np.uint8)
    assert "which are unpacked at once" in refusal(tmp_path / "jets.h5").found


def test_places_of_constituents_that_do_not_rise_are_refused(tmp_path, jets):
    energyflow_hdf5(tmp_path / "jets.h5", *jets)
    with h5py.File(tmp_path / "jets.h5", "a") as file:
        file["pfcs_index"][3] = 10**9
    assert "pfcs_index" in refusal(tmp_path / "jets.h5").found


MOMENTUM = {"px": "part_px", "py": "part_py", "pz": "part_pz"}
UNFIT = [
    ({"label": "part_px"}, "label"),
    ({"label": ["label", "part_px"]}, "label"),
    ({"columns": {**MOMENTUM, "pz": "label"}}, "pz"),
    ({"columns": {**MOMENTUM, "pdg_id": "label"}}, "pdg_id"),
    ({"columns": {**MOMENTUM, "pz": "part_pz[3]"}}, "part_pz"),
    ({"columns": {**MOMENTUM, "pz": "part_pz[0:3]"}}, "part_pz"),
    ({"mask": "label"}, "mask"),
    ({"count": "part_px"}, "count"),
    ({"carry": ["part_px"]}, "carry part_px"),
    ({"offsets": "label"}, "px"),
]


@pytest.mark.parametrize(("settings", "what"), UNFIT)
def test_a_column_that_cannot_be_what_it_is_taken_for_is_refused(tmp_path, jets, settings, what):
    FILES["weaver"][0](tmp_path / "jets.parquet", *jets)
    layout = Layout.model_validate({"columns": MOMENTUM, **settings})
    error = refusal(tmp_path / "jets.parquet", layout)
    assert error.where.endswith(f"{what}")
    assert "(300" in error.found


def test_a_damaged_file_is_read_or_refused_and_never_breaks_the_reader(tmp_path, jets):
    random = np.random.default_rng(1)
    for name in ("weaver", "jetclass", "atlas-open"):
        write, ending, _ = FILES[name]
        path = tmp_path / f"jets{ending}"
        write(path, jets[0][:50], jets[1][:50])
        whole = path.read_bytes()
        for _ in range(20):
            damaged = bytearray(whole)
            for place in random.integers(0, len(whole), 3):
                damaged[place] ^= 1 << int(random.integers(8))
            path.write_bytes(damaged)
            with contextlib.suppress(JetlineError):
                for _block in open_jets(path, CLASSES).blocks(100):
                    pass
