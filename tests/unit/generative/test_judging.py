"""Judging drawn jets from files: truth is as truth, what is wrong is found, mistakes are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays, sha256_of
from jetline.generative.judging import judge_drawn
from jetline.inputs.parts import TEST, TRAIN, VALIDATION, Parts
from jetline.jets.formats.npz import write_jets
from jetline.records.judgement import Judgement

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = ("gluon", "quark")


@pytest.fixture(scope="module")
def sample(bundled) -> tuple[np.ndarray, np.ndarray]:
    """Bundled jets (3200, M, 4) and their labels."""
    with np.load(bundled[0], allow_pickle=False) as archive:
        return archive["X"][:3200], archive["y"][:3200]


@pytest.fixture(scope="module")
def truth(sample, tmp_path_factory) -> tuple[list[Path], Path]:
    """Two files of true jets, and their split: 1200 of training, 600 of each other part."""
    folder = tmp_path_factory.mktemp("truth")
    files = [folder / "one.npz", folder / "two.npz"]
    X, y = sample
    for k, file in enumerate(files):
        write_jets(file, X[1200 * k : 1200 * (k + 1)], y[1200 * k : 1200 * (k + 1)])
    part = np.repeat([TRAIN, VALIDATION, TEST], [600, 300, 300]).astype(np.uint8)
    split = folder / "parts.npz"
    hashes = [sha256_of(file) for file in files]
    Parts([file.name for file in files], [part, part], hashes).write(split)
    return files, split


@pytest.fixture
def judged(truth, tmp_path):
    """Judge jets that are given as arrays."""

    def judge(X: np.ndarray, y: np.ndarray | None, classes=CLASSES) -> Judgement:
        file = tmp_path / "drawn.npz"
        arrays = {"X": X} if y is None else {"X": X, "y": y}
        np.savez(file, **arrays)
        return judge_drawn([file], *truth, classes, 1, tmp_path / "out")

    return judge


def independent(sample) -> tuple[np.ndarray, np.ndarray]:
    """Copies of the jets that no part of the split has."""
    return sample[0][2400:3000].copy(), sample[1][2400:3000].copy()


def test_true_jets_are_as_truth(sample, judged, tmp_path):
    record = judged(*independent(sample))
    assert Judgement.read(tmp_path / "out/judgement.json") == record
    assert {row.of for row in record.rows} == {"gluon", "quark", "all"}
    groups = ["observables", "constituents", "correlations", "polynomials", "copying", "coverage"]
    assert {row.group for row in record.rows} == {*groups, "species' shares", "species' ln z"}
    assert np.mean([row.verdict == "differs" for row in record.rows]) < 0.12
    assert record.row("all", "constituents", "ln_z").verdict == "as truth"
    assert record.row("all", "coverage", "coverage").verdict == "as truth"
    # Few jets do not tell rare species.
    assert record.row("quark", "species' shares", "13").verdict == "cannot tell"
    assert record.warnings == []
    assert sum(record.jets.judged.values()) == 600
    assert sum(record.jets.training.values()) == 1200
    shares = [one.drawn.value for one in record.shares if one.of == "all"]
    assert sum(shares) == pytest.approx(1)


def test_distributions_hold_all_jets_and_constituents(sample, judged, tmp_path):
    X, y = independent(sample)
    judged(X, y)
    arrays = read_arrays(tmp_path / "out/distributions.npz")
    of = arrays["of"].tolist()
    assert arrays["mass_counts"].shape == (3, 2, len(arrays["mass_edges"]) - 1)
    assert np.array_equal(arrays["mass_counts"].sum(axis=2), arrays["jets"])
    quarks = X[y == 1]
    constituents = np.count_nonzero(quarks[..., 0])
    for name in ("ln_z", "distance"):
        assert arrays[f"{name}_counts"][of.index("quark"), 0].sum() == constituents
        assert len(arrays[f"{name}_edges"]) == arrays[f"{name}_counts"].shape[2] + 1
    # Constituents of one jet come together: their errors are no square roots of counts.
    peak = arrays["ln_z_counts"][0, 1].argmax()
    assert arrays["ln_z_errors"][0, 1, peak] > 1.1 * np.sqrt(arrays["ln_z_counts"][0, 1, peak])


def test_wider_jets_and_other_species_are_told(sample, judged):
    X, y = independent(sample)
    X[..., 1] = np.where(X[..., 0] > 0, X[:, :1, 1] + 1.3 * (X[..., 1] - X[:, :1, 1]), 0)
    X[..., 3] = np.where(X[..., 3] == 211, -211, X[..., 3])
    record = judged(X, y)
    for name in ("mass", "girth"):
        row = record.row("all", "observables", name)
        assert row.verdict == "differs"
        assert row.ratio.value > 1 + row.ratio.error
    assert record.row("all", "polynomials", "fpd").verdict == "differs"
    assert record.row("all", "species' shares", "-211").drawn.value > 0.15
    assert record.row("all", "species' shares", "211").verdict == "differs"
    assert record.row("all", "observables", "ptd").verdict != "differs"


def test_copies_of_training_jets_are_told_although_all_else_is_as_truth(sample, judged):
    X, y = sample[0][:600].copy(), sample[1][:600]
    X[..., 2] = np.where(X[..., 0] > 0, X[..., 2] + 0.7, 0)  # turned, all jets alike
    record = judged(X, y)
    copying = [row for row in record.rows if row.group == "copying" and row.of == "all"]
    assert [row.verdict for row in copying] == ["differs"] * 3
    assert record.row("all", "copying", "nearest_0.001").drawn.value > 0.9
    assert record.row("all", "coverage", "coverage").verdict == "as truth"


def test_a_collapsed_sample_is_told(sample, judged):
    X, y = independent(sample)
    few = np.concatenate([np.flatnonzero(y == kind)[:5] for kind in (0, 1)])
    record = judged(np.repeat(X[few], 60, axis=0), np.repeat(y[few], 60))
    for of in (*CLASSES, "all"):
        row = record.row(of, "coverage", "coverage")
        assert row.verdict == "differs"
        assert row.drawn.value < 0.3 < row.truth.value


def test_jets_of_the_test_part_are_warned_of(sample, judged):
    record = judged(sample[0][900:1200], sample[1][900:1200])
    assert "300 drawn jets are jets of the test part" in record.warnings[-1]


def test_a_missing_class_leaves_the_other_one(sample, judged):
    X, y = independent(sample)
    record = judged(X[y == 1], y[y == 1])
    assert {row.of for row in record.rows} == {"quark"}
    assert "gluon jets are not judged: there are 0 drawn ones" in record.warnings[0]


def test_unequal_classes_are_compared_with_true_ones_in_these_proportions(sample, judged):
    X, y = independent(sample)
    rows = np.concatenate([np.flatnonzero(y == 1)[:200], np.flatnonzero(y == 0)[:50]])
    record = judged(X[rows], y[rows])
    assert record.row("all", "observables", "multiplicity").verdict != "differs"


def test_jets_without_species_are_judged_by_what_they_have(sample, judged):
    X, y = independent(sample)
    X[..., 3] = 0
    record = judged(X, y)
    assert "Species of drawn jets are not known, and are not judged." in record.warnings
    assert not record.shares
    assert not any("species" in row.group for row in record.rows)
    assert record.row("all", "constituents", "ln_z").verdict == "as truth"


def test_few_jets_cannot_tell(sample, judged):
    X, y = independent(sample)
    rows = np.concatenate([np.flatnonzero(y == kind)[:30] for kind in (0, 1)])
    record = judged(X[rows], y[rows])
    states = [row.verdict for row in record.rows if row.group == "observables"]
    assert states.count("cannot tell") > len(states) / 2
    assert "undecided for want of jets" in record.summary


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda X: X.__setitem__((3, 0, 0), np.nan), "pT nan"),
        (lambda X: X.__setitem__((3, 0, 0), -1), "pT -1"),
        (lambda X: X.__setitem__(3, 0), "a jet without constituents"),
        (lambda X: X.__setitem__((3, 0, 1), 2000), "so far apart in rapidity"),
    ],
)
def test_spoilt_jets_are_refused_with_their_place(sample, judged, tmp_path, spoil, found):
    X, y = independent(sample)
    spoil(X)
    with pytest.raises(JetlineError) as error:
        judged(X, y)
    assert found in error.value.found or found in str(error.value)
    assert "jet 3" in error.value.where
    assert not (tmp_path / "out").exists()


def test_jets_without_labels_or_too_few_are_refused(sample, judged):
    X, y = independent(sample)
    with pytest.raises(JetlineError, match="no array y"):
        judged(X, None)
    few = np.concatenate([np.flatnonzero(y == kind)[:10] for kind in (0, 1)])
    with pytest.raises(JetlineError, match="10 drawn"):
        judged(X[few], y[few])


def test_other_true_files_than_those_of_the_split_are_refused(sample, truth, tmp_path):
    files, split = truth
    write_jets(tmp_path / "drawn.npz", *independent(sample))
    for given in (files[::-1], files[:1]):
        with pytest.raises(JetlineError, match="in its order") as error:
            judge_drawn([tmp_path / "drawn.npz"], given, split, CLASSES, 1, tmp_path / "out")
        assert error.value.where == "--truth"


def test_true_jets_with_weights_are_refused(sample, truth, tmp_path):
    files, split = truth
    parts = Parts.read(split)
    weights = [np.ones(len(one), np.float32) for one in parts.parts]
    Parts(parts.files, parts.parts, parts.sha256, weights=weights).write(tmp_path / "parts.npz")
    write_jets(tmp_path / "drawn.npz", *independent(sample))
    with pytest.raises(JetlineError, match="jets with weights"):
        judge_drawn(
            [tmp_path / "drawn.npz"], files, tmp_path / "parts.npz", CLASSES, 1, tmp_path / "out"
        )


def test_a_split_without_validation_takes_the_bar_from_training(sample, truth, tmp_path):
    files, split = truth
    parts = Parts.read(split)
    moved = [np.where(one == VALIDATION, TRAIN, one).astype(np.uint8) for one in parts.parts]
    Parts(parts.files, moved, parts.sha256).write(tmp_path / "parts.npz")
    write_jets(tmp_path / "drawn.npz", *independent(sample))
    record = judge_drawn(
        [tmp_path / "drawn.npz"], files, tmp_path / "parts.npz", CLASSES, 1, tmp_path / "out"
    )
    # The bar's own jets, which are training jets, are no measure of how near others come.
    row = record.row("all", "copying", "nearest_0.01")
    assert row.verdict != "differs"
    assert abs(row.drawn.value) < 0.03


def test_the_command_tells_what_differs(sample, truth, tmp_path, capsys):
    files, split = truth
    X, y = independent(sample)
    X[..., 0] *= 2
    write_jets(tmp_path / "drawn.npz", X, y)
    arguments = ["judge", "--drawn", str(tmp_path / "drawn.npz"), "--truth", *map(str, files)]
    arguments += ["--parts", str(split), "--configuration-seed", "1"]
    assert main([*arguments, "--output", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert "all: jet pT: " in told
    assert "figures as truth" in told
    # The same once more: nothing depends on chance that is not seeded.
    first = (tmp_path / "out/judgement.json").read_bytes()
    assert main([*arguments, "--output", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again/judgement.json").read_bytes() == first
