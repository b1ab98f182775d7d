"""The split assigns each jet to one part, independently of all other jets."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jetline.core.errors import JetlineError
from jetline.inputs.parts import DROPPED, PARTS, TEST, TRAIN, VALIDATION, Parts
from jetline.inputs.split import (
    refuse_leakage,
    split_by_file,
    split_by_jet,
    split_dataset,
    split_files,
)
from jetline.jets.formats.npz import write_jets
from jetline.jets.index import JetIndex, fingerprint, index_jets
from jetline.jets.invariants import invariants, species_sums
from jetline.jets.species import PDG_IDS

BENCHMARK = (0.8, 0.1, 0.1)


def drawn_jets(seed: int, n_jets: int = 60) -> np.ndarray:
    """Jets of 2 to 8 particles in single precision."""
    rng = np.random.default_rng(seed)
    constituents = np.zeros((n_jets, 8, 4), np.float32)
    for jet in constituents:
        n = rng.integers(2, 9)
        jet[:n, 0] = rng.exponential(60, n) + 0.01
        jet[:n, 1:3] = rng.normal(0, 0.2, (n, 2))
        jet[:n, 3] = rng.choice(PDG_IDS, n)
    return constituents


def index_of(constituents: np.ndarray, file: str) -> JetIndex:
    n_jets = len(constituents)
    labels = (np.arange(n_jets) % 2).astype(np.uint8)
    multiplicities = np.count_nonzero(constituents[..., 0], axis=1).astype(np.uint16)
    prints = fingerprint(constituents)
    near = invariants(constituents), species_sums(constituents)
    return JetIndex(file, "0" * 64, labels, multiplicities, prints, *near, 1, "0" * 32)


def split(indices: list[JetIndex], by: str = "jet", fractions=BENCHMARK, seed: int = 1) -> Parts:
    return split_dataset(indices, seed=seed, source="sample", by=by, fractions=fractions)


# What a jet's part depends on


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**63),
    source=st.text(min_size=1, max_size=20),
    file=st.text(min_size=1, max_size=20),
    n_jets=st.integers(1, 300),
    more=st.integers(1, 300),
)
def test_a_jets_part_does_not_depend_on_how_many_jets_follow_it(seed, source, file, n_jets, more):
    few = split_by_jet(seed, source, file, n_jets, BENCHMARK)
    many = split_by_jet(seed, source, file, n_jets + more, BENCHMARK)
    np.testing.assert_array_equal(many[:n_jets], few)
    assert few.dtype == np.uint8
    assert len(few) == n_jets


def test_a_jets_part_depends_on_neither_the_other_files_nor_their_order():
    indices = [index_of(drawn_jets(number), f"jets_{number}") for number in range(4)]
    together = dict(zip("0123", split(indices).parts, strict=True))
    for order in ("3210", "13", "2"):
        parts = split([indices[int(number)] for number in order])
        assert parts.files == [f"jets_{number}" for number in order]
        for number, part in zip(order, parts.parts, strict=True):
            np.testing.assert_array_equal(part, together[number])


def test_a_jets_part_stays_the_same_for_ever():
    # Else results of one version could not be continued by the next.
    part = split_by_jet(1, "sample", "QG_jets_0", 20, (0.5, 0.25, 0.25))
    assert part.tolist() == [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 2, 2, 0, 2, 0, 0, 0, 1, 2, 2]


def test_the_seed_the_source_and_the_file_each_give_another_split():
    first = split_by_jet(1, "sample", "jets_0", 1000, BENCHMARK)
    for other in [(2, "sample", "jets_0"), (1, "files", "jets_0"), (1, "sample", "jets_1")]:
        same = np.mean(split_by_jet(*other, 1000, BENCHMARK) == first)
        # Independent splits agree on .8^2 + .1^2 + .1^2 of the jets, here +- .015.
        assert same == pytest.approx(0.66, abs=0.06)


@pytest.mark.parametrize("fractions", [BENCHMARK, (0.5, 0.2, 0.3), (0.9, 0.05, 0.05)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shares_come_out_within_the_binomial_error(fractions, seed):
    n_jets = 20_000
    counts = np.bincount(split_by_jet(seed, "sample", "jets", n_jets, fractions), minlength=3)
    for count, fraction in zip(counts, fractions, strict=True):
        error = np.sqrt(n_jets * fraction * (1 - fraction))
        assert abs(count - n_jets * fraction) < 4 * error


LESS = (0.4, 0.1, 0.2)


def test_what_the_shares_lack_of_1_is_left_out_and_told():
    indices = [index_of(drawn_jets(number, 500), f"jets_{number}") for number in range(2)]
    made = split(indices, fractions=LESS)
    counts = np.bincount(np.concatenate(made.parts), minlength=4)
    for count, fraction in zip(counts, (*LESS, 0.3), strict=True):
        assert abs(count - 1000 * fraction) < 4 * np.sqrt(1000 * fraction * (1 - fraction))
    lines = made.summary()
    assert lines[0] == f"{counts[0]} train, {counts[1]} validation, {counts[2]} test jets"
    assert lines[1:] == [
        f"{counts[DROPPED]} jets left out, because the shares add up to less than 1"
    ]
    assert made.copies == 0


def test_jets_that_shares_leave_out_are_not_counted_as_copies():
    constituents = drawn_jets(1, 200)
    constituents[1::2] = constituents[::2]
    indices = [index_of(constituents, "jets_0")]
    made = split_dataset(
        indices, seed=1, source="sample", by="jet", fractions=LESS, duplicates="drop"
    )
    everything = np.concatenate(made.parts)
    left = np.sum(split_by_jet(1, "sample", "jets_0", 200, LESS) == DROPPED)
    assert made.copies > 0
    assert np.sum(everything == DROPPED) == made.copies + left
    assert f"{left} jets left out, because the shares add up to less than 1" in made.summary()


def test_shares_that_lack_less_of_1_train_on_the_same_jets_and_more():
    few, many = (split_by_jet(1, "sample", "jets_0", 1000, (a, 0.1, 0.1)) for a in (0.2, 0.8))
    assert np.all(many[few == TRAIN] == TRAIN)


@pytest.mark.parametrize("fractions", [(0.7, 0.2, 0.1), (0.1, 0.2, 0.7), (1 / 3, 1 / 3, 1 / 3)])
def test_shares_that_are_1_but_for_rounding_leave_no_jet_out(fractions):
    draws = split_by_jet(1, "sample", "jets_0", 100_000, fractions)
    assert DROPPED not in draws
    assert {*split_by_file(9, 10, 3, fractions)} == {TEST}


# Whole files


def test_whole_files_are_left_out_from_the_end():
    parts = [int(split_by_file(number, 10, 1, (0.5, 0.1, 0.2))[0]) for number in range(10)]
    assert parts == [TRAIN] * 5 + [VALIDATION] + [TEST] * 2 + [DROPPED] * 2


def test_the_benchmarks_twenty_files_are_split_as_published():
    parts = [set(split_by_file(number, 20, 5, BENCHMARK)) for number in range(20)]
    assert parts == [{TRAIN}] * 16 + [{VALIDATION}] * 2 + [{TEST}] * 2


@given(n_files=st.integers(10, 200))
@settings(max_examples=30, deadline=None)
def test_splitting_by_file_keeps_the_shares_to_within_a_file(n_files):
    parts = [int(split_by_file(number, n_files, 1, BENCHMARK)[0]) for number in range(n_files)]
    assert parts == sorted(parts)
    for count, fraction in zip(np.bincount(parts, minlength=3), BENCHMARK, strict=True):
        assert abs(count - fraction * n_files) <= 1


def test_a_dataset_split_by_file_has_whole_files_in_its_order():
    indices = [index_of(drawn_jets(number, 9), f"jets_{number}") for number in range(10)]
    parts = split(indices, by="file")
    values = [set(part) for part in parts.parts]
    assert values == [{TRAIN}] * 8 + [{VALIDATION}, {TEST}]
    assert [len(part) for part in parts.parts] == [9] * 10


# Named files


def test_files_that_are_named_keep_their_parts_in_any_order():
    indices = [index_of(drawn_jets(number, 9 + number), f"jets_{number}") for number in range(3)]
    names = ["test", "train", "validation"]
    parts = split_dataset(indices, seed=1, source="files", by="name", names=names)
    assert [set(part) for part in parts.parts] == [{TEST}, {TRAIN}, {VALIDATION}]
    assert [len(part) for part in parts.parts] == [9, 10, 11]


def test_a_dataset_that_is_only_tested_needs_no_other_part():
    index = index_of(drawn_jets(1), "jets")
    parts = split_dataset([index], seed=1, source="files", by="name", names=["test"])
    assert set(parts.parts[0]) == {TEST}


@pytest.mark.parametrize("names", [["train"], ["train", "tset"], []])
def test_names_that_do_not_fit_the_files_are_an_error(names):
    indices = [index_of(drawn_jets(number), f"jets_{number}") for number in range(2)]
    with pytest.raises(JetlineError, match="one for each file"):
        split_dataset(indices, seed=1, source="files", by="name", names=names)


def test_a_named_file_without_jets_leaves_its_part_empty():
    indices = [index_of(drawn_jets(1), "a"), index_of(drawn_jets(2, 0), "b")]
    with pytest.raises(JetlineError) as caught:
        split_dataset(indices, seed=1, source="files", by="name", names=["train", "test"])
    assert caught.value.found == "no jet in the test part"
    assert "by jet" not in caught.value.remedy


# Empty parts


@pytest.mark.parametrize(
    ("fractions", "missing"),
    [((0.6, 0.2, 0.2), "test"), ((0.9, 0.05, 0.05), "validation"), ((0.1, 0.1, 0.8), "train")],
)
def test_a_part_without_jets_is_an_error_that_names_it(fractions, missing):
    indices = [index_of(drawn_jets(number, 20), f"jets_{number}") for number in range(3)]
    if missing == "test":
        indices = indices[:2]
    with pytest.raises(JetlineError) as caught:
        split(indices, by="file", fractions=fractions)
    error = caught.value
    assert f"{len(indices)} files and {20 * len(indices)} jets, split by file" in error.where
    assert error.found == f"no jet in the {missing} part"
    assert f"{fractions[PARTS.index(missing)]:g}" in error.expected
    assert "split by jet" in error.remedy


def test_too_few_jets_to_split_are_an_error():
    with pytest.raises(JetlineError, match="no jet in the"):
        split([index_of(drawn_jets(1, 2), "jets")])


# Identical jets


def two_files(first: np.ndarray, second: np.ndarray, fractions=(0.4, 0.3, 0.3)) -> Parts:
    """Three files by file: the first trains, the second validates, the third tests."""
    indices = [index_of(first, "one"), index_of(drawn_jets(99), "two"), index_of(second, "three")]
    return split(indices, by="file", fractions=fractions)


def refusal(first: np.ndarray, second: np.ndarray) -> JetlineError:
    with pytest.raises(JetlineError) as caught:
        two_files(first, second)
    return caught.value


def copied(changed=lambda jet: jet) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of jets; jet 7 of the second is jet 41 of the first, `changed`."""
    first, second = drawn_jets(1), drawn_jets(2)
    second = second.astype(changed(first[41]).dtype)
    second[7] = changed(first[41])
    return first, second


def reordered(jet: np.ndarray) -> np.ndarray:
    n = np.count_nonzero(jet[:, 0])
    return np.concatenate([jet[:n][::-1], jet[n:]])


def test_different_jets_may_lie_in_all_parts():
    assert len(two_files(drawn_jets(1), drawn_jets(2)).parts) == 3


@pytest.mark.parametrize(
    "changed",
    [
        lambda jet: jet,
        reordered,
        lambda jet: jet.astype(np.float64),
        lambda jet: reordered(jet).astype(np.float64),
    ],
    ids=["as it is", "reordered", "in double precision", "both"],
)
def test_identical_jets_in_two_parts_are_an_error_that_names_both(changed):
    error = refusal(*copied(changed))
    assert error.where == "jet 41 of one (train part)"
    assert "jet 7 of three (test part)" in error.found
    assert "1 jets are shared" in error.found
    assert "(1 in train and test), in one, three" in error.found
    assert "`duplicates: drop`" in error.remedy


def test_a_jet_stored_in_double_precision_is_known_in_single_precision_too():
    # The benchmark is float64; a copy of it in float32 has rounded its numbers.
    double = drawn_jets(1).astype(np.float64)
    real = double[..., 0] > 0
    double[real, :3] *= 1 + 1e-9
    assert refusal(double, double.astype(np.float32)).found.startswith("the same constituents")


def test_more_padding_makes_no_other_jet():
    first, second = copied()
    error = refusal(first, np.pad(second, ((0, 0), (0, 5), (0, 0))))
    assert error.where == "jet 41 of one (train part)"


def test_the_sign_of_a_zero_angle_makes_no_other_jet():
    first, second = drawn_jets(1), drawn_jets(2)
    first[41, 0, 2] = 0.0
    second[7] = first[41]
    second[7, 0, 2] = -0.0
    assert refusal(first, second).where == "jet 41 of one (train part)"


@pytest.mark.parametrize("column", [0, 1, 2, 3])
def test_one_other_number_makes_another_jet(column):
    def changed(jet: np.ndarray) -> np.ndarray:
        jet = jet.copy()
        jet[0, column] += 1e-3 * abs(jet[0, column]) if column < 3 else 1
        return jet

    two_files(*copied(changed))


def test_all_copies_are_counted():
    first, second = drawn_jets(1), drawn_jets(2)
    second[10:15] = first[20:25]
    assert "5 jets are shared" in refusal(first, second).found


def test_identical_jets_in_the_same_part_are_allowed():
    first, second = drawn_jets(1), drawn_jets(2)
    first[3] = first[41]
    second[5] = second[6]
    assert len(two_files(first, second).parts) == 3


def test_identical_jets_within_a_file_are_an_error_if_they_part():
    constituents = drawn_jets(1, 300)
    constituents[150:] = constituents[:150]
    with pytest.raises(JetlineError, match="the same constituents"):
        split([index_of(constituents, "jets")])


# Copies left out


def repeated() -> list[JetIndex]:
    """Three files of 10 jets; of 'c', three are in 'a', two in 'b', and two are alike."""
    a, b, c = (drawn_jets(number, 10) for number in (1, 2, 3))
    c[:3], c[3:5], c[6] = a[:3], b[:2], c[5]
    return [index_of(jets, name) for jets, name in ((a, "a"), (b, "b"), (c, "c"))]


def dropping(indices: list[JetIndex], names: list[str]) -> Parts:
    settings = {"seed": 1, "source": "files", "by": "name", "duplicates": "drop"}
    return split_dataset(indices, names=names, **settings)


@pytest.mark.parametrize(
    "names", [["train", "validation", "test"], ["validation", "train", "test"]]
)
def test_copies_are_left_out_of_the_later_part_and_counted(names):
    parts = dropping(repeated(), names)
    assert np.flatnonzero(parts.parts[2] == DROPPED).tolist() == [0, 1, 2, 3, 4, 6]
    assert set(parts.parts[2]) == {TEST, DROPPED}
    assert all(DROPPED not in part for part in parts.parts[:2])
    assert parts.dropped.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 6]]
    assert parts.summary() == [
        "10 train, 10 validation, 4 test jets",
        "0 train, 0 validation, 6 test jets left out as copies:",
        "  c: 0 train, 0 validation, 6 test",
    ]


def test_the_part_that_is_first_keeps_a_jet_wherever_its_file_stands():
    parts = dropping(repeated(), ["test", "validation", "train"])
    assert parts.dropped.tolist() == [[0, 0, 3], [0, 2, 0], [1, 0, 0]]


def test_the_order_of_the_files_does_not_decide_which_copies_are_left_out():
    indices = repeated()
    first = dropping(indices, ["train", "train", "test"])
    second = dropping(indices[::-1], ["test", "train", "train"])
    for one, other in zip(first.parts, second.parts[::-1], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("by", ["jet", "file"])
def test_each_distinct_jet_stays_exactly_once(by):
    drawn = [0, 1, 2, 3, 0, 1, 2, 3, 4, 5]
    indices = [index_of(drawn_jets(seed, 100), f"jets_{n}") for n, seed in enumerate(drawn)]
    settings = {"seed": 1, "source": "files", "by": by, "fractions": BENCHMARK}
    parts = split_dataset(indices, duplicates="drop", **settings)
    everything = np.concatenate(parts.parts)
    prints = np.concatenate([index.fingerprints for index in indices])
    assert len(prints) == 1000
    assert sorted(prints[everything != DROPPED]) == sorted(set(prints))
    assert parts.dropped.sum() == np.sum(everything == DROPPED) == 400


def test_a_part_of_copies_alone_is_told_to_be_empty():
    indices = [index_of(drawn_jets(1), name) for name in "abc"]
    with pytest.raises(JetlineError) as caught:
        dropping(indices, ["train", "validation", "test"])
    assert caught.value.found == "no jet in the validation part, without 60 copies of other jets"


def test_copies_of_another_label_are_told(capsys):
    indices = repeated()
    indices[2] = dataclasses.replace(indices[2], labels=1 - indices[2].labels)
    dropping(indices, ["train", "validation", "test"])
    # The three of a, and jet 6, a copy of jet 5; those of b had the other label before.
    assert capsys.readouterr().out.startswith("4 copies have another label than the jet that stays")


def test_copies_within_a_part_are_told_though_they_are_not_refused(capsys):
    first = drawn_jets(1)
    first[3] = first[41]
    two_files(first, drawn_jets(2))
    told = "within one part 1 copies of other jets (1 train, 0 validation, 0 test), in one;"
    assert told in capsys.readouterr().out


def test_no_copies_are_not_told(capsys):
    parts = two_files(drawn_jets(1), drawn_jets(2))
    assert len(parts.summary()) == 1
    assert not capsys.readouterr().out


# Another dataset's training jets


def leak(trained_part: int, tested_part: int) -> None:
    """Two datasets share a jet: in such a part of the trained one, and of the tested one."""
    first, second = copied()
    trained, tested = np.full(60, TRAIN), np.full(60, TRAIN)
    trained[41], tested[7] = trained_part, tested_part
    refuse_leakage([(index_of(first, "mine"), trained)], [(index_of(second, "theirs"), tested)])


@pytest.mark.parametrize("part", [TRAIN, VALIDATION])
def test_a_test_jet_that_another_dataset_trains_or_validates_on_is_an_error(part):
    with pytest.raises(JetlineError) as caught:
        leak(part, TEST)
    error = caught.value
    assert error.where == f"jet 41 of mine ({PARTS[part]} part)"
    assert "jet 7 of theirs (test part)" in error.found
    assert "test_on" in error.remedy


@pytest.mark.parametrize("tested", [TRAIN, VALIDATION])
@pytest.mark.parametrize("trained", [TRAIN, VALIDATION, TEST])
def test_parts_of_the_other_dataset_that_are_never_used_do_not_matter(trained, tested):
    leak(trained, tested)


def test_a_jet_may_be_tested_in_two_datasets():
    leak(TEST, TEST)


@pytest.fixture
def written(tmp_path):
    """Indices of a trained dataset, its split, and those of a dataset with some of its jets."""
    first, second = drawn_jets(1, 200), drawn_jets(2, 200)
    second[:50] = first[:50]
    paths = []
    for name, constituents in (("mine", first), ("theirs", second), ("others", drawn_jets(3, 200))):
        index_of(constituents, name).write(tmp_path / f"{name}.index.npz")
        paths.append(tmp_path / f"{name}.index.npz")
    settings = {"by": "jet", "train": 0.6, "validation": 0.2, "test": 0.2}
    parts = split_files([paths[0]], seed=1, source="files", **settings, trained=None)
    parts.write(tmp_path / "parts.npz")
    return paths, (tmp_path / "parts.npz", [paths[0]]), settings


def test_leakage_is_found_on_the_way_from_file_to_file(written):
    (_, theirs, others), trained, settings = written
    with pytest.raises(JetlineError, match="of mine"):
        split_files([theirs], seed=1, source="files", **settings, trained=trained)
    split_files([others], seed=1, source="files", **settings, trained=trained)
    split_files([theirs], seed=1, source="files", **settings, trained=None)


def test_copies_are_refused_or_left_out_on_the_way_from_file_to_file(tmp_path):
    paths = [tmp_path / f"{name}.index.npz" for name in "abc"]
    for path, index in zip(paths, repeated(), strict=True):
        index.write(path)
    settings = {"seed": 1, "source": "files", "by": "name", "parts": PARTS, "trained": None}
    with pytest.raises(JetlineError, match="5 jets are shared"):
        split_files(paths, **settings)
    assert split_files(paths, **settings, duplicates="drop").dropped.sum() == 6


def test_leaked_test_jets_are_left_out_where_copies_are_dropped(written, capsys):
    (mine, theirs, _), trained, settings = written
    kept = split_files([theirs], seed=1, source="files", **settings, trained=None)
    parts = split_files(
        [theirs], seed=1, source="files", **settings, duplicates="drop", trained=trained
    )
    learnt = JetIndex.read(mine).fingerprints[Parts.read(trained[0]).parts[0] < TEST]
    leaked = np.isin(JetIndex.read(theirs).fingerprints, learnt) & (kept.parts[0] == TEST)
    assert leaked.any()
    np.testing.assert_array_equal(parts.parts[0], np.where(leaked, DROPPED, kept.parts[0]))
    assert parts.dropped.tolist() == [[0, 0, leaked.sum()]]
    assert f"{leaked.sum()} test jets left out" in capsys.readouterr().out


def test_a_dataset_whose_test_jets_are_all_trained_on_is_an_error(written):
    (mine, *_), _, _ = written
    index = JetIndex.read(mine)
    everything = Parts([index.file], [np.full(200, TRAIN, np.uint8)], [index.sha256])
    everything.write(mine.parent / "all.npz")
    settings = {"seed": 1, "source": "files", "by": "name", "parts": ["test"]}
    with pytest.raises(JetlineError, match="all its 200 jets"):
        split_files(
            [mine], **settings, duplicates="drop", trained=(mine.parent / "all.npz", [mine])
        )


# On disk


def test_parts_survive_writing_and_reading(tmp_path):
    indices = [index_of(drawn_jets(number, 20 + number), f"jets_{number}") for number in range(3)]
    parts = dataclasses.replace(split(indices), dropped=np.arange(9).reshape(3, 3))
    parts.write(tmp_path / "parts.npz")
    read = Parts.read(tmp_path / "parts.npz")
    assert (read.files, read.sha256) == (parts.files, parts.sha256)
    assert read.dropped.tolist() == parts.dropped.tolist()
    assert [part.dtype for part in read.parts] == [np.uint8] * 3
    for found, expected in zip(read.parts, parts.parts, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_split_of_an_earlier_version_is_told(tmp_path):
    path = tmp_path / "parts.npz"
    np.savez(path, files=np.array(["a"]), counts=np.array([2]), parts=np.zeros(2, np.uint8))
    with pytest.raises(JetlineError, match="this version of jetline"):
        Parts.read(path)


def test_an_index_survives_writing_and_reading(tmp_path):
    constituents = drawn_jets(1)
    write_jets(tmp_path / "jets.npz", constituents, np.arange(60) % 2)
    index = index_jets(tmp_path / "jets.npz", "jets")
    index.write(tmp_path / "index.npz")
    read = JetIndex.read(tmp_path / "index.npz")
    assert (read.file, read.sha256, len(read)) == ("jets", index.sha256, 60)
    expected = index_of(constituents, "jets")
    for name in ("labels", "multiplicities", "fingerprints", "invariants", "species"):
        np.testing.assert_array_equal(getattr(read, name), getattr(expected, name))
        assert getattr(read, name).dtype == getattr(expected, name).dtype


def test_jets_without_labels_are_indexed_only_where_none_are_needed(tmp_path):
    np.savez(tmp_path / "jets.npz", X=drawn_jets(1))
    with pytest.raises(JetlineError, match="no array y"):
        index_jets(tmp_path / "jets.npz", "jets")
    assert len(index_jets(tmp_path / "jets.npz", "jets", labels_needed=False)) == 60
