"""Shards of pictures go through split, statistics and batches as those of jets do."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.inputs.augmentation.translate import Translate
from jetline.inputs.augmenting import Augmentation
from jetline.inputs.making import make_shard, read_inputs
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import open_shard
from jetline.inputs.split import split_files
from jetline.inputs.statistics import training_statistics
from jetline.pictures.index import index_pictures

CLASSES = ("one", "two", "three")


@pytest.fixture
def made(tmp_path):
    """Make index and shard of pictures (n, n_y, n_x) by the name of a file."""

    def make(name, images, labels):
        path = tmp_path / f"{name}.npz"
        np.savez(path, images=images, labels=labels)
        index, shard = tmp_path / f"{name}.index.npz", tmp_path / name
        index_pictures(path, name, CLASSES)[0].write(index)
        make_shard(read_inputs("pictures"), path, shard, index)
        return index, shard

    return make


def drawn(seed, n=60, shape=(6, 5), most=256):
    random = np.random.default_rng(seed)
    return random.integers(0, most, (n, *shape), np.uint8), random.integers(0, 3, n)


def split(*indices, by="name", **settings):
    told = {"seed": 1, "source": "pictures", "by": by, "trained": None}
    return split_files(list(indices), **told, **settings)


NAMED = {"parts": ["train", "validation", "test"]}


def test_statistics_are_of_the_training_pictures_alone(made):
    files = [made(part, *drawn(n, most=most)) for n, (part, most) in enumerate(
        (("train", 200), ("validation", 256), ("test", 256))
    )]  # fmt: skip
    indices, shards = zip(*files, strict=True)
    found = training_statistics(list(shards), split(*indices, **NAMED), CLASSES)
    assert found.inputs["shape"] == [6, 5, 1]
    assert found.inputs["classes"] == list(CLASSES)
    assert found.inputs["largest"] == [pytest.approx(199 / 255)]
    assert sum(found.jets["train"].values()) == 60


def test_pictures_of_two_sizes_are_refused(made):
    files = [made("a", *drawn(1)), made("b", *drawn(2, shape=(5, 6))), made("c", *drawn(3))]
    indices, shards = zip(*files, strict=True)
    with pytest.raises(JetlineError, match="to one size") as caught:
        training_statistics(list(shards), split(*indices, **NAMED), CLASSES)
    assert {"(6, 5, 1)", "(5, 6, 1)"} <= {
        word for word in ("(6, 5, 1)", "(5, 6, 1)") if word in str(caught.value)
    }


def test_the_same_picture_in_two_parts_is_refused_or_left_out(made):
    images, labels = drawn(1)
    other = images[::-1].copy()
    other[3:] = drawn(2)[0][3:]
    index, _ = made("train", images, labels)
    index_2, _ = made("validation", *drawn(3))
    index_3, _ = made("test", other, labels)
    with pytest.raises(JetlineError, match="3 jets are shared"):
        split(index, index_2, index_3, **NAMED)
    left = split(index, index_2, index_3, **NAMED, duplicates="drop")
    assert left.dropped.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 3]]


def test_different_pictures_are_neither_copies_nor_near_copies(made):
    index, _ = made("all", *drawn(1, n=2000))
    parts = split(index, by="jet", train=0.5, validation=0.2, test=0.3)
    assert parts.copies == 0


def test_a_batch_is_shifted_and_no_sum_is_restored(made):
    images = np.zeros((40, 6, 5, 3), np.uint8)
    images[:, 0, 0] = (255, 0, 51)
    _, shard = made("all", images, np.arange(40) % 3)
    kind = read_inputs("pictures")
    sample = JetSample.choose([open_shard(shard)], [np.arange(40)])
    plain = kind.tensors(sample, np.arange(40), None, compiled=False)["images"]
    assert np.allclose(plain[:, 0, 0], [1, 0, 0.2])
    change = Augmentation((Translate(step="translate", pixels=1),), 1, 1).change(kind, 0)
    moved = kind.tensors(sample, np.arange(40), None, compiled=False, change=change)["images"]
    assert moved.shape == plain.shape
    # What would leave a picture empty is taken back.
    assert np.allclose(moved.sum(axis=(1, 2)), [1, 0, 0.2])
    assert {tuple(place) for place in np.argwhere(moved[..., 0])[:, 1:].tolist()} == {
        *((row, column) for row in (0, 1) for column in (0, 1))
    }
