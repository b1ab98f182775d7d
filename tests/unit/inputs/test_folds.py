"""Every jet is tested on by one fold, whose tagger neither trains nor validates on it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.inputs.folds import Folds, fold_by_jet, split_into_folds
from jetline.inputs.parts import DROPPED, TEST, TRAIN, VALIDATION, Parts
from jetline.inputs.split import split_by_jet
from jetline.jets.formats.npz import write_jets
from jetline.jets.index import JetIndex, index_jets
from jetline.jets.species import PDG_IDS

if TYPE_CHECKING:
    from pathlib import Path


def drawn_jets(seed: int, n_jets: int = 60, most: int = 9) -> np.ndarray:
    rng = np.random.default_rng(seed)
    constituents = np.zeros((n_jets, most, 4))
    for jet in constituents:
        n = rng.integers(max(2, most - 4), most + 1)
        jet[:n, 0] = rng.exponential(60, n) + 0.01
        jet[:n, 1:3] = rng.normal(0, 0.2, (n, 2))
        jet[:n, 3] = rng.choice(PDG_IDS, n)
    return constituents


def indices_of(folder: Path, *files: np.ndarray) -> list[Path]:
    paths = []
    for number, constituents in enumerate(files):
        jets, index = folder / f"jets_{number}.npz", folder / f"jets_{number}.index.npz"
        write_jets(jets, constituents, np.arange(len(constituents)) % 2)
        index_jets(jets, f"jets_{number}").write(index)
        paths.append(index)
    return paths


@pytest.fixture(scope="module")
def indices(tmp_path_factory) -> list[Path]:
    """Index of five files, without copies."""
    folder = tmp_path_factory.mktemp("folds")
    return indices_of(folder, *map(drawn_jets, range(5)))


def dealt(indices: list[Path], number: int = 3, by: str = "jet", **settings: str) -> Folds:
    return split_into_folds(indices, seed=1, source="sample", by=by, number=number, **settings)


@pytest.mark.parametrize("number", [3, 4, 7])
def test_of_each_jet_one_fold_tests_another_validates_and_the_others_train(indices, number):
    folds = dealt(indices, number)
    roles = np.array([np.concatenate(folds.split_of(fold).parts) for fold in range(number)])
    for role, times in ((TEST, 1), (VALIDATION, 1), (TRAIN, number - 2)):
        assert np.all((roles == role).sum(axis=0) == times)
    # What tests in a fold validates in the one before.
    np.testing.assert_array_equal(roles == TEST, np.roll(roles, 1, axis=0) == VALIDATION)
    for fold in range(number):
        assert folds.split_of(fold).files == [f"jets_{n}" for n in range(5)]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**63), number=st.integers(3, 50), n_jets=st.integers(1, 300))
def test_the_draw_is_that_of_a_split_without_folds(seed, number, n_jets):
    folds = fold_by_jet(seed, "sample", "jets_0", n_jets, number)
    assert folds.dtype == np.uint8
    assert folds.max() < number
    first = split_by_jet(seed, "sample", "jets_0", n_jets, (1 / number, 0.1, 0.1))
    np.testing.assert_array_equal(folds == 0, first == TRAIN)


def test_folds_are_equal_within_the_binomial_error():
    n_jets, number = 20_000, 5
    counts = np.bincount(fold_by_jet(1, "sample", "jets", n_jets, number), minlength=number)
    assert np.all(abs(counts - n_jets / 5) < 4 * np.sqrt(n_jets * 0.2 * 0.8))


def test_a_jets_fold_does_not_depend_on_the_other_files(indices):
    together = dealt(indices).parts
    alone = dealt([indices[3], indices[1]]).parts
    np.testing.assert_array_equal(alone[0], together[3])
    np.testing.assert_array_equal(alone[1], together[1])


def test_whole_files_are_dealt_in_turn(indices):
    folds = dealt(indices, by="file")
    assert [set(part) for part in folds.parts] == [{0}, {1}, {2}, {0}, {1}]
    assert [set(part) for part in folds.split_of(2).parts] == [
        {VALIDATION},
        {TRAIN},
        {TEST},
        {VALIDATION},
        {TRAIN},
    ]


@pytest.mark.parametrize(
    ("number", "files", "by", "told"),
    [
        (5, 4, "file", "at least one file for each, so 4 or fewer"),
        (2, 5, "jet", "one part tests, one validates"),
        (51, 5, "jet", "3 to 50"),
    ],
)
def test_what_cannot_be_dealt_is_refused(indices, number, files, by, told):
    with pytest.raises(JetlineError, match=told):
        dealt(indices[:files], number, by)


def test_a_fold_without_jets_is_refused(tmp_path):
    with pytest.raises(JetlineError, match="no jet in fold"):
        dealt(indices_of(tmp_path, drawn_jets(1, 5)), 40)


# Copies


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> list[Path]:
    """Index of two files that share 60 jets, half of them rotated; 20 occur twice in the first."""
    first = drawn_jets(1, 200, most=30)
    second = drawn_jets(2, 200, most=30)
    second[:60] = first[:60]
    second[30:60, :, 1:3] = np.where(
        first[30:60, :, :1] > 0, first[30:60, :, [2, 1]] * np.array([-1, 1]), 0
    )
    first[180:] = first[100:120]
    return indices_of(tmp_path_factory.mktemp("copied"), first, second)


def test_identical_jets_in_two_folds_are_refused(copied):
    with pytest.raises(JetlineError, match="jets are shared in all") as refused:
        dealt(copied)
    assert "(fold " in str(refused.value)
    assert "fold 0 and fold 1" in str(refused.value)


def test_nearly_identical_jets_in_two_folds_are_refused(copied, tmp_path):
    # Without the identical ones.
    paths = []
    for number, path in enumerate(copied):
        index = JetIndex.read(path)
        prints = np.arange(len(index)).astype(np.uint64) + np.uint64(1000 * number)
        paths.append(tmp_path / path.name)
        dataclasses.replace(index, fingerprints=prints).write(paths[-1])
    with pytest.raises(JetlineError, match=r"the same but for rotation.* in fold 0 and fold 1"):
        dealt(paths)


def test_of_copies_one_stays_and_is_tested_on_once(copied):
    folds = dealt(copied, duplicates="drop")
    assert folds.dropped.sum() == 80
    everything = np.concatenate(folds.parts)
    assert np.sum(everything == 3) == 80
    prints = np.concatenate([JetIndex.read(path).fingerprints for path in copied])
    assert len(set(prints[everything < 3])) == np.sum(everything < 3)
    # Of each jet that there is more than once, one copy has a fold.
    for jet in range(60):
        assert np.sum(everything[[jet, 200 + jet]] < 3) == 1
    for jet in range(20):
        assert np.sum(everything[[100 + jet, 180 + jet]] < 3) == 1
    for fold in range(3):
        parts = folds.split_of(fold)
        np.testing.assert_array_equal(np.concatenate(parts.parts) == DROPPED, everything == 3)
        assert parts.copies == 80
    assert folds.summary()[1] == "80 jets left out as copies"


def test_together_each_jet_trains_unless_it_is_a_copy(copied):
    folds = dealt(copied, duplicates="drop")
    together = np.concatenate(folds.together.parts)
    assert set(together) == {TRAIN, DROPPED}
    np.testing.assert_array_equal(together == DROPPED, np.concatenate(folds.parts) == 3)
    assert folds.together.copies == 80


# The command


def test_the_command_writes_each_fold_and_all_together(indices, tmp_path, capsys):
    outputs = [tmp_path / f"fold-{fold}/jets.npz" for fold in range(3)]
    told = ["--settings", '{"by": "jet", "duplicates": "refuse"}', "--configuration-seed", 1]
    told += ["--source", "sample", "--index", *indices, "--output", tmp_path / "jets.npz"]
    assert main(["split", *map(str, [*told, "--fold-outputs", *outputs])]) == 0
    assert capsys.readouterr().out.startswith("3 folds that test on ")
    expected = dealt(indices)
    for fold, path in enumerate(outputs):
        for made, part in zip(Parts.read(path).parts, expected.split_of(fold).parts, strict=True):
            np.testing.assert_array_equal(made, part)
    assert {*np.concatenate(Parts.read(tmp_path / "jets.npz").parts)} == {TRAIN}


def test_there_is_no_fold_beyond_the_last(indices):
    with pytest.raises(JetlineError, match="a fold from 0 to 2"):
        dealt(indices).split_of(3)
