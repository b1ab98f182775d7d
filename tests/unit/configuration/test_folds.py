"""What folds do not go together with is told before anything runs."""

from __future__ import annotations

import pytest

from configurations import LEAST, mistakes
from jetline.configuration.reading import read_configuration

SCANNED = {"pfn": {"scan": {"grid": {"learning_rate": [0.001, 0.003]}}}}


def test_folds_are_read_and_there_are_none_by_default():
    assert read_configuration(LEAST).folds == 1
    assert read_configuration(LEAST | {"folds": 5}).folds == 5
    by_file = {"by": "file", "duplicates": "drop"}
    assert read_configuration(LEAST | {"folds": 3, "split": by_file}).split.by == "file"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"folds": 2}, ("configuration, folds", "found:    2", "3 or more", "folds: 3")),
        ({"folds": 0}, ("configuration, folds",)),
        ({"folds": 51}, ("configuration, folds",)),
        (
            {"folds": 3, "split": {"by": "file", "train": 0.8, "duplicates": "drop"}},
            (
                "configuration, split",
                "shares (train) beside folds: 3",
                "split: {by: file, duplicates: drop}",
            ),
        ),
        (
            {
                "folds": 3,
                "split": {"by": "name", "train": ["a"], "validation": ["b"], "test": ["c"]},
            },
            ("configuration, split.by", "name, beside folds: 3", "split: {by: jet}"),
        ),
        (
            {"folds": 3, "architectures": SCANNED},
            ("configuration, architectures.pfn.scan", "a scan beside folds: 3"),
        ),
    ],
)
def test_what_does_not_go_together_with_folds_is_told(changed, told):
    (error,) = mistakes(LEAST | changed)
    for words in told:
        assert words in str(error)


def test_shares_and_scans_are_right_without_folds():
    shares = {"train": 0.5, "validation": 0.2, "test": 0.3}
    read_configuration(LEAST | {"folds": 1, "split": shares, "architectures": SCANNED})
