"""What does not go together with `seeds_together` stops, and all else is trained as it can be."""

from __future__ import annotations

import pytest

from configurations import LEAST, mistake
from jetline.configuration.reading import read_configuration

TOGETHER = LEAST | {"seeds_together": True, "backend": "jax", "seeds": [1, 2]}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"backend": "tensorflow"}, "true, beside backend: tensorflow"),
        ({"folds": 3}, "true, beside folds: 3"),
        ({"pfn": {"scan": {"grid": {"learning_rate": [0.1, 0.2]}}}}, "a scan"),
        ({"pfn": {"training_jets": 100}}, "training_jets: 100"),
        ({"pfn": {"training": {"augmentation": [{"step": "rotate"}]}}}, "augmentation"),
        ({"pfn": {"training": {"precision": "float16"}}}, "precision: float16"),
        ({"particle-transformer": {"dropout": 0, "pair_mass": "weaver"}}, "pair_mass: weaver"),
        ({"set-transformer": {}}, "dropout: 0.1 (of attention)"),
        ({"pfn": {"gpus": 2}}, "gpus: 2, on which one seed trains at a time"),
    ],
)
def test_what_cannot_be_is_told(changed, found):
    keys = {key: value for key, value in changed.items() if key in ("backend", "folds")}
    entries = {key: value for key, value in changed.items() if key not in keys}
    error = mistake(TOGETHER | keys | {"architectures": entries or {"pfn": {}}})
    assert error.found.startswith(found)
    assert "seeds_together: false" in error.remedy
    if entries:  # alone, that mends it
        alone = {label: entry | {"seeds_together": False} for label, entry in entries.items()}
        assert read_configuration(TOGETHER | {"architectures": alone}).labels_together == []


def test_weights_to_start_from_are_of_one_seed():
    entries = {"pfn": {}, "again": {"architecture": "pfn", "start_from": "pfn"}}
    error = mistake(TOGETHER | {"architectures": entries})
    assert error.where == "configuration, architectures.again"
    assert error.found.startswith("start_from")


def test_other_seeds_and_trees_train_by_themselves():
    entries = {
        "pfn": {},
        "more": {"architecture": "pfn", "seeds": [1, 2, 3], "training_jets": 100},
        "observables": {},
        "apart": {"architecture": "set-transformer", "seeds_together": False},
        "still": {"architecture": "set-transformer", "dropout": 0},
    }
    read = read_configuration(TOGETHER | {"architectures": entries})
    assert read.labels_together == ["pfn", "still"]


@pytest.mark.parametrize("changed", [{"seeds_together": False}, {"seeds": [4]}])
def test_one_seed_or_none_together_train_as_ever(changed):
    assert read_configuration(TOGETHER | changed).labels_together == []


def test_it_decides_nothing_that_is_written_down():
    read = read_configuration(TOGETHER)
    assert "seeds_together" not in read.model_dump(mode="json")
