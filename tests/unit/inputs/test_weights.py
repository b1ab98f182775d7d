"""Weights of jets on their way from the jet file to a training."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.inputs.folds import split_into_folds
from jetline.inputs.parts import Parts, weights_of
from jetline.inputs.split import split_files
from jetline.jets.formats.npz import write_jets
from jetline.jets.index import JetIndex, index_jets
from jetline.jets.reading import unread_arrays
from jetline.jets.weights import read_weights
from jetline.training.chosen_jets import choose_jets
from jetline.validation.measurement import Measurement, measure
from training_inputs import make_shards

SPLIT = {"seed": 1, "source": "files", "by": "jet", "train": 0.6, "validation": 0.2, "test": 0.2}


@pytest.fixture
def weights(jets):
    return np.random.default_rng(8).normal(1, 0.8, len(jets[1]))


@pytest.fixture
def files(jets, weights, tmp_path):
    """Two jet files with an array of weights, and the index of each."""
    found = []
    for number, half in enumerate(np.array_split(np.arange(len(jets[1])), 2)):
        path = tmp_path / f"jets_{number}.npz"
        np.savez(path, X=jets[0][half], y=jets[1][half], w=weights[half])
        index_jets(path, path.stem, weights="w").write(tmp_path / f"{number}.npz")
        found.append(tmp_path / f"{number}.npz")
    return found


def test_weights_come_from_the_file_by_way_of_index_and_split(files, weights, jets, tmp_path):
    own = [JetIndex.read(path).weights for path in files]
    np.testing.assert_array_equal(np.concatenate(own), weights.astype(np.float32))
    split_files(files, **SPLIT, trained=None).write(tmp_path / "parts.npz")
    split = Parts.read(tmp_path / "parts.npz")
    np.testing.assert_array_equal(np.concatenate(split.weights), weights.astype(np.float32))
    folds = split_into_folds(files, seed=1, source="files", by="jet", number=3)
    for part in (folds.split_of(1), folds.together):
        np.testing.assert_array_equal(np.concatenate(part.weights), np.concatenate(split.weights))

    shards = make_shards(tmp_path, *jets, "observables")
    training, validation = choose_jets(shards, split, None, 1)
    for part, sample in ((0, training), (1, validation)):
        assert sample.weights.mean() == pytest.approx(1, rel=1e-6)
        chosen = np.concatenate(
            [split.weights[n][split.parts[n] == part] for n in split.by_content]
        )
        np.testing.assert_allclose(sample.weights, chosen / chosen.mean(), rtol=1e-5)


def test_what_is_measured_has_the_weights_of_the_index(files, weights, tmp_path):
    measure(tmp_path / "jets_0.npz", files[0]).write(tmp_path / "measured.npz")
    found = Measurement.read(tmp_path / "measured.npz").weights
    np.testing.assert_array_equal(found, weights[: len(found)].astype(np.float32))


def test_without_weights_nothing_has_any(jets, tmp_path):
    write_jets(tmp_path / "jets.npz", *jets)
    index_jets(tmp_path / "jets.npz", "jets").write(tmp_path / "index.npz")
    assert JetIndex.read(tmp_path / "index.npz").weights is None
    assert split_files([tmp_path / "index.npz"], **SPLIT, trained=None).weights is None


def test_weights_are_not_called_unread(files, tmp_path):
    assert "no weight counts" in unread_arrays(tmp_path / "jets_0.npz")
    assert unread_arrays(tmp_path / "jets_0.npz", {"w"}) == ""


def test_files_with_weights_beside_files_without_are_refused(files):
    first, second = map(JetIndex.read, files)
    parts = [np.zeros(len(index), np.uint8) for index in (first, second)]
    with pytest.raises(JetlineError) as caught:
        weights_of([first, replace(second, weights=None)], parts)
    assert caught.value.found == "no weights of jets_1, but of 1 others"


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (np.ones(9), "shape (9,) of float64"),
        (np.ones((10, 2)), "shape (10, 2) of float64"),
        (np.full(10, "1"), "shape (10,) of <U1"),
        (np.r_[np.ones(7), np.nan, np.inf, 1], "nan (2 of 10 jets have such)"),
    ],
)
def test_weights_that_are_none_are_refused(array, found, tmp_path):
    path = tmp_path / "jets.npz"
    np.savez(path, w=array)
    with pytest.raises(JetlineError) as caught:
        read_weights(path, "w", 10)
    assert caught.value.found == found


def test_a_missing_array_is_told_with_those_that_are_there(tmp_path):
    np.savez(tmp_path / "jets.npz", X=np.ones(3), generator_weight=np.ones(3))
    with pytest.raises(JetlineError) as caught:
        read_weights(tmp_path / "jets.npz", "w", 3)
    assert "the file has X, generator_weight" in caught.value.found


def test_a_damaged_array_is_one_clear_error(tmp_path):
    path = tmp_path / "jets.npz"
    np.savez(path, w=np.ones(3))
    with zipfile.ZipFile(path) as archive:
        offset = archive.getinfo("w.npy").header_offset
    content = bytearray(path.read_bytes())
    content[offset + 200] ^= 1
    path.write_bytes(content)
    with pytest.raises(JetlineError) as caught:
        read_weights(path, "w", 3)
    assert "damaged" in caught.value.found


def test_weights_that_add_up_to_nothing_are_refused(jets, tmp_path):
    weights = np.where(np.arange(len(jets[1])) % 2, 1.0, -1.1)
    np.savez(tmp_path / "jets.npz", X=jets[0], y=jets[1], w=weights)
    index_jets(tmp_path / "jets.npz", "jets", weights="w").write(tmp_path / "index.npz")
    with pytest.raises(JetlineError) as caught:
        split_files([tmp_path / "index.npz"], **SPLIT, trained=None)
    assert "that add up to -" in caught.value.found
