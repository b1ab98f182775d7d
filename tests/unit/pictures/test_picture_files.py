"""Picture files: each fault is one clear error, and what is sound is read to the last bit."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.inputs.making import make_shard, read_inputs
from jetline.inputs.shards import open_shard
from jetline.jets.index import JetIndex
from jetline.pictures.index import fingerprint, index_pictures
from jetline.pictures.reading import open_pictures
from jetline.pictures.writing import write_pictures

CLASSES = ("left", "middle", "right")
N = 12
IMAGES = np.random.default_rng(1).integers(0, 256, (N, 6, 5), np.uint8)
LABELS = np.arange(N) % 3


@pytest.fixture
def path(tmp_path):
    return tmp_path / "pictures.npz"


def save(path, **arrays):
    np.savez_compressed(path, **({"images": IMAGES, "labels": LABELS} | arrays))


def refusal(path) -> JetlineError:
    with pytest.raises(JetlineError) as caught:
        index_pictures(path, "pictures", CLASSES)
    assert str(path) in str(caught.value)
    assert caught.value.others == []
    return caught.value


def with_level(level, dtype=np.float32):
    images = (IMAGES / 255).astype(dtype)
    images[7, 2, 3] = level
    return images


FAULTS = {
    "no axis of pictures": ({"images": IMAGES.reshape(N, 30)}, "shape (12, 30)", "reshape"),
    "channels first": ({"images": np.zeros((N, 3, 28, 28))}, "28 channels", "moveaxis"),
    "no picture": ({"images": IMAGES[:0], "labels": LABELS[:0]}, "(0, 6, 5)", "one picture"),
    "too large": ({"images": np.zeros((1, 2000, 5)), "labels": LABELS[:1]}, "2000", "smaller"),
    "long integers": ({"images": IMAGES.astype(np.int64)}, "dtype int64", "astype(np.uint8)"),
    "complex": ({"images": IMAGES * 1j}, "dtype complex", "numbers"),
    "not a number": ({"images": with_level(np.nan)}, "level nan", "nan_to_num"),
    "infinite": ({"images": with_level(np.inf)}, "level inf", "nan_to_num"),
    "up to 255": ({"images": with_level(255.0)}, "level 255", "images / 255"),
    "below nought": ({"images": with_level(-0.5)}, "level -0.5", "images.min()"),
    "above all": ({"images": with_level(300.0, np.float64)}, "level 300", "images.min()"),
    "one hot": ({"labels": np.eye(3)[LABELS]}, "shape (12, 3)", "argmax(axis=1)"),
    "a column": ({"labels": LABELS[:, None]}, "shape (12, 1)", "ravel()"),
    "too few labels": ({"labels": LABELS[:-1]}, "shape (11,)", "one each"),
    "an unknown class": ({"labels": LABELS + 1}, "label 3 (4 of 12", "`classes`"),
    "a fraction": ({"labels": LABELS / 2}, "label 0.5", "`classes`"),
    "words": ({"labels": np.array(CLASSES)[LABELS]}, "such as left", "np.unique"),
    "labels without end": ({"labels": np.zeros((N, 1000))}, "(12, 1000)", "one each"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_one_error_that_tells_what_to_do(path, name):
    arrays, found, remedy = FAULTS[name]
    save(path, **arrays)
    error = refusal(path)
    assert found in error.found
    assert remedy in error.remedy


def test_the_first_bad_picture_is_named(path):
    save(path, images=with_level(2.0))
    assert "picture 7 (counted from 0)" in refusal(path).where


def test_nothing_is_unpickled(path):
    images = np.empty(2, object)
    images[:] = [np.zeros((6, 5)), np.zeros((5, 6))]
    np.savez(path, images=images, labels=LABELS[:2])
    error = refusal(path)
    assert "a pickle, which is never loaded" in error.found
    assert "save images and labels again" in error.remedy


@pytest.mark.parametrize("missing", ["images", "labels"])
def test_a_missing_array_is_named(path, missing):
    arrays = {"images": IMAGES, "labels": LABELS}
    del arrays[missing]
    np.savez(path, **arrays)
    assert f"no array {missing}" in refusal(path).found


def test_parts_of_a_set_in_one_file_are_told_how_to_become_files(path):
    arrays = {"train_images": IMAGES, "train_labels": LABELS, "test_images": IMAGES}
    np.savez(path, **arrays, test_labels=LABELS)
    remedy = refusal(path).remedy
    code = remedy.partition("`")[2].rpartition("`")[0]
    subprocess.run(
        [sys.executable, "-c", f"import numpy as np; {code}"], cwd=path.parent, check=True
    )
    for part in ("train", "test"):
        assert len(open_pictures(path.parent / f"{part}.npz", CLASSES)) == N


def test_keras_mnist_is_told_its_source(tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=IMAGES, y_train=LABELS, x_test=IMAGES, y_test=LABELS)
    assert "{source: mnist, path: " in refusal(path).remedy


def test_a_file_that_is_cut_off_anywhere_is_refused(path):
    save(path)
    whole = path.read_bytes()
    for length in (0, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert "no whole .npz archive" in refusal(path).found


def test_a_changed_byte_is_refused(path):
    np.savez(path, images=IMAGES, labels=LABELS)
    content = bytearray(path.read_bytes())
    content[250] ^= 1
    path.write_bytes(content)
    refusal(path)


def test_a_bomb_is_refused_by_what_it_declares(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("images.npy", "w") as member:
            header = {"descr": "|u1", "fortran_order": False, "shape": (2 * 10**6, 28, 28)}
            np.lib.format.write_array_header_1_0(member, header)
            member.write(bytes(2**20))
        with archive.open("labels.npy", "w") as member:
            np.save(member, LABELS)
        archive.getinfo("images.npy").file_size = 2 * 10**6 * 28 * 28 + 128
    assert "1,568,000,128 bytes packed into" in refusal(path).found


@pytest.mark.parametrize(
    ("content", "found", "remedy"),
    [
        (b"\x89HDF\r\n\x1a\n", "HDF5", "images=images, labels=labels"),
        (b"\x1f\x8b" + bytes(30), "gzip", "gunzip"),
        (b"<!doctype html><title>Sorry</title>", "a web page", "fetch it again"),
    ],
)
def test_other_files_are_told_apart(path, content, found, remedy):
    path.write_bytes(content)
    error = refusal(path)
    assert found in error.found
    assert remedy in error.remedy


def test_a_missing_file_and_a_folder_are_refused(path):
    assert "no such file" in refusal(path).found
    path.mkdir()
    assert "a folder" in refusal(path).found


# What is sound


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_shard_has_the_very_pictures_of_the_file(path, tmp_path, channels, order):
    images = np.random.default_rng(2).integers(0, 256, (N, 6, 5, *channels), np.uint8)
    save(path, images=np.asarray(images, order=order))
    index, _ = index_pictures(path, "mine", CLASSES)
    index.write(tmp_path / "index.npz")
    make_shard(read_inputs("pictures"), path, tmp_path / "shard", tmp_path / "index.npz")
    shard = open_shard(tmp_path / "shard")
    made = shard.arrays["images"]
    assert made.shape == (N, 6, 5, *(channels or (1,)))
    assert made.dtype == np.float32
    assert np.array_equal(made.reshape(images.shape), images.astype(np.float32) / np.float32(255))
    assert np.array_equal(shard.labels, LABELS)
    assert shard.manifest.inputs == "pictures"
    assert JetIndex.read(tmp_path / "index.npz").sha256 == shard.manifest.source.sha256


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_levels_from_0_to_1_stay_as_they_are(path, dtype):
    images = np.random.default_rng(3).random((N, 6, 5)).astype(dtype)
    save(path, images=images)
    read = np.concatenate(list(open_pictures(path).blocks(5)))
    assert np.array_equal(read[..., 0], images.astype(np.float32))


def test_fingerprints_tell_the_same_pixels_and_their_arrangement(path):
    images = IMAGES.copy()
    images[5] = images[2]
    save(path, images=images)
    prints = index_pictures(path, "mine", CLASSES)[0].fingerprints
    assert len(set(prints.tolist())) == N - 1
    assert prints[5] == prints[2]
    turned = np.ones((1, 6, 5, 1), np.float32)
    assert fingerprint(turned) != fingerprint(turned.transpose(0, 2, 1, 3))


def test_pictures_are_no_near_copies_of_each_other(path):
    save(path)
    index, _ = index_pictures(path, "mine", CLASSES)
    assert not index.multiplicities.any()
    assert not index.species.any()


def test_other_arrays_are_named(path):
    save(path, weights=np.ones(N))
    assert open_pictures(path).unread == ("weights",)


def test_only_sound_pictures_are_written(path):
    with pytest.raises(JetlineError, match="label 3"):
        write_pictures(path, IMAGES, LABELS + 1, CLASSES)
    assert not path.exists()
