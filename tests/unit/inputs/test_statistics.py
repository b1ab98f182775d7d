"""Statistics are computed from the training part alone."""

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.images.pixels import _BLOCK
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.parts import PARTS, TEST, TRAIN, VALIDATION
from jetline.inputs.shards import MANIFEST
from jetline.inputs.statistics import training_statistics
from jetline.jets.formats.npz import write_jets
from jetline.records.statistics import Statistics
from split_shards import parts_of

#: Twelve jets in two files: each part has quarks and gluons in both.
PART = np.array([TRAIN, TRAIN, TRAIN, VALIDATION, VALIDATION, TEST] * 2, np.uint8)
LABELS = np.array([1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0])
#: Constituents of each jet; the least in the training part, so that each other one would show.
MULTIPLICITIES = np.array([2, 4, 3, 9, 9, 9, 3, 4, 2, 8, 8, 8])


def jets_of(multiplicities) -> np.ndarray:
    """One hard particle of a jet in the centre, the rest of its 500 GeV spread about it."""
    constituents = np.zeros((len(multiplicities), 10, 4), np.float32)
    for jet, n in zip(constituents, multiplicities, strict=True):
        jet[:n, 0] = 10
        jet[0, 0] = 500 - 10 * (n - 1)
        jet[1:n, 2] = 0.05 * np.arange(1, n)
        jet[:n, 2] += 3
        jet[:n, 3] = 22
    return constituents


def statistics_of(tmp_path, inputs="particles", multiplicities=MULTIPLICITIES, labels=LABELS):
    """Statistics of the twelve jets, by way of two files and their shards."""
    shards = []
    for number, rows in enumerate((slice(0, 5), slice(5, 12))):
        jets, shard = tmp_path / f"jets_{number}.npz", tmp_path / f"shard_{number}"
        write_jets(jets, jets_of(multiplicities)[rows], labels[rows])
        if inputs == "particles":
            make_shard(Particles(), jets, shard)
        else:
            make_shard(Images(inputs, RECIPES[inputs]), jets, shard)
        shards.append(shard)
    parts = parts_of(shards, [PART[:5], PART[5:]])
    return training_statistics(shards, parts), shards, parts


def changed(part: int, multiplicity: int) -> np.ndarray:
    """The jets with the first one of a part replaced."""
    multiplicities = MULTIPLICITIES.copy()
    multiplicities[np.flatnonzero(part == PART)[0]] = multiplicity
    return multiplicities


def test_multiplicity_is_the_training_parts(tmp_path):
    statistics, *_ = statistics_of(tmp_path)
    assert statistics.inputs["multiplicity"]["mean"] == pytest.approx(3)
    assert statistics.inputs["multiplicity"]["deviation"] == pytest.approx(np.sqrt(2 / 3))


def test_the_largest_pixel_is_the_training_parts(tmp_path):
    statistics, *_ = statistics_of(tmp_path, "pt")
    # The jet of two constituents: 490 of its 500 GeV lie in one pixel.
    assert statistics.inputs["largest"] == pytest.approx([0.98])
    assert statistics.inputs["shape"] == [33, 33, 1]


@pytest.mark.parametrize("inputs", ["particles", "pt"])
@pytest.mark.parametrize("part", [VALIDATION, TEST])
def test_jets_that_do_not_train_change_nothing(tmp_path, inputs, part):
    before, *_ = statistics_of(tmp_path, inputs)
    # A jet of one constituent would be the largest pixel of all, 1.
    after, *_ = statistics_of(tmp_path, inputs, changed(part, 1))
    assert (after.inputs, after.jets) == (before.inputs, before.jets)


def test_a_training_jet_changes_the_largest_pixel(tmp_path):
    statistics, *_ = statistics_of(tmp_path, "pt", changed(TRAIN, 1))
    assert statistics.inputs["largest"] == pytest.approx([1])


def test_a_training_jet_changes_the_multiplicity(tmp_path):
    statistics, *_ = statistics_of(tmp_path, "particles", changed(TRAIN, 8))
    assert statistics.inputs["multiplicity"]["mean"] == pytest.approx(4)


def test_the_largest_pixel_is_found_in_whichever_block_it_lies(tmp_path):
    n_jets = 2 * _BLOCK + 10
    for place in (0, _BLOCK, n_jets - 1):
        multiplicities = np.full(n_jets, 3)
        multiplicities[place] = 1
        write_jets(tmp_path / "jets.npz", jets_of(multiplicities), np.arange(n_jets) % 2)
        make_shard(
            Images("notebook", RECIPES["notebook"]), tmp_path / "jets.npz", tmp_path / "shard"
        )
        parts = parts_of([tmp_path / "shard"], [np.full(n_jets, TRAIN, np.uint8)])
        found = training_statistics([tmp_path / "shard"], parts).inputs["largest"][0]
        image = np.load(tmp_path / "shard/images.npy", mmap_mode="r")
        assert found == pytest.approx(float(image.max()))


@pytest.mark.parametrize("inputs", ["particles", "notebook"])
def test_jets_are_counted_by_class_and_part(tmp_path, inputs):
    statistics, *_ = statistics_of(tmp_path, inputs)
    assert statistics.jets == {
        "train": {"quark": 3, "gluon": 3},
        "validation": {"quark": 2, "gluon": 2},
        "test": {"quark": 1, "gluon": 1},
    }


def test_statistics_are_read_as_they_were_written(tmp_path):
    for inputs in ("particles", "pt"):
        statistics = statistics_of(tmp_path, inputs)[0]
        statistics.write(tmp_path / "statistics.json")
        assert Statistics.read(tmp_path / "statistics.json") == statistics


@pytest.mark.parametrize("part", [TRAIN, VALIDATION])
@pytest.mark.parametrize(("label", "missing"), [(1, "gluon"), (0, "quark")])
def test_a_part_without_one_class_is_an_error_that_names_both(tmp_path, part, label, missing):
    labels = np.where(part == PART, label, LABELS)
    with pytest.raises(JetlineError) as caught:
        statistics_of(tmp_path, labels=labels)
    error = caught.value
    assert error.where == f"{PARTS[part]} part of the dataset"
    assert error.found == f"no {missing} jet among {np.count_nonzero(part == PART)} jets"
    assert f"{missing} jets (y = {1 - label})" in error.remedy


@pytest.mark.parametrize("label", [0, 1])
def test_a_test_part_of_one_class_is_taken_as_nothing_is_learnt_of_it(tmp_path, label):
    statistics, *_ = statistics_of(tmp_path, labels=np.where(PART == TEST, label, LABELS))
    assert statistics.jets["test"] == {"quark": 2 * label, "gluon": 2 * (1 - label)}


def test_training_images_without_a_pixel_are_an_error(tmp_path):
    # Two particles, each half a unit from the centroid: outside the grid of the pT recipe.
    constituents = np.float32([[[10, -0.5, 3, 22], [10, 0.5, 3, 22]]] * 4)
    write_jets(tmp_path / "jets.npz", constituents, np.arange(4) % 2)
    make_shard(Images("pt", RECIPES["pt"]), tmp_path / "jets.npz", tmp_path / "shard")
    parts = parts_of([tmp_path / "shard"], [np.full(4, TRAIN, np.uint8)])
    with pytest.raises(JetlineError, match="no pixel above zero"):
        training_statistics([tmp_path / "shard"], parts)


@pytest.mark.parametrize("number", [0, 1])
def test_a_damaged_shard_is_found(tmp_path, number):
    _, shards, parts = statistics_of(tmp_path, "pt")
    images = np.load(shards[number] / "images.npy")
    images[0, 0, 0] = 0.5  # of the same shape, and in a pixel that decides nothing
    np.save(shards[number] / "images.npy", images)
    with pytest.raises(JetlineError) as caught:
        training_statistics(shards, parts)
    assert caught.value.where == str(shards[number] / "images.npy")


def test_a_missing_shard_is_found(tmp_path):
    _, shards, parts = statistics_of(tmp_path)
    (shards[1] / MANIFEST).unlink()
    with pytest.raises(JetlineError, match="no such file"):
        training_statistics(shards, parts)


# Standardised images


def test_each_pixels_mean_and_deviation_are_the_training_parts(tmp_path):
    statistics, shards, _ = statistics_of(tmp_path, "color")
    images = np.concatenate([np.load(shard / "images.npy") for shard in shards]).astype(float)
    training = images[PART == TRAIN]
    assert statistics.inputs["shape"] == [33, 33, 3]
    assert "largest" not in statistics.inputs
    np.testing.assert_allclose(statistics.inputs["mean"], training.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(statistics.inputs["deviation"], training.std(axis=0), atol=1e-7)
    assert np.any(statistics.inputs["deviation"])


@pytest.mark.parametrize("part", [VALIDATION, TEST])
def test_jets_that_do_not_train_change_no_mean(tmp_path, part):
    before, *_ = statistics_of(tmp_path, "color")
    after, *_ = statistics_of(tmp_path, "color", changed(part, 1))
    assert (after.inputs, after.jets) == (before.inputs, before.jets)


def test_a_mean_over_several_blocks_is_that_of_all_jets(tmp_path):
    n_jets = 2 * _BLOCK + 10
    multiplicities = np.random.default_rng(1).integers(1, 10, n_jets)
    write_jets(tmp_path / "jets.npz", jets_of(multiplicities), np.arange(n_jets) % 2)
    make_shard(Images("color", RECIPES["color"]), tmp_path / "jets.npz", tmp_path / "shard")
    parts = parts_of([tmp_path / "shard"], [np.full(n_jets, TRAIN, np.uint8)])
    found = training_statistics([tmp_path / "shard"], parts)
    images = np.load(tmp_path / "shard/images.npy").astype(float)
    np.testing.assert_allclose(found.inputs["mean"], images.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.inputs["deviation"], images.std(axis=0), atol=1e-7)
