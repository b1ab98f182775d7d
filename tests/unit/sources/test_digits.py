"""Handwritten digits: MNIST from a server, a copy or not at all, and those of scikit-learn."""

from __future__ import annotations

import dataclasses
import hashlib
import io

import numpy as np
import pytest

from downloads import closed_port
from file_server import drop, serving
from jetline.core.errors import JetlineError
from jetline.pictures.reading import open_pictures
from jetline.sources import mnist
from jetline.sources.digits import DigitsSource, enlarged
from jetline.sources.made_pictures import DIGITS
from jetline.sources.mnist import MnistSource


def keras_file() -> bytes:
    """A file as Keras' mnist.npz is, of few pictures that tell their numbers."""
    stream = io.BytesIO()
    arrays = {}
    for part, n, start in (("train", 100, 0), ("test", 30, 100)):
        images = np.zeros((n, 28, 28), np.uint8)
        images[:, 3, 4] = np.arange(start, start + n)
        arrays |= {f"x_{part}": images, f"y_{part}": (np.arange(n) % 10).astype(np.uint8)}
    np.savez(stream, **arrays)
    return stream.getvalue()


@pytest.fixture
def served(monkeypatch):
    """Serve such a file in place of MNIST, after a connection that broke."""
    whole = keras_file()
    with serving(whole, drop(0.5)) as server:
        file = dataclasses.replace(
            mnist.MNIST,
            size=len(whole),
            sha256=hashlib.sha256(whole).hexdigest(),
            address=f"{server.address}/mnist.npz",
        )
        monkeypatch.setattr(mnist, "MNIST", file)
        yield server


def numbers(path) -> list[int]:
    (block,) = open_pictures(path, DIGITS).blocks(1000)
    return np.rint(block[:, 3, 4, 0] * 255).astype(int).tolist()


def three(folder) -> list[list[int]]:
    return [numbers(folder / f"{part}.npz") for part in ("train", "validation", "test")]


DEALT = [list(range(90)), list(range(90, 100)), list(range(100, 130))]


def test_mnist_is_downloaded_once_and_dealt_as_keras_does(served, tmp_path, capsys):
    source = MnistSource(source="mnist")
    source.write(tmp_path)
    assert three(tmp_path) == DEALT
    assert served.ranges[0] is None
    assert served.ranges[1].startswith("bytes=")
    source.write(tmp_path)
    assert len(served.asked) == 2
    assert "there already, sha256 right" in capsys.readouterr().out


@pytest.mark.usefixtures("served")
def test_a_copy_of_mnist_is_read_where_it_lies(tmp_path):
    copy = tmp_path / "elsewhere.npz"
    copy.write_bytes(keras_file())
    folder = tmp_path / "made"
    MnistSource(source="mnist", path=str(copy)).write(folder)
    assert three(folder) == DEALT
    assert not (folder / "mnist.npz").exists()


@pytest.mark.usefixtures("served")
def test_another_file_is_not_taken_for_mnist(tmp_path):
    copy = tmp_path / "mnist.npz"
    copy.write_bytes(keras_file() + b"x")
    with pytest.raises(JetlineError, match="another file than Keras'") as caught:
        MnistSource(source="mnist", path=str(copy)).write(tmp_path / "made")
    assert "`source: pictures`" in caught.value.remedy
    with pytest.raises(JetlineError, match="no such file"):
        MnistSource(source="mnist", path="nowhere.npz").write(tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_without_a_network_the_error_tells_how_to_fetch_mnist_by_hand(tmp_path, monkeypatch):
    address = f"http://127.0.0.1:{closed_port()}/mnist.npz"
    monkeypatch.setattr(mnist, "MNIST", dataclasses.replace(mnist.MNIST, address=address))
    monkeypatch.setattr("jetline.sources.zenodo.transfer.Patience.first_wait", 0.01, raising=True)
    with pytest.raises(JetlineError) as caught:
        MnistSource(source="mnist").write(tmp_path)
    assert "no network" in caught.value.found
    assert address in caught.value.remedy
    assert "`path` of the dataset (source: mnist)" in caught.value.remedy
    assert "zenodo" not in caught.value.remedy
    assert list(tmp_path.glob("*.npz")) == []


def test_the_file_is_that_of_keras():
    source = pytest.importorskip("keras.src.datasets").__path__[0]
    with open(f"{source}/mnist.py", encoding="utf-8") as stream:  # noqa: PTH123
        text = stream.read()
    folder, name = mnist.MNIST.address.rsplit("/", 1)
    assert mnist.MNIST.sha256 in text
    assert f'"{folder}/"' in text
    assert name in text


def test_scikit_learns_digits_are_the_same_everywhere_and_always(tmp_path):
    source = DigitsSource(source="digits")
    digest, count = hashlib.sha256(), 0
    for path in source.write(tmp_path):
        with np.load(path, allow_pickle=False) as archive:
            count += len(archive["labels"])
            digest.update(archive["images"].tobytes() + archive["labels"].tobytes())
    assert count == source.pictures == 1797
    assert digest.hexdigest() == "2e82906a6ff8a9743735fac65e6c47b7a01d7ab96cc4d57bb7be2d0403fd844b"


def test_digits_fill_the_middle_as_those_of_mnist_do():
    small = np.zeros((2, 8, 8), np.int64)
    small[0] = 16
    small[1, :, :4] = 16
    large = enlarged(small)
    assert large.shape == (2, 28, 28)
    assert (large[0, 4:24, 4:24] == 255).all()
    assert not large[0].sum() - large[0, 4:24, 4:24].sum()
    # Linear from the middle of the fourth pixel to that of the fifth.
    assert large[1, 14, 4:24].tolist() == [255] * 9 + [179, 77] + [0] * 9
