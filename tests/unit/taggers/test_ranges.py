"""Where the jets of a tagger lie, and a warning about jets that lie elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.core.files import write_arrays
from jetline.taggers.ranges import outside, ranges_of


@pytest.fixture(scope="module")
def known(jets, tmp_path_factory):
    """A file of 300 jets, of which the first 200 count, and their ranges."""
    path = tmp_path_factory.mktemp("jets") / "jets.npz"
    write_arrays(path, X=jets[0][:300], y=jets[1][:300])
    return path, ranges_of([path], [np.arange(300) < 200])


def test_ranges_are_of_the_chosen_jets(known, jets):
    ranges = known[1]
    pt = jets[0][:200, :, 0]
    counts = (pt > 0).sum(axis=1)
    assert (ranges["multiplicity"].low, ranges["multiplicity"].high) == (counts.min(), counts.max())
    # The window of the bundled jets [GeV], and their radius, 0.4.
    assert 499.9 < ranges["pt"].low < 502
    assert 548 < ranges["pt"].high < 550.1
    assert 0 <= ranges["absolute_rapidity"].low < ranges["absolute_rapidity"].high < 1.71
    assert 0.35 < ranges["reach"].high < 0.6
    assert ranges_of([known[0]], [np.zeros(300, bool)]) == {}


def test_other_jets_of_the_same_kind_are_not_told_of(known):
    path, ranges = known
    # The last 100 jets did not count; few of them are outside, but more than one in a hundred.
    wide = {
        name: span.model_copy(update={"low": span.low - 1, "high": 1.2 * span.high})
        for name, span in ranges.items()
    }
    assert outside(path, wide) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda jets: jets * np.float32([0.4, 1, 1, 1]), "100 % in transverse momentum"),
        (lambda jets: jets + np.float32([0, 5, 0, 0]) * (jets[..., :1] > 0), "absolute rapidity"),
        (lambda jets: jets[:, :1], "number of constituents"),
    ],
)
def test_jets_outside_are_told_with_both_ranges(change, told, known, jets, tmp_path):
    write_arrays(tmp_path / "other.npz", X=change(jets[0][:200]))
    (text, *_) = [one for one in outside(tmp_path / "other.npz", known[1]) if told in one]
    assert "trained on " in text


def test_the_first_jets_of_a_file_are_enough(known, jets, tmp_path, monkeypatch):
    few = jets[0][:300].copy()
    few[200:, :, 0] *= 0.4
    write_arrays(tmp_path / "mixed.npz", X=few)
    assert any("33 %" in one for one in outside(tmp_path / "mixed.npz", known[1]))
    monkeypatch.setattr("jetline.taggers.ranges._FIRST_JETS", 100)
    monkeypatch.setattr("jetline.taggers.ranges._JETS_AT_ONCE", 100)
    assert outside(tmp_path / "mixed.npz", known[1]) == []
