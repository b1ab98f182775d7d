"""Labels of jet files are numbers of the classes that the configuration names."""

import re

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.jets.index import JetIndex, index_jets
from jetline.jets.reading import open_jets

FIVE = ("gluon", "quark", "w", "z", "top")


@pytest.fixture
def file(jets, tmp_path):
    def save(labels):
        path = tmp_path / "jets.npz"
        np.savez(path, X=jets[0][: len(labels)], y=np.asarray(labels))
        return path

    return save


@pytest.mark.parametrize("dtype", ["u1", "i8", "f4", ">i4"])
def test_labels_of_five_classes_are_indexed(file, tmp_path, dtype):
    labels = [0, 4, 3, 2, 1, 0]
    index = index_jets(file(np.array(labels, dtype)), "jets", classes=FIVE)
    index.write(tmp_path / "index.npz")
    assert JetIndex.read(tmp_path / "index.npz").labels.tolist() == labels


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ([0, 1, 5], "label 5 (1 of 3 jets have such)"),
        ([0, -1, 1], "label -1"),
        ([0, 1.5, 1], "label 1.5"),
        ([0, np.nan, 1], "label nan"),
    ],
)
def test_a_label_beyond_the_classes_is_refused_with_the_classes(file, labels, found):
    with pytest.raises(JetlineError, match=re.escape(found)) as caught:
        index_jets(file(labels), "jets", classes=FIVE)
    assert caught.value.expected == "0 (gluon), 1 (quark), 2 (w), 3 (z), 4 (top)"
    assert "`classes`" in caught.value.remedy
    assert "searchsorted" in caught.value.remedy


def test_names_in_place_of_numbers_are_told_how_they_become_numbers(file):
    names = ["w", "top", "w"]
    with pytest.raises(JetlineError, match="dtype") as caught:
        index_jets(file(names), "jets", classes=("top", "w", "z"))
    (code,) = re.findall(r"`y = (.*?)`", caught.value.remedy)
    assert eval(code, {"np": np, "y": np.array(names), "names": np.unique(names)}).tolist() == [
        1,
        0,
        1,
    ]


def test_without_names_of_classes_any_number_is_read_but_no_other(file):
    assert open_jets(file([0, 9, 254])).labels.tolist() == [0, 9, 254]
    with pytest.raises(JetlineError, match="whole numbers from 0 to 254"):
        open_jets(file([0, 255, 1]))
