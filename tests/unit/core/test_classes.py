"""Classes of jets are counted, named and numbered in one order."""

import numpy as np
import pytest

from jetline.core.classes import (
    QUARK_GLUON,
    count_by_class,
    in_words,
    numbered,
    share_of,
)

FIVE = ("gluon", "quark", "w", "z", "top")


def test_jets_are_counted_by_name_the_signal_first():
    labels = np.array([0, 4, 4, 2, 255], np.uint8)
    counts = count_by_class(labels, FIVE)
    assert list(counts.items()) == [("top", 2), ("z", 0), ("w", 1), ("quark", 0), ("gluon", 1)]


def test_jets_without_any_label_of_a_class_are_no_jets_of_it():
    assert count_by_class(np.array([], np.uint8), QUARK_GLUON) == {"quark": 0, "gluon": 0}


def test_words_name_every_class():
    assert in_words({"quark": 3, "gluon": 2}) == "3 quark and 2 gluon"
    assert in_words({"top": 3, "w": 0, "gluon": 2}) == "3 top, 0 w and 2 gluon"
    assert numbered(FIVE[:3]) == "0 (gluon), 1 (quark), 2 (w)"


def test_the_share_of_two_classes_is_a_probability_and_a_half_where_there_is_none():
    scores = np.array([[0.1, 0.3, 0.6], [0.0, 0.0, 1.0], [0.5, 0.0, 0.5]], np.float32)
    share = share_of(scores, signal=1, background=0)
    assert share == pytest.approx([0.75, 0.5, 0.0])
    assert share + share_of(scores, signal=0, background=1) == pytest.approx(1)
