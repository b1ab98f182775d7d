"""Each file of a sample that is split already has exactly one part, or it is told why not."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from configurations import LEAST
from jetline.configuration.named_parts import named_parts
from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError

ONE = {"jets": ["data/train.npz", "data/val.npz", "data/test.npz"]}
THREE = {
    "training": ["a/jets_0.npz", "a/jets_1.npz"],
    "validation": ["b/jets_0.npz"],
    "testing": ["c/jets_0.npz"],
}
BY_FILE = {"train": ["train.npz"], "validation": ["val.npz"], "test": ["test.npz"]}
BY_DATASET = {"train": ["training"], "validation": ["validation"], "test": ["testing"]}


def parts(
    datasets: dict[str, list[str]], split: dict[str, list[str]], **changed: Any
) -> dict[str, str]:
    """Part of each file by its path."""
    names = list(datasets)
    values = LEAST | {
        "datasets": {name: {"source": "files", "paths": files} for name, files in datasets.items()},
        "train_on": names[0],
        "test_on": [names[-1]],
        "split": {"by": "name"} | split,
        **changed,
    }
    files = {name: {path: path for path in files} for name, files in datasets.items()}
    found = named_parts(read_configuration(values), files)
    assert {key for key, _ in found} <= {"files"}
    return {path: part for (_, path), part in found.items()}


def refusals(*arguments: Any, **changed: Any) -> list[JetlineError]:
    with pytest.raises(JetlineError) as caught:
        parts(*arguments, **changed)
    errors = [caught.value, *caught.value.others]
    assert all(error.where.startswith("configuration, ") for error in errors)
    return errors


def refusal(*arguments: Any, **changed: Any) -> JetlineError:
    (error,) = refusals(*arguments, **changed)
    return error


def test_one_dataset_of_three_files_and_three_datasets_are_split_in_the_same_form():
    assert list(parts(ONE, BY_FILE).values()) == ["train", "validation", "test"]
    assert list(parts(THREE, BY_DATASET).values()) == ["train", "train", "validation", "test"]


def test_shares_name_nothing():
    assert named_parts(read_configuration(LEAST), {"jets": {"jets": "jets.npz"}}) == {}


@pytest.mark.parametrize(
    "name", ["train.npz", "tr*.npz", "data/train.npz", "./data/train.npz", "data/tr*"]
)
def test_a_file_is_named_by_the_end_of_its_path_or_a_pattern(name):
    assert parts(ONE, BY_FILE | {"train": [name]})["data/train.npz"] == "train"


def test_files_of_one_name_in_two_datasets_are_told_apart_by_the_datasets():
    datasets = {
        "ours": ["x/jets_0.npz", "x/jets_1.npz", "x/jets_2.npz"],
        "theirs": ["y/jets_0.npz"],
    }
    named = {"train": ["ours/jets_0.npz"], "validation": ["ours/jets_[1]*"]}
    tests = ["ours/jets_2.npz", "theirs/jets_0.npz"]
    found = parts(datasets, named | {"test": tests}, test_on=["ours", "theirs"])
    assert list(found.values()) == ["train", "validation", "test", "test"]
    # A folder of that name counts before a dataset.
    datasets["theirs"] = ["ours/jets_0.npz"]
    with pytest.raises(JetlineError, match="not a file of"):
        parts(datasets, named | {"test": tests}, test_on=["ours", "theirs"])


def test_thousands_of_files_are_found_by_their_names_without_comparing_each():
    """Each name compared with each file takes minutes, every time that Snakemake starts."""
    files = [f"data/jets_{number}.npz" for number in range(3000)]
    named = {"train": files[:1000], "validation": files[1000:2000], "test": files[2000:]}
    calls = 0

    def count(*_):
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        found = parts({"jets": files}, named)
    finally:
        sys.setprofile(before)
    assert calls < 300 * len(files) < len(files) ** 2
    assert list(found.values()) == [part for part, some in named.items() for _ in some]


def test_a_file_is_found_by_its_name_with_brackets_too():
    files = {"jets": ["a[1].npz", "val.npz", "test.npz"]}
    assert parts(files, BY_FILE | {"train": ["a[1].npz"]})["a[1].npz"] == "train"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("tain.npz", "did you mean train.npz?"),
        ("jest", "did you mean jets?"),
        ("rain.npz/", "did you mean train.npz?"),
        ("else", "add the path to a dataset"),
        (".", "add the path to a dataset"),
        ("", "add the path to a dataset"),
    ],
)
def test_a_name_of_nothing_is_told_with_the_nearest(name, remedy):
    error = refusal(ONE, BY_FILE | {"train": ["train.npz", name]})
    assert error.where == "configuration, split.train[1]"
    assert error.found == name
    assert "dataset (jets)" in error.expected
    assert "train.npz, val.npz, test.npz" in error.expected
    assert remedy in error.remedy


def test_every_unknown_name_is_told_at_once():
    errors = refusals(ONE, {"train": ["x"], "validation": ["val.npz", "y"], "test": ["z"]})
    assert [error.found for error in errors] == ["x", "y", "z"]


def test_a_file_in_two_parts_is_told_with_both_names():
    error = refusal(ONE, BY_FILE | {"test": ["data/t*.npz"]})
    assert error.found == "data/train.npz is in train by train.npz and in test by data/t*.npz"


def test_a_file_of_two_datasets_in_two_parts_is_told():
    datasets = {"all": ["a.npz", "b.npz"], "some": ["b.npz"]}
    named = {"train": ["all"], "validation": ["some"], "test": ["some"]}
    assert "b.npz is in train by all" in refusal(datasets, named).found


def test_a_file_that_is_left_over_is_told():
    datasets = {"jets": [*ONE["jets"], "data/more.npz", "data/most.npz"]}
    error = refusal(datasets, BY_FILE)
    assert error.found == "data/more.npz and 1 other files of dataset jets in no part"


def test_a_tested_dataset_that_is_in_no_part_is_told():
    error = refusal(ONE | {"others": ["x.npz"]}, BY_FILE, test_on=["jets", "others"])
    assert error.found == "x.npz of dataset others in no part"


def test_a_tested_dataset_without_a_test_file_is_told():
    errors = refusals(THREE, BY_DATASET, test_on=["testing", "training"])
    assert [error.where for error in errors] == ["configuration, split.test"]
    assert errors[0].found == "no file of dataset training, which is in `test_on`"


def test_a_named_test_dataset_that_nothing_is_tested_on_is_told():
    error = refusal(THREE | {"last": ["z.npz"]}, BY_DATASET)
    assert error.where == "configuration, test_on"
    assert "no testing" in error.found
    assert "test_on: [last, testing]" in error.remedy


def test_only_files_of_the_trained_dataset_are_trained_on():
    named = {"train": ["training", "testing"], "validation": ["validation"], "test": ["extra"]}
    error = refusal(THREE | {"extra": ["z.npz"]}, named, test_on=["extra"])
    assert error.where == "configuration, split.train"
    assert "c/jets_0.npz is not a file of `train_on`, training" in error.found


def test_a_file_of_a_dataset_that_is_not_used_is_told_with_the_dataset():
    named = BY_DATASET | {"validation": ["b/jets_0.npz"]}
    error = refusal(THREE, named)
    assert error.found == (
        "b/jets_0.npz, a file of dataset validation, which is in neither train_on nor test_on"
    )
    assert "name the dataset, validation" in error.remedy
