"""A jet file from a stranger fills no memory and writes nothing: refused by what it declares."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays
from jetline.jets.reading import open_jets, read_jets, unread_arrays

JETS = np.tile(np.array([3.0, 0.1, 1.0, 22], np.float32), (50, 6, 1))
LABELS = np.arange(50) % 2


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def declared(shape: tuple[int, ...], descr: str) -> bytes:
    """Write the header of an array of that shape, and none of its content."""
    stream = io.BytesIO()
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue()


def write(path, members, packing=zipfile.ZIP_DEFLATED, zeros=None):
    """Write an archive; `zeros` says how many bytes of zeros a member ends with."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in members:
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(content)
                left = (zeros or {}).get(name, 0)
                while left > 0:
                    left -= member.write(bytes(min(left, 2**26)))


def whole():
    return [("X.npy", npy(JETS)), ("y.npy", npy(LABELS))]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "jets.npz"


def refusal(path) -> JetlineError:
    with pytest.raises(JetlineError) as caught:
        open_jets(path)
    with pytest.raises(JetlineError, match="found: "):
        read_jets(path)
    assert str(path) in caught.value.where
    return caught.value


@pytest.fixture(scope="module")
def bomb(tmp_path_factory):
    """An archive of some MB whose X has 1.5 GB."""
    path = tmp_path_factory.mktemp("bomb") / "bomb.npz"
    jets = 15 * 10**6
    content = declared((jets, 6, 4), "<f4")
    write(path, [("X.npy", content)], zeros={"X.npy": jets * 96})
    return path


def test_an_array_packed_more_tightly_than_jets_can_be_is_refused(bomb):
    error = refusal(bomb)
    assert bomb.stat().st_size < 2_000_000
    assert "array X" in error.where
    assert "1,440,000,128 bytes packed into" in error.found
    assert "a stranger's" in error.remedy


def test_our_own_archives_are_read_within_the_same_bounds(bomb):
    with pytest.raises(JetlineError, match="packed into"):
        read_arrays(bomb)


@pytest.mark.parametrize(
    ("shape", "descr"),
    [
        ((50, 1000), "|u1"),
        ((10**6,), "<f8"),
        ((50,), "<U1000"),
        ((50, 10**5), "|S0"),
        ((10**12, 0), "<f8"),
    ],
)
def test_labels_that_are_larger_than_labels_are_not_read(path, shape, descr):
    size = int(np.prod(shape)) * np.dtype(descr).itemsize
    write(path, [whole()[0], ("y.npy", declared(shape, descr))], zeros={"y.npy": size})
    error = refusal(path)
    assert "array y" in error.where
    assert f"shape {shape}" in error.found
    assert error.expected == "(50,), one label a jet"


LITTLE_MEMORY = """
import resource, sys
from jetline.core.errors import JetlineError
from jetline.jets.reading import open_jets
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
try:
    open_jets(sys.argv[1])
except JetlineError as error:
    print(error)
"""


def test_labels_of_a_gigabyte_are_refused_in_little_memory(path):
    content = declared((10**9,), "|u1")
    write(path, [whole()[0], ("y.npy", content)], zeros={"y.npy": 10**9})
    assert path.stat().st_size < 2_000_000
    run = subprocess.run(
        [sys.executable, "-c", LITTLE_MEMORY, str(path), str(900 * 2**20)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"},
    )
    assert "shape (1000000000,) of uint8, for 50 jets" in run.stdout, run.stderr


@pytest.mark.parametrize("name", ["X", "weights"])
def test_a_header_that_is_longer_than_any_is_not_read(path, name):
    # Version 2 gives four bytes to the header's length.
    content = b"\x93NUMPY\x02\x00" + (500 * 2**20).to_bytes(4, "little")
    members = [one for one in whole() if one[0] != f"{name}.npy"] + [(f"{name}.npy", content)]
    write(path, members, zeros={f"{name}.npy": 500 * 2**20})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if name == "X":
        assert "a header of more than 16,384 bytes" in refusal(path).found
    else:
        assert "nothing reads weights:" in unread_arrays(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


@pytest.mark.parametrize(
    ("packing", "told"), [(zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "lzma")]
)
def test_what_is_packed_as_numpy_never_does_is_refused(path, packing, told):
    write(path, whole(), packing)
    error = refusal(path)
    assert error.found == f"packed by {told}"
    assert "np.savez_compressed" in error.remedy


def test_more_constituents_than_a_jet_has_are_refused_and_the_line_mends_it(path):
    wide = np.zeros((3, 5000, 4), np.float32)
    wide[:, :2] = JETS[:3, :2]
    wide[:, 1, 0] = [1, 4, 2]
    write(path, [("X.npy", npy(wide)), ("y.npy", npy(LABELS[:3]))])
    error = refusal(path)
    assert error.found == "shape (3, 5000, 4)"
    names = {"X": wide, "np": np}
    exec(error.remedy.split("`")[1], names)
    np.savez_compressed(path, X=names["X"], y=LABELS[:3])
    read = read_jets(path)
    assert read.constituents.shape == (3, 4096, 4)
    np.testing.assert_array_equal(read.multiplicities, [2, 2, 2])


def test_jets_of_much_padding_are_read_in_smaller_blocks(path):
    wide = np.zeros((3000, 4000, 4), np.float32)
    wide[:, :6] = JETS[0]
    np.savez_compressed(path, X=wide)
    sizes = [block.nbytes for block in open_jets(path).blocks(3000)]
    assert sum(sizes) == wide.nbytes
    assert max(sizes) <= 2**26


@pytest.mark.parametrize("name", ["../y.npy", "/y.npy", "y/../../y.npy", "..\\y.npy"])
def test_a_member_by_a_path_is_unread_and_nothing_is_written(tmp_path, name):
    inside = tmp_path / "inside"
    inside.mkdir()
    path = inside / "jets.npz"
    write(path, [whole()[0], (name, npy(LABELS))])
    before = sorted(tmp_path.rglob("*"))
    assert (read_jets(path).labels == 255).all()
    assert name.removesuffix(".npy") in unread_arrays(path)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["X.npy", "y.npy"])
def test_a_symbolic_link_as_a_member_is_followed_nowhere(tmp_path, path, name):
    (tmp_path / "secret.npy").write_bytes(npy(LABELS))
    link = zipfile.ZipInfo(name)
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        for other, content in whole():
            if other != name:
                archive.writestr(other, content)
        archive.writestr(link, str(tmp_path / "secret.npy"))
    error = refusal(path)
    assert f"array {name[0]}" in error.where
    assert "no NumPy array" in error.found


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["X.npy", "y.npy"])
def test_an_array_that_is_there_twice_is_refused(path, name):
    write(path, [*whole(), *(one for one in whole() if one[0] == name)])
    assert refusal(path).found == f"2 arrays {name[0]}"


def test_an_archive_of_very_many_members_is_refused(path):
    write(path, [*whole(), *((f"{number}.npy", b"") for number in range(999))])
    assert refusal(path).found == "1,001 arrays"


def test_a_member_that_is_larger_than_its_archive_is_refused(path):
    content = declared((10**12, 6, 4), "<f4")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X.npy", content)
        archive.filelist[0].file_size = archive.filelist[0].compress_size = 10**12 * 96 + 128
    assert "in an archive of" in refusal(path).found
