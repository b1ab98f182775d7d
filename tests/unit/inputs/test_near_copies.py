"""Jets that are the same but for rotation, reflection, shift and smearing are found as copies."""

import dataclasses

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.inputs.likeness import (
    BY_SHAPE,
    BY_SPECIES,
    CHANCE,
    FEWEST,
    alike,
    earliest_alike,
    expected_among,
    expected_by_chance,
    most_by_chance,
)
from jetline.inputs.parts import DROPPED, TEST, TRAIN, VALIDATION, Parts
from jetline.inputs.split import refuse_leakage, split_dataset, split_files
from jetline.jets.index import JetIndex, fingerprint
from jetline.jets.invariants import INVARIANTS, invariants, species_sums
from jetline.jets.reading import read_jets


@pytest.fixture(scope="module")
def jets(bundled) -> np.ndarray:
    """Jets of one bundled file that have enough constituents to be compared."""
    constituents = read_jets(bundled[0]).constituents
    return constituents[np.count_nonzero(constituents[..., 0], axis=1) >= FEWEST]


def index_of(constituents: np.ndarray, file: str) -> JetIndex:
    n_jets = len(constituents)
    labels = (np.arange(n_jets) % 2).astype(np.uint8)
    n = np.count_nonzero(constituents[..., 0], axis=1).astype(np.uint16)
    near = invariants(constituents), species_sums(constituents)
    return JetIndex(file, "0" * 64, labels, n, fingerprint(constituents), *near, 1, "0" * 32)


def about_axis(jets: np.ndarray) -> tuple[np.ndarray, ...]:
    """Rapidity and azimuth about the centroid, the centroid, and which constituents are real."""
    jets = jets.astype(float)
    z = jets[..., :1] / jets[..., :1].sum(axis=1, keepdims=True)
    axis = (z * jets[..., 1:3]).sum(axis=1, keepdims=True)
    return jets[..., 1:3] - axis, axis, jets[..., :1] > 0


def with_angles(jets: np.ndarray, angles: np.ndarray) -> np.ndarray:
    made = jets.copy()
    made[..., 1:3] = np.where(jets[..., :1] > 0, angles, 0)
    return made


def rotated(jets, rng):
    angles, axis, _ = about_axis(jets)
    turn = rng.uniform(0, 2 * np.pi, len(jets))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return with_angles(jets, axis + np.einsum("abj,jib->jia", matrix, angles))


def reflected(jets, _rng):
    angles, axis, _ = about_axis(jets)
    return with_angles(jets, axis + angles * [-1, 1])


def shifted_in_azimuth(jets, _rng):
    return with_angles(jets, jets[..., 1:3] + [0, 2 * np.pi])


def some_azimuths_shifted(jets, rng):
    turns = rng.integers(-1, 2, jets.shape[:2])
    return with_angles(jets, jets[..., 1:3] + 2 * np.pi * np.stack([0 * turns, turns], axis=-1))


def shifted_in_rapidity(jets, rng):
    return with_angles(jets, jets[..., 1:3] + rng.normal(0, 0.5, (len(jets), 1, 1)) * [1, 0])


def scaled(jets, _rng):
    return (jets * [1.000001, 1, 1, 1]).astype(jets.dtype)


def reordered(jets, rng):
    made = scaled(jets, rng)
    for jet in made:
        n = np.count_nonzero(jet[:, 0])
        jet[:n] = jet[rng.permutation(n)]
    return made


def without_species(jets, _rng):
    made = jets.copy()
    made[..., 3] = np.where(jets[..., 0] > 0, 211, 0)
    return made


def smeared(jets, rng, by=0.02):
    angles, axis, _ = about_axis(jets)
    made = with_angles(jets, axis + angles * (1 + by * rng.normal(size=angles.shape)))
    made[..., 0] *= 1 + by * rng.normal(size=jets.shape[:2])
    return made


def turned_in_space(jets, rng):
    """Rotate the momenta about the jet's own in three dimensions."""
    pt, y, phi = np.moveaxis(jets[..., :3].astype(float), -1, 0)
    momenta = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(y)], axis=-1)
    axis = momenta.sum(axis=1, keepdims=True)
    axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
    turn = rng.uniform(0, 2 * np.pi, (len(jets), 1, 1))
    along = axis * (axis * momenta).sum(axis=-1, keepdims=True)
    momenta = np.cos(turn) * (momenta - along) + np.sin(turn) * np.cross(axis, momenta) + along
    made = jets.copy()
    made[..., 0] = np.hypot(momenta[..., 0], momenta[..., 1])
    angles = (
        np.arcsinh(momenta[..., 2] / np.where(pt > 0, made[..., 0], 1)),
        np.arctan2(momenta[..., 1], momenta[..., 0]),
    )
    return with_angles(made, np.stack(angles, axis=-1))


def angles_moved(jets, rng):
    """Add to each angle what a coarse detector does, and smear the momenta."""
    made = smeared(jets, rng)
    return with_angles(made, made[..., 1:3] + rng.normal(0, 0.02, (*jets.shape[:2], 2)))


def all_together(jets, rng):
    for change in (rotated, reflected, shifted_in_azimuth, shifted_in_rapidity, scaled, smeared):
        jets = change(jets, rng)
    return jets


EXACT = [
    rotated,
    reflected,
    shifted_in_azimuth,
    some_azimuths_shifted,
    shifted_in_rapidity,
    scaled,
    reordered,
    without_species,
]


# What stays the same


@pytest.mark.parametrize("change", EXACT)
def test_invariants_stay_the_same_but_for_rounding(jets, change):
    values, changed = invariants(jets), invariants(change(jets, np.random.default_rng(1)))
    n = np.count_nonzero(jets[..., 0], axis=1)
    views = [BY_SHAPE] if change is without_species else [BY_SHAPE, BY_SPECIES]
    differences = np.concatenate(
        [
            (np.abs(changed - values) * np.sqrt(n)[:, None])[:, view.columns] / view.tolerances
            for view in views
        ],
        axis=1,
    )
    # Single precision of the azimuth, in jets of which all is close to the axis.
    assert np.quantile(differences, 0.999) < 0.02
    assert differences.max() < 0.5


def test_invariants_are_what_they_are_called(jets):
    angles, _, real = about_axis(jets[:20])
    z = np.where(real, jets[:20, :, :1], 0)[..., 0].astype(float)
    z /= z.sum(axis=1, keepdims=True)
    angles = np.where(real, angles, 0)
    r, a = np.hypot(*np.moveaxis(angles, -1, 0)), np.arctan2(angles[..., 1], angles[..., 0])

    def harmonic(w, m):
        return abs((w * r * np.exp(1j * m * a)).sum(axis=1)) / (w * r).sum(axis=1)

    root = np.sqrt(z)
    sums = [root, z**2, z * r, root * r, z * r**2]
    expected = [np.log(one.sum(axis=1)) for one in sums]
    expected += [harmonic(z, m) for m in (2, 3, 4)] + [harmonic(root, m) for m in (1, 2, 3, 4)]
    expected += [(z * (jets[:20, :, 3] == one)).sum(axis=1) for one in (22, 211, -211)]
    np.testing.assert_allclose(invariants(jets[:20]), np.stack(expected, axis=1), atol=2e-5)
    assert len(INVARIANTS) == len(expected)


def test_the_sum_over_species_depends_on_how_many_there_are_of_each(jets):
    sums = species_sums(jets)
    np.testing.assert_array_equal(species_sums(reordered(jets, np.random.default_rng(1))), sums)
    ids = np.where(jets[..., 0] > 0, jets[..., 3], 0)
    kinds = np.sort(ids, axis=1)
    several = np.array([len(set(jet[jet != 0])) >= 6 for jet in ids])
    np.testing.assert_array_equal(sums != 0, several)
    assert 0.7 < several.mean() < 0.9
    assert len(np.unique(sums[several])) == len(np.unique(kinds[several], axis=0))


def test_invariants_of_degenerate_jets_are_finite():
    degenerate = np.zeros((3, 12, 4), np.float32)
    degenerate[0, 0] = [500, 0.3, 1, 22]
    degenerate[1, :, 0] = 10
    degenerate[2, :, 0] = np.geomspace(1e-30, 500, 12)
    assert np.isfinite(invariants(degenerate)).all()


# What is alike


def alike_to_themselves(jets: np.ndarray, changed: np.ndarray) -> float:
    """Share of the jets that are found as the first like their changed copy."""
    both = np.concatenate([jets, changed])
    n = np.count_nonzero(both[..., 0], axis=1)
    earliest = earliest_alike(invariants(both), n, species_sums(both), np.arange(len(both)))
    assert np.array_equal(earliest[: len(jets)], np.arange(len(jets)))
    return np.mean(earliest[len(jets) :] == np.arange(len(jets)))


@pytest.mark.parametrize("change", EXACT)
def test_every_exact_change_is_found(jets, change):
    assert alike_to_themselves(jets, change(jets, np.random.default_rng(2))) == 1


def test_smeared_jets_are_found(jets):
    assert alike_to_themselves(jets, all_together(jets, np.random.default_rng(3))) > 0.998
    assert alike_to_themselves(jets, smeared(jets, np.random.default_rng(3), 0.05)) > 0.8


def test_smeared_jets_without_species_are_found(jets):
    changed = without_species(all_together(jets, np.random.default_rng(3)), None)
    assert alike_to_themselves(jets, changed) > 0.995


@pytest.mark.parametrize("change", [turned_in_space, angles_moved])
def test_jets_with_other_angles_are_found_by_their_species(jets, change):
    changed = change(jets, np.random.default_rng(3))
    known = species_sums(jets) != 0
    assert alike_to_themselves(jets[known], changed[known]) > 0.85
    assert alike_to_themselves(jets, changed) > 0.7


@pytest.mark.parametrize("view", [BY_SHAPE, BY_SPECIES])
def test_the_search_by_cells_finds_what_a_comparison_of_all_pairs_does(view):
    rng = np.random.default_rng(4)
    n = rng.integers(FEWEST - 2, FEWEST + 3, 800)
    values = np.zeros((800, 15), np.float32)
    values[:, view.columns] = rng.normal(0, view.tolerances / 5, (800, len(view.columns)))
    rank = rng.permutation(800)
    groups = rng.integers(0, 3, 800)
    together = (n[:, None] == n) & (groups[:, None] == groups) & (groups != 0) & (n >= FEWEST)
    chosen = values[:, view.columns]
    differences = np.abs(chosen[:, None] - chosen[None]) * np.sqrt(n)[:, None, None]
    matched = (differences <= view.tolerances).all(axis=-1) & together
    np.fill_diagonal(matched, True)
    expected = np.where(matched, rank, 800).argmin(axis=1)
    earliest, pairs = alike(view, values, n, groups * n, rank)
    assert 0.5 * together.sum() / 2 > pairs == (matched.sum() - 800) / 2 > 100
    np.testing.assert_array_equal(earliest, expected)


def test_independent_jets_are_not_alike(bundled):
    indices = [index_of(read_jets(path).constituents, path.stem) for path in bundled]
    names = "invariants", "multiplicities", "species"
    told = [np.concatenate([getattr(index, name) for index in indices]) for name in names]
    rank = np.arange(len(told[0]))
    np.testing.assert_array_equal(earliest_alike(*told, rank), rank)


def test_jets_of_few_constituents_are_not_compared(jets):
    few = jets[:, : FEWEST - 1].copy()
    assert alike_to_themselves(few, few) == 0


@pytest.mark.parametrize("n_jets", [0, 1, 2])
def test_tiny_samples_are_searched(jets, n_jets):
    few = jets[:n_jets]
    told = invariants(few), np.count_nonzero(few[..., 0], axis=1), species_sums(few)
    assert earliest_alike(*told, np.arange(n_jets)).tolist() == list(range(n_jets))


# What chance gives


def test_chance_grows_as_the_square_of_the_sample_and_falls_with_the_multiplicity():
    def counts(jets, n):
        table = np.zeros((3, 61))
        table[:, n] = jets
        return table

    few = expected_by_chance(counts((80, 10, 10), 20))
    assert few == pytest.approx(CHANCE[20] * (80 * 20 + 100))
    assert expected_by_chance(counts((800, 100, 100), 20)) == pytest.approx(100 * few)
    assert expected_by_chance(counts((80, 10, 10), 40)) < few / 10
    assert expected_by_chance(counts((80, 10, 10), FEWEST - 1)) == 0
    assert expected_by_chance(counts((100, 0, 0), 20)) == 0


def test_chance_among_all_jets_is_that_of_all_their_pairs():
    assert expected_among(np.bincount([20] * 100)) == pytest.approx(CHANCE[20] * 100 * 99 / 2)
    assert expected_among(np.bincount([FEWEST - 1] * 100)) == 0
    assert expected_among(np.bincount([3])) == 0


def test_one_pair_and_what_chance_gives_is_never_refused():
    assert most_by_chance(0) == 1
    assert most_by_chance(100) == 257


# What the split does with them


def named(indices: list[JetIndex], duplicates="refuse") -> Parts:
    names = ["train", "validation", "test"]
    return split_dataset(indices, seed=1, source="x", by="name", names=names, duplicates=duplicates)


@pytest.fixture
def augmented(jets) -> list[JetIndex]:
    """Three files, of which the last one has 40 jets of the first, turned and smeared."""
    copies = all_together(jets[:40], np.random.default_rng(5))
    files = jets[:300], jets[300:600], np.concatenate([jets[600:700], copies])
    return [index_of(file, name) for file, name in zip(files, "abc", strict=True)]


def test_augmented_jets_in_another_part_are_refused(augmented):
    with pytest.raises(JetlineError) as caught:
        named(augmented)
    error = caught.value
    assert error.where == "jet 0 of a (train part)"
    assert "40 (40 in train and test), in a, c" in error.found
    assert "jet 1 of a (train part) and jet 101 of c (test part)" in error.found
    assert "at most 1" in error.expected
    assert "`duplicates: drop`" in error.remedy


def test_augmented_jets_among_the_others_are_refused_where_jets_are_split_by_jet(jets):
    copies = rotated(jets[:100], np.random.default_rng(6))
    index = index_of(np.concatenate([jets[:500], copies]), "all")
    settings = {"seed": 1, "source": "x", "by": "jet", "fractions": (0.8, 0.1, 0.1)}
    with pytest.raises(JetlineError, match="rotation, reflection, shift or smearing"):
        split_dataset([index], **settings)


def test_one_pair_of_two_parts_is_told_and_not_refused(jets, capsys):
    copies = rotated(jets[:1], np.random.default_rng(7))
    named(
        [index_of(file, name) for file, name in ((jets[:50], "a"), (jets[50:90], "b"))]
        + [index_of(np.concatenate([jets[90:120], copies]), "c")]
    )
    told = capsys.readouterr().out
    assert told.startswith("warning: 1 jets of two parts are alike")
    assert "jet 0 of a (train part) and jet 30 of c (test part)" in told


def test_near_copies_within_a_part_are_counted_apart_from_identical_ones(jets, capsys):
    rng = np.random.default_rng(8)
    test = np.concatenate([jets[90:120], rotated(jets[90:97], rng), jets[100:105]])
    named([index_of(file, n) for file, n in ((jets[:50], "a"), (jets[50:90], "b"), (test, "c"))])
    told = capsys.readouterr().out
    assert "within one part 5 copies of other jets" in told
    assert "within one part 7 jets like other ones" in told
    assert "(0 train, 0 validation, 7 test)" in told


def test_near_copies_are_left_out_of_the_later_part(augmented, capsys):
    parts = named(augmented, "drop")
    assert [np.sum(part == DROPPED) for part in parts.parts] == [0, 0, 40]
    assert np.flatnonzero(parts.parts[2] == DROPPED).tolist() == list(range(100, 140))
    assert parts.dropped.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 40]]
    assert capsys.readouterr().out.startswith("40 copies are not identical")


def test_near_copies_of_another_label_are_told(augmented, capsys):
    augmented[2] = dataclasses.replace(augmented[2], labels=1 - augmented[2].labels)
    named(augmented, "drop")
    assert "40 copies have another label" in capsys.readouterr().out


def test_the_order_of_the_files_does_not_decide_which_near_copies_are_left_out(jets):
    changed = rotated(jets[:30], np.random.default_rng(9))
    indices = [index_of(jets[:30], "a"), index_of(changed, "b"), index_of(jets[30:60], "c")]
    settings = {"seed": 1, "source": "x", "by": "name", "duplicates": "drop"}
    for order in ([0, 1, 2], [1, 0, 2]):
        parts = split_dataset(
            [indices[n] for n in order], names=["train", "train", "test"], **settings
        )
        dropped = dict(zip(parts.files, (np.sum(p == DROPPED) for p in parts.parts), strict=True))
        assert dropped == {"a": 0, "b": 30, "c": 0}


def leaking(jets, trained_part: int, tested_part: int, count: int = 10) -> None:
    copies = all_together(jets[:count], np.random.default_rng(10))
    trained, tested = np.full(count, trained_part), np.full(count, tested_part)
    refuse_leakage([(index_of(jets[:count], "mine"), trained)], [(index_of(copies, "x"), tested)])


@pytest.mark.parametrize("part", [TRAIN, VALIDATION])
def test_near_copies_of_what_another_dataset_learns_are_refused(jets, part):
    with pytest.raises(JetlineError, match="jet 0 of mine"):
        leaking(jets, part, TEST)


@pytest.mark.parametrize(("trained", "tested"), [(TEST, TEST), (TRAIN, TRAIN), (TEST, TRAIN)])
def test_near_copies_that_are_never_tested_do_not_matter(jets, trained, tested, capsys):
    leaking(jets, trained, tested)
    assert not capsys.readouterr().out


def test_near_copies_of_another_dataset_are_left_out_on_the_way_from_file_to_file(jets, tmp_path):
    changed = all_together(jets[:100], np.random.default_rng(11))
    both = {"mine": jets[:200], "theirs": np.concatenate([changed, jets[200:300]])}
    paths = {name: tmp_path / f"{name}.npz" for name in both}
    for name, constituents in both.items():
        index_of(constituents, name).write(paths[name])
    settings = {"seed": 1, "source": "x", "by": "jet", "train": 0.6}
    settings |= {"validation": 0.2, "test": 0.2}
    split_files([paths["mine"]], **settings, trained=None).write(tmp_path / "parts.npz")
    trained = tmp_path / "parts.npz", [paths["mine"]]
    with pytest.raises(JetlineError, match="of mine"):
        split_files([paths["theirs"]], **settings, trained=trained)
    parts = split_files([paths["theirs"]], **settings, trained=trained, duplicates="drop")
    learnt = Parts.read(trained[0]).parts[0][:100] < TEST
    alone = split_files([paths["theirs"]], **settings, trained=None).parts[0]
    leaked = np.concatenate([learnt, np.zeros(100, bool)]) & (alone == TEST)
    np.testing.assert_array_equal(parts.parts[0] == DROPPED, leaked)
    assert parts.dropped.tolist() == [[0, 0, leaked.sum()]]


def test_an_index_without_invariants_is_told_to_be_of_another_version(augmented, tmp_path):
    path = tmp_path / "index.npz"
    augmented[0].write(path)
    with np.load(path) as archive:
        old = {name: archive[name] for name in archive.files if name != "invariants"}
    np.savez(path, **old)
    settings = {"seed": 1, "source": "x", "by": "name", "parts": ["train"], "trained": None}
    with pytest.raises(JetlineError, match="this version of jetline") as caught:
        split_files([path], **settings)
    assert "run the step that makes it again" in caught.value.remedy
