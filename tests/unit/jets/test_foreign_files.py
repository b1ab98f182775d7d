"""A file that is no jet file is told what it is, and how it becomes one."""

import bz2
import gzip
import io
import lzma
import os
import pickle
import re
import subprocess
import tarfile

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.jets.formats.npz import write_jets
from jetline.jets.reading import open_jets, read_jets


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    constituents = np.zeros((2, 2, 4))
    constituents[:, 0] = [[3.0, 0.1, 1.0, 22], [200.0, -0.2, 6.4, -211]]
    return {"X": constituents, "y": np.array([1, 0])}


def refusal(path) -> JetlineError:
    with pytest.raises(JetlineError) as caught:
        open_jets(path)
    with pytest.raises(JetlineError) as other:
        read_jets(path)
    assert str(caught.value) == str(other.value)
    assert caught.value.where.startswith(str(path))
    return caught.value


def npz(arrays) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def tar(arrays) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo("jets.npz")
        archive.addfile(member)
    return stream.getvalue()


def npy(arrays) -> bytes:
    stream = io.BytesIO()
    np.save(stream, arrays["X"])
    return stream.getvalue()


FOREIGN = {
    "single NumPy array": (npy, "np.load"),
    "gzip": (lambda arrays: gzip.compress(npz(arrays)), "gunzip -c"),
    "bzip2": (lambda arrays: bz2.compress(npz(arrays)), "bunzip2 -c"),
    "xz": (lambda arrays: lzma.compress(npz(arrays)), "unxz -c"),
    "tar": (tar, "tar -xf"),
    "pickle": (lambda arrays: pickle.dumps((arrays["X"], arrays["y"])), "pickle.load"),
    "web page": (lambda arrays: b"<!DOCTYPE html>\n<html><body>Sign in</body>", "fetch it again"),
    "Git LFS": (lambda arrays: b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "text, which begins with 'pt,eta": (lambda arrays: b"pt,eta,phi\n1,2,3\n" * 99, "savez"),
    "no known format": (lambda arrays: bytes(range(256)), "convert it"),
}


@pytest.mark.parametrize("name", ["jets.dat", "jets.npz"])
@pytest.mark.parametrize("what", FOREIGN)
def test_a_foreign_file_is_told_what_it_is_whatever_its_name(tmp_path, arrays, what, name):
    content, remedy = FOREIGN[what]
    path = tmp_path / name
    path.write_bytes(content(arrays))
    error = refusal(path)
    if what == "no known format" and name == "jets.npz":
        what, remedy = "no whole .npz archive", "fetch or make it again"
    assert what in error.found
    assert remedy in error.remedy
    assert ".npz" in error.expected


@pytest.mark.parametrize("what", ["single NumPy array", "pickle"])
def test_the_code_of_the_message_converts_the_file(tmp_path, monkeypatch, arrays, what):
    (tmp_path / "jets.dat").write_bytes(FOREIGN[what][0](arrays))
    np.save(tmp_path / "labels.npy", arrays["y"])
    (code,) = re.findall(r"`([^`]+)`", refusal(tmp_path / "jets.dat").remedy)
    monkeypatch.chdir(tmp_path)
    exec(code, {"np": np})
    jets = read_jets(tmp_path / "jets.npz")
    np.testing.assert_array_equal(jets.constituents, arrays["X"])
    np.testing.assert_array_equal(jets.labels, arrays["y"])


@pytest.mark.parametrize("what", ["gzip", "bzip2", "xz"])
def test_the_command_of_the_message_unpacks_the_file(tmp_path, arrays, what):
    (tmp_path / "jets.npz").write_bytes(FOREIGN[what][0](arrays))
    command = refusal(tmp_path / "jets.npz").remedy.removeprefix("unpack it: ")
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    assert len(read_jets(tmp_path / "jets_converted.npz")) == 2


def test_a_folder_is_told_with_the_jet_files_in_it(tmp_path, arrays):
    folder = tmp_path / "jets.npz"
    folder.mkdir()
    error = refusal(folder)
    assert error.found == "a folder (a directory), with 0 .npz files in it"
    write_jets(folder / "a.npz", arrays["X"], arrays["y"])
    error = refusal(folder)
    assert "with 1 .npz files" in error.found
    assert f"{folder}/*.npz" in error.remedy


def test_a_file_that_may_not_be_read_is_told_as_such(tmp_path, arrays):
    path = tmp_path / "jets.npz"
    write_jets(path, arrays["X"], arrays["y"])
    path.chmod(0)
    root = os.geteuid() == 0
    if root:  # who may read everything
        os.seteuid(65534)
    try:
        error = refusal(path)
    finally:
        if root:
            os.seteuid(0)
    assert "may not be read (Permission denied)" in error.found
    assert f"chmod u+r {path}" in error.remedy
