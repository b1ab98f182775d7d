"""The line of NumPy in an error message mends the very array that was refused."""

import re

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.jets.constituents import Jets
from jetline.jets.index import index_jets
from jetline.jets.reading import read_jets

#: A photon, a pion, and an electron.
ROWS = np.array([[3.0, 0.1, 1.0, 22], [200.0, -0.2, 6.4, -211], [0.5, 0.3, -0.2, 11]])


@pytest.fixture
def good() -> dict[str, np.ndarray]:
    """Five jets of up to three constituents."""
    constituents = np.zeros((5, 3, 4))
    for jet, multiplicity in enumerate((3, 1, 2, 2, 1)):
        constituents[jet, :multiplicity] = ROWS[:multiplicity]
        constituents[jet, 0, 0] += jet
    return {"X": constituents, "y": np.array([1, 0, 1, 0, 0])}


def lines(error: JetlineError) -> list[str]:
    """Find the lines of NumPy in a message."""
    return [
        line
        for line in re.findall(r"`([^`]+)`", error.remedy)
        if re.match(r"(X|y|keep|X, y)(\[.*?\])? = ", line)
    ]


def mended(path, arrays: dict[str, np.ndarray], line: int = 0) -> Jets:
    """Save arrays, have them refused, and mend them by a line of the message."""
    np.savez(path, **arrays)
    with pytest.raises(JetlineError) as caught:
        index_jets(path, "jets")
    with np.load(path, allow_pickle=True) as archive:
        names = {name: archive[name] for name in archive.files}
        names |= {"np": np, "archive": archive}
        exec(lines(caught.value)[line], names)
    np.savez(path, X=names["X"], y=names["y"])
    index_jets(path, "jets")
    return read_jets(path)


def padded_by(value: float, columns=slice(None)):
    def spoil(arrays):
        padding = arrays["X"][..., 0] == 0
        rows = arrays["X"][padding]
        rows[:, columns] = value
        arrays["X"][padding] = rows

    return spoil


def put(name: str, change):
    def spoil(arrays):
        arrays[name] = change(arrays[name])

    return spoil


def ragged(constituents: np.ndarray) -> np.ndarray:
    jets = np.empty(len(constituents), object)
    for place, jet in enumerate(constituents):
        jets[place] = jet[jet[:, 0] > 0]
    return jets


def structured(constituents: np.ndarray) -> np.ndarray:
    dtype = np.dtype([(name, "f8") for name in ("pt", "rap", "phi", "pid")])
    return np.ascontiguousarray(constituents).view(dtype)[..., 0]


def renamed(name: str, other: str):
    def spoil(arrays):
        arrays[other] = arrays.pop(name)

    return spoil


#: What is wrong, and which of the lines of the message mends it: where there are two, it says
#: when each does.
SPOILT = {
    "quantities before constituents": (put("X", lambda X: np.transpose(X, (0, 2, 1))), 0),
    "quantities first": (put("X", lambda X: np.transpose(X, (2, 0, 1))), 0),
    "everything turned round": (put("X", lambda X: np.transpose(X, (2, 1, 0))), 1),
    "flat by constituent": (put("X", lambda X: X.reshape(len(X), -1)), 0),
    "flat by quantity": (put("X", lambda X: X.transpose(0, 2, 1).reshape(len(X), -1)), 1),
    "an axis too many": (put("X", lambda X: X[..., None]), 0),
    "an axis too many before": (put("X", lambda X: X[:, None]), 0),
    "further columns": (put("X", lambda X: np.concatenate([X, X[..., :2]], axis=2)), 0),
    "named columns": (put("X", structured), 0),
    "text for constituents": (put("X", lambda X: X.astype("U32")), 0),
    "foreign byte order": (put("X", lambda X: X.astype(">f8")), 0),
    "ragged": (put("X", ragged), 0),
    "numbers as objects": (put("X", lambda X: X.astype(object)), 0),
    "NaN padding": (padded_by(np.nan), 0),
    "NaN for pT alone in padding": (padded_by(np.nan, 0), 0),
    "-999 padding": (padded_by(-999), 0),
    "-0.5 padding": (padded_by(-0.5), 0),
    "-999 beside pT 0": (padded_by(-999, slice(1, None)), 0),
    "padding in front": (put("X", lambda X: np.ascontiguousarray(X[:, ::-1])), 0),
    "constituents under another name": (renamed("X", "jets"), 0),
    "one-hot, gluon and quark": (put("y", lambda y: np.eye(2)[y]), 0),
    "one-hot, quark and gluon": (put("y", lambda y: np.eye(2)[1 - y]), 1),
    "labels as a column": (put("y", lambda y: y[:, None]), 0),
    "labels as text": (put("y", lambda y: np.where(y == 1, "quark", "gluon")), 0),
    "labels as bytes": (put("y", lambda y: np.where(y == 1, b"q", b"g")), 0),
    "flavours as text": (put("y", lambda y: np.array(list("ggdgg"))[2 * y]), 0),
    "digits as text": (put("y", lambda y: y.astype("U1")), 0),
    "labels as objects": (put("y", lambda y: y.astype(object)), 0),
    "-1 and 1": (put("y", lambda y: 2 * y - 1), 0),
    "1 and 2": (put("y", lambda y: 2 - y), 1),
    "PDG ids": (put("y", lambda y: np.where(y == 1, [1, -2, 3, 4, 5], 21)), 0),
    "labels under another name": (renamed("y", "labels"), 0),
}


@pytest.mark.parametrize(("spoil", "line"), SPOILT.values(), ids=SPOILT)
def test_the_line_of_the_message_gives_back_the_jets(tmp_path, good, spoil, line):
    whole = {name: array.copy() for name, array in good.items()}
    spoil(good)
    jets = mended(tmp_path / "jets.npz", good, line)
    order = np.argsort(jets.constituents[..., 0] == 0, axis=1, kind="stable")
    np.testing.assert_array_equal(
        np.sort(np.take_along_axis(jets.constituents, order[..., None], 1), axis=1),
        np.sort(whole["X"], axis=1),
    )
    if spoil is not SPOILT["flavours as text"][0]:
        np.testing.assert_array_equal(jets.labels, whole["y"])


def spoilt_row(column: int, value: float):
    def spoil(arrays):
        arrays["X"][2, 0, column] = value

    return spoil


BROKEN = {
    "a NaN": spoilt_row(1, np.nan),
    "a NaN pT": spoilt_row(0, np.nan),
    "an infinity": spoilt_row(0, np.inf),
    "a negative pT": spoilt_row(0, -7.5),
    "a jet without constituents": put("X", lambda X: X * (np.arange(5) != 2)[:, None, None]),
    "an unknown label": put("y", lambda y: np.where(np.arange(5) == 2, -1, y)),
}


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN)
def test_the_line_of_the_message_leaves_out_the_broken_jets_alone(tmp_path, good, spoil):
    whole = {name: array.copy() for name, array in good.items()}
    spoil(good)
    jets = mended(tmp_path / "jets.npz", good)
    kept = np.arange(5) != 2
    np.testing.assert_array_equal(jets.constituents, whole["X"][kept])
    np.testing.assert_array_equal(jets.labels, whole["y"][kept])


@pytest.mark.parametrize(("line", "label"), [(0, 1), (1, 0)])
def test_a_file_without_labels_is_told_how_all_of_one_kind_are_labelled(
    tmp_path, good, line, label
):
    del good["y"]
    assert set(mended(tmp_path / "jets.npz", good, line).labels) == {label}


def test_half_precision_becomes_single(tmp_path, good):
    good["X"] = good["X"].astype(np.float16)
    jets = mended(tmp_path / "jets.npz", good)
    assert jets.constituents.dtype == np.float32


def test_an_array_that_is_taken_for_jets_by_mistake_is_not_reshaped(tmp_path, good):
    np.savez(tmp_path / "jets.npz", X=np.transpose(good["X"], (0, 2, 1)), y=good["y"])
    with pytest.raises(JetlineError) as caught:
        read_jets(tmp_path / "jets.npz")
    assert "`X = np.transpose(X, (0, 2, 1))`" in caught.value.remedy
    assert not any("reshape" in line for line in lines(caught.value))
