"""Files whose rows are events: one jet each, in the order event then jet."""

import awkward as ak
import numpy as np
import pytest
import uproot
import yaml

from foreign_files import lists
from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.jets.carried import CarriedColumns
from jetline.jets.formats.laid_out import LaidOutFormat
from jetline.jets.importing import import_jets
from jetline.jets.layouts.layout import Layout
from jetline.jets.layouts.named import NAMED
from jetline.jets.layouts.own import OwnLayout
from jetline.jets.reading import open_jets

CLASSES = ("gluon", "quark")

#: Partons of the first jets, which are quark, gluon, and of no class.
PARTONS = np.array([1, -2, 3, -3, 21, 21, 4, -5, 0])


@pytest.fixture(scope="module")
def jets(root) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Constituents, partons, and the number of jets of each event, some of which have none."""
    with np.load(root / "resources/sample/QG_jets_0.npz") as archive:
        constituents = archive["X"][:300]
    order = np.argsort(-constituents[..., 0], axis=1, kind="stable")
    constituents = np.take_along_axis(constituents, order[..., None], axis=1)
    partons = np.resize(PARTONS, len(constituents))
    counts = np.resize([2, 0, 3, 1], 200)
    return constituents, partons, counts[: np.searchsorted(np.cumsum(counts), 300) + 1]


def columns_of(constituents: np.ndarray) -> dict[str, ak.Array]:
    """Lists of the constituents of each jet, as CMS calls quantities."""
    names = ("pt", "eta", "phi", "pdgId")
    told = {name: lists(constituents[..., n], constituents) for n, name in enumerate(names)}
    return told | {"mass": ak.zeros_like(told["pt"])}


def write_pfnano(path, jets, *, spoil=None, name="PFCands", table="JetPFCands", of="Jet") -> None:
    """Write events as PFNano does: all candidates in another order, and others beside them."""
    constituents, partons, counts = jets
    random = np.random.default_rng(1)
    columns = columns_of(constituents)
    flat = {key: ak.to_numpy(ak.flatten(one)) for key, one in columns.items()}
    each_jet = np.split(ak.to_numpy(ak.num(columns["pt"])), np.cumsum(counts)[:-1])
    first = 0
    counter = "pfCandIdx" if name == "PFCand" else "pFCandsIdx"
    events: dict[str, list] = {key: [] for key in (*flat, "jet", "candidate")}
    for each in each_jet:
        n = int(each.sum()) + 5  # five candidates of no jet
        places = random.permutation(n)
        for key, one in flat.items():
            shuffled = np.ones(n, np.float32)
            shuffled[places[: n - 5]] = one[first : first + n - 5]
            events[key].append(shuffled)
        first += n - 5
        # The table's rows of the last jet first: each one's own keep their order.
        of_jet = np.repeat(np.arange(len(each)), each)
        order = np.argsort(-of_jet, kind="stable")
        events["jet"].append(of_jet[order].astype(np.int32))
        events["candidate"].append(places[: n - 5][order].astype(np.int32))
    if spoil:
        spoil(events)
    candidates = {key: ak.values_astype(ak.Array(events[key]), np.float32) for key in flat}
    candidates["pdgId"] = ak.values_astype(candidates["pdgId"], np.int32)
    of_jets = {"pt": np.arange(len(partons), dtype=np.float32), "partonFlavour": partons}
    branches = {
        name: ak.zip(candidates),
        table: ak.zip({"jetIdx": ak.Array(events["jet"]), counter: ak.Array(events["candidate"])}),
        of: ak.zip({key: ak.unflatten(one, counts) for key, one in of_jets.items()}),
        "event": np.arange(len(counts)) + 1000,
        "stamp": np.arange(len(counts)) + 10**6,
    }
    with uproot.recreate(path) as file:
        file.mktree("Runs", {"run": "int32"}).extend({"run": np.ones(1, np.int32)})
        types = {
            key: values.type.content if isinstance(values, ak.Array) else values.dtype
            for key, values in branches.items()
        }
        tree = file.mktree("Events", types)
        for start in range(0, len(counts), 37):
            tree.extend({key: values[start : start + 37] for key, values in branches.items()})


def write_nested(path, jets, *, records=False) -> None:
    constituents, partons, counts = jets
    columns = columns_of(constituents)
    of_jets = {"flavour": ak.unflatten(partons, counts)}
    event = np.arange(len(counts))
    if records:
        one = ak.unflatten(ak.zip(columns), counts)
        array = ak.Array({"jets": ak.zip(of_jets | {"cands": one}, depth_limit=2), "event": event})
    else:
        nested = {f"cand_{name}": ak.unflatten(one, counts) for name, one in columns.items()}
        array = ak.Array(nested | of_jets | {"event": event})
    ak.to_parquet(array, path, row_group_size=30)


def read(path, layout, classes=CLASSES):
    opened = open_jets(path, classes, layout)
    return opened, np.concatenate([block.copy() for block in opened.blocks(77)])


LISTS = {"pt": "cand_pt", "eta": "cand_eta", "phi": "cand_phi", "pdg_id": "cand_pdgId"}
VALUES = {21: "gluon", **{str(n): "quark" for n in (1, 2, 3, -1, -2, -3)}}
LABELLED = {"label": "flavour", "label_values": VALUES, "other_labels": "drop"}


def chosen(jets):
    """Constituents and labels of the jets that are of a class."""
    constituents, partons, _ = jets
    kept = np.isin(np.abs(partons), (1, 2, 3, 21))
    return constituents[kept], np.where(partons[kept] == 21, 0, 1)


@pytest.mark.parametrize("rows", [64, 7, 5000])
def test_tables_of_pfnano_give_one_jet_each_in_the_order_of_events(tmp_path, jets, rows):
    write_pfnano(tmp_path / "nano.root", jets)
    opened = open_jets(tmp_path / "nano.root", CLASSES, "pfnano")
    blocks = [block.copy() for block in opened.blocks(rows)]
    assert max(map(len, blocks)) <= rows
    found, (constituents, labels) = np.concatenate(blocks), chosen(jets)
    np.testing.assert_array_equal(opened.labels, labels)
    np.testing.assert_allclose(found, constituents[:, : found.shape[1]], rtol=1e-6)
    assert opened.told[-1] == "99 jets of no class left out, labels -5, 0, 4"
    assert "jets of events, whose constituents JetPFCands_pFCandsIdx tells" in opened.told[1]
    with LaidOutFormat.opened_as(tmp_path / "nano.root", "pfnano", CLASSES) as content:
        _, partons, counts = jets
        kept = np.isin(np.abs(partons), (1, 2, 3, 21))
        events = np.repeat(np.arange(len(counts)) + 1000, counts)
        np.testing.assert_array_equal(content.carried["event"], events[kept])
        np.testing.assert_array_equal(content.carried["Jet_pt"], np.arange(300)[kept])


def test_all_jets_of_nanoaod_are_read_where_none_has_a_label(tmp_path, jets):
    names = {"name": "PFCand", "table": "FatJetPFCand", "of": "FatJet"}
    write_pfnano(tmp_path / "nano.root", jets, **names)
    opened, found = read(tmp_path / "nano.root", "nanoaod")
    np.testing.assert_allclose(found, jets[0][:, : found.shape[1]], rtol=1e-6)
    assert opened.told[2] == "no labels"
    label = {"label": "FatJet_partonFlavour", "label_values": {4: "gluon", -5: "quark"}}
    layout = OwnLayout.model_validate({"base": "nanoaod", **label})
    with pytest.raises(JetlineError, match="other_labels: drop"):
        read(tmp_path / "nano.root", layout)
    layout = layout.model_copy(update={"other_labels": "drop"})
    opened, found = read(tmp_path / "nano.root", layout)
    kept = np.isin(jets[1], (4, -5))
    np.testing.assert_allclose(found, jets[0][kept][:, : found.shape[1]], rtol=1e-6)
    np.testing.assert_array_equal(opened.labels, jets[1][kept] == -5)


@pytest.mark.parametrize("records", [False, True])
def test_lists_of_lists_give_one_jet_each_in_the_order_of_events(tmp_path, jets, records):
    path = tmp_path / "jets.parquet"
    write_nested(path, jets, records=records)
    columns, label = LISTS, "flavour"
    if records:
        columns = {q: f"jets/cands/{name[5:]}" for q, name in LISTS.items()}
        label = "jets/flavour"
    layout = Layout.model_validate(
        {"columns": columns, **LABELLED, "label": label, "carry": ["event"]}
    )
    opened, found = read(path, layout)
    constituents, labels = chosen(jets)
    np.testing.assert_array_equal(found, constituents[:, : found.shape[1]])
    np.testing.assert_array_equal(opened.labels, labels)
    with LaidOutFormat.opened_as(path, layout, CLASSES) as content:
        events = np.repeat(np.arange(len(jets[2])), jets[2])
        kept = np.isin(np.abs(jets[1]), (1, 2, 3, 21))
        np.testing.assert_array_equal(content.carried["event"], events[kept])


def test_a_table_of_records_gives_a_jet_a_row(tmp_path, jets):
    records = ak.Array({"cands": ak.zip(columns_of(jets[0])), "label": jets[1]})
    ak.to_parquet(records, tmp_path / "jets.parquet")
    layout = Layout(columns={q: f"cands/{name[5:]}" for q, name in LISTS.items()})
    _, found = read(tmp_path / "jets.parquet", layout)
    np.testing.assert_array_equal(found, jets[0][:, : found.shape[1]])


def test_nested_lists_of_an_rntuple_are_read(tmp_path, jets):
    constituents, _, counts = jets
    nested = {f"cand_{n}": ak.unflatten(one, counts) for n, one in columns_of(constituents).items()}
    with uproot.recreate(tmp_path / "jets.root") as file:
        file.mkrntuple("events", nested)
    _, found = read(tmp_path / "jets.root", Layout(columns=LISTS))
    np.testing.assert_array_equal(found, constituents[:, : found.shape[1]])


def test_an_unknown_file_of_events_is_told_the_layout_that_would_fit(tmp_path, jets):
    path = tmp_path / "jets.parquet"
    write_nested(path, jets, records=True)
    with pytest.raises(JetlineError) as caught:
        open_jets(path, CLASSES)
    remedy = caught.value.remedy
    pasted = yaml.safe_load(remedy[remedy.index("layout:") - 6 :])["layout"]
    assert pasted["columns"]["pt"] == "jets/cands/pt"
    assert pasted["label"] == "jets/flavour"
    layout = {**pasted, "label_values": VALUES, "other_labels": "drop"}
    opened, _ = read(path, Layout.model_validate(layout))
    np.testing.assert_array_equal(opened.labels, chosen(jets)[1])


def test_empty_jets_of_events_are_left_out_after_those_of_no_class(tmp_path, jets):
    constituents, partons, counts = jets[0].copy(), jets[1], jets[2]
    constituents[[0, 6, 9]] = 0  # a quark, a charm and a quark jet
    path = tmp_path / "jets.parquet"
    write_nested(path, (constituents, partons, counts))
    layout = Layout.model_validate({"columns": LISTS, **LABELLED})
    with pytest.raises(JetlineError, match="a jet without constituents: jet 0"):
        read(path, layout)
    opened, found = read(path, layout.model_copy(update={"empty_jets": "drop"}))
    assert opened.told[-1] == "2 jets without constituents left out"
    kept = np.isin(np.abs(partons), (1, 2, 3, 21)) & (constituents[:, 0, 0] > 0)
    np.testing.assert_array_equal(found, constituents[kept][:, : found.shape[1]])
    assert len(opened) == kept.sum()


# What is wrong


def spoilt(key, event, value):
    def spoil(events):
        events[key][event][0] = value

    return spoil


WRONG = {
    "no such candidate": (spoilt("candidate", 120, 10**6), "JetPFCands_pFCandsIdx 1000000 in ev"),
    "a negative candidate": (spoilt("candidate", 0, -1), "JetPFCands_pFCandsIdx -1 in event 0"),
    "no such jet": (spoilt("jet", 60, 7), "JetPFCands_jetIdx 7 in event 60"),
    "a negative jet": (spoilt("jet", 198, -1), "JetPFCands_jetIdx -1 in event 198"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_number_in_the_table_is_one_error_and_leaves_nothing(tmp_path, jets, what):
    spoil, found = WRONG[what]
    write_pfnano(tmp_path / "nano.root", jets, spoil=spoil)
    with pytest.raises(JetlineError) as caught:
        import_jets(tmp_path / "nano.root", tmp_path / "out.npz", "pfnano", CLASSES)
    assert found in caught.value.found
    assert str(tmp_path / "nano.root") in caught.value.where
    assert "1 of " in caught.value.found
    assert [path.name for path in tmp_path.iterdir()] == ["nano.root"]


INDEX = NAMED["pfnano"].index.model_dump()
UNFIT = [
    ({"index": {**INDEX, "jets": "Jet_pt"}}, "Jet_pt, which is float32 (200, *)"),
    ({"index": {**INDEX, "jet": "PFCands_pt"}}, "PFCands_pt, which is float32"),
    ({"index": {**INDEX, "jet": "PFCands_pdgId"}}, "of PFCands_pdgId, "),
    ({"index": {**INDEX, "jets": "nPFCands"}}, "of nPFCands, "),
    ({"index": {**INDEX, "jets": "stamp"}}, "stamp 1000000 in event 0"),
    ({"index": {**INDEX, "jet": "JetPFCands_idx"}}, "no column JetPFCands_idx"),
    (
        {"carry": ["PFCands_mass"], "label": None, "other_labels": "refuse"},
        "PFCands_mass, which is float32",
    ),
    ({"label_values": {8: "gluon"}}, "no jet of a class, but labels -2, -3"),
]


@pytest.mark.parametrize(("settings", "found"), UNFIT)
def test_columns_that_do_not_belong_together_are_refused(tmp_path, jets, settings, found):
    write_pfnano(tmp_path / "nano.root", jets)
    layout = OwnLayout.model_validate({"base": "pfnano", **settings})
    with pytest.raises(JetlineError) as caught:
        read(tmp_path / "nano.root", layout)
    assert found in caught.value.found


def test_a_table_with_a_number_missing_or_of_padded_candidates_is_refused(tmp_path):
    columns = {q: q for q in ("pt", "eta", "phi")}
    index = {"jets": "n", "jet": "jet", "constituent": "place"}
    layout = Layout.model_validate({"columns": columns, "index": index})
    lists_of = {q: ak.Array([[1.0, 2.0], [3.0]]) for q in columns}
    table = {"jet": ak.Array([[0, 0], [0]]), "place": ak.Array([[0, None], [0]])}
    path = tmp_path / "jets.parquet"
    ak.to_parquet(ak.Array({**lists_of, **table, "n": [1, 1]}), path)
    with pytest.raises(JetlineError, match="place nan in event 0"):
        read(path, layout)
    ak.to_parquet(ak.Array({**lists_of, **table, "n": ak.Array([1, None])}), path)
    with pytest.raises(JetlineError, match="n nan in event 1"):
        read(path, layout)
    padded = {q: ak.to_regular(ak.Array([[1.0, 2.0], [3.0, 0.0]])) for q in columns}
    ak.to_parquet(ak.Array({**padded, **table, "n": [1, 1]}), path)
    with pytest.raises(JetlineError, match="a list of each event's candidates"):
        read(path, layout)


def test_lists_of_unequal_length_are_told_with_their_event(tmp_path, jets):
    constituents, partons, counts = jets
    columns = {f"cand_{n}": ak.unflatten(c, counts) for n, c in columns_of(constituents).items()}
    short = ak.concatenate([ak.unflatten(partons, counts)[:-2], ak.Array([[1], [1]])])
    ak.to_parquet(ak.Array(columns | {"flavour": short}), tmp_path / "jets.parquet")
    layout = Layout.model_validate({"columns": LISTS, **LABELLED})
    with pytest.raises(JetlineError, match="in event 198"):
        read(tmp_path / "jets.parquet", layout)


def test_several_trees_are_answered_with_that_of_events(tmp_path, jets, capsys):
    write_pfnano(tmp_path / "nano.root", jets)
    with pytest.raises(JetlineError) as caught:
        open_jets(tmp_path / "nano.root", CLASSES)
    assert caught.value.remedy.endswith("tree: Events")
    assert main(["check", str(tmp_path / "nano.root"), "--layout", "pfnano"]) == 0
    text = capsys.readouterr().out
    assert "66 gluon" in text
    assert "99 jets of no class left out" in text


@pytest.mark.parametrize("kind", ["pfnano", "nested"])
def test_what_is_carried_is_that_of_the_event_and_of_the_jet(kind, jets, tmp_path):
    """The layout leaves out jets of no class, whose places in the file count."""
    _, partons, counts = jets
    if kind == "pfnano":
        path, layout, own = tmp_path / "events.root", "pfnano", "Jet_pt"
        write_pfnano(path, jets, of="Jet")
        layout = OwnLayout(base="pfnano", label="Jet_partonFlavour", label_values=VALUES)
        layout = layout.model_copy(update={"other_labels": "drop"})
    else:
        path, own = tmp_path / "events.parquet", "flavour"
        write_nested(path, jets)
        layout = Layout(columns=LISTS, label="flavour", label_values=VALUES, other_labels="drop")
    carried = CarriedColumns.of(open_jets(path, CLASSES, layout), ["event", own], CLASSES)
    known = np.isin(partons, [int(value) for value in VALUES])
    np.testing.assert_array_equal(carried.places, np.flatnonzero(known))
    blocks = list(carried.blocks(50))
    first = 1000 if kind == "pfnano" else 0
    np.testing.assert_array_equal(
        np.concatenate([block["event"] for block in blocks]),
        (np.repeat(np.arange(len(counts)), counts) + first)[known],
    )
    of_jets = np.arange(len(partons)) if kind == "pfnano" else partons
    np.testing.assert_array_equal(np.concatenate([block[own] for block in blocks]), of_jets[known])
