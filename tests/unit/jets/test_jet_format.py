"""The jet file format: what is read, what is refused, and the error messages."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from jetline.core.classes import UNLABELLED
from jetline.core.errors import JetlineError
from jetline.jets.formats import JET_FORMATS
from jetline.jets.formats.npz import write_jets
from jetline.jets.reading import format_by_name, open_jets, read_jets
from jetline.jets.species import PDG_IDS

#: A photon, a pion, and an electron.
ROWS = np.array([[3.0, 0.1, 1.0, 22], [200.0, -0.2, 6.4, -211], [0.5, 0.3, -0.2, 11]])


def three_jets(dtype=np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Jets of three, one and two constituents."""
    constituents = np.zeros((3, 3, 4), dtype)
    for jet, multiplicity in enumerate((3, 1, 2)):
        constituents[jet, :multiplicity] = ROWS[:multiplicity]
    return constituents, np.array([1.0, 0.0, 1.0])


def refusal(path: Path) -> JetlineError:
    with pytest.raises(JetlineError) as caught:
        read_jets(path)
    error = caught.value
    assert str(path) in error.where
    assert error.found
    assert error.expected
    assert error.remedy
    return error


def refusal_of(path: Path, constituents: np.ndarray, labels: np.ndarray) -> JetlineError:
    """Refusal of such a jet file; writing it through the package is refused alike."""
    with pytest.raises(JetlineError) as caught:
        write_jets(path, constituents, labels)
    assert not path.exists()
    np.savez_compressed(path, X=constituents, y=labels)
    error = refusal(path)
    assert str(error) == str(caught.value)
    return error


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "jets.npz"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_jets_come_back_bit_for_bit(path, dtype):
    constituents, labels = three_jets(dtype)
    write_jets(path, constituents, labels)
    jets = read_jets(path)
    assert jets.constituents.dtype == dtype
    np.testing.assert_array_equal(jets.constituents, constituents)
    np.testing.assert_array_equal(jets.labels, [1, 0, 1])
    assert jets.labels.dtype == np.uint8
    assert len(jets) == 3


def test_padding_counts_in_no_multiplicity(path):
    write_jets(path, *three_jets())
    np.testing.assert_array_equal(read_jets(path).multiplicities, [3, 1, 2])


def test_every_species_of_the_benchmark_is_known(path):
    constituents = np.zeros((1, len(PDG_IDS), 4))
    constituents[0, :, 0] = 1
    constituents[0, :, 3] = PDG_IDS
    write_jets(path, constituents, np.array([1]))
    assert len(PDG_IDS) == 14
    np.testing.assert_array_equal(read_jets(path).constituents[0, :, 3], PDG_IDS)


def test_a_file_without_labels_is_read_as_unlabelled(path):
    constituents, _ = three_jets()
    np.savez(path, X=constituents)
    np.testing.assert_array_equal(read_jets(path).labels, [UNLABELLED] * 3)


# Files that are no jet files


def test_a_missing_file_is_named(path):
    assert "no such file" in refusal(path).found


def test_an_empty_file_is_told_by_its_size(path):
    path.touch()
    error = refusal(path)
    assert "0 bytes" in error.found
    assert "fetch or make it again" in error.remedy


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_file_cut_off_is_refused(path, kept):
    write_jets(path, *three_jets())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    error = refusal(path)
    assert "no whole .npz archive" in error.found
    assert "cut off" in error.remedy


def test_a_flipped_bit_never_changes_a_jet_unnoticed(path):
    constituents, _ = three_jets()
    np.savez(path, X=constituents)
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << (place % 8)
        path.write_bytes(damaged)
        try:
            jets = read_jets(path)
        except JetlineError:
            continue
        np.testing.assert_array_equal(jets.constituents, constituents)


def test_an_archive_without_constituents_is_told_what_it_has(path):
    np.savez(path, jets=three_jets()[0], y=three_jets()[1])
    error = refusal(path)
    assert "array X" in error.where
    assert "the file has jets, y" in error.found


def test_a_member_that_is_no_array_is_refused(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X.npy", b"not an array at all")
    error = refusal(path)
    assert "array X" in error.where
    assert "no NumPy array" in error.found


# Pickles


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["X", "y"])
def test_nothing_is_ever_unpickled(path, tmp_path, name):
    trap = tmp_path / "unpickled"
    arrays = dict(zip("Xy", three_jets(), strict=True))
    arrays[name] = np.array([Bomb(trap)] * 3, dtype=object)
    np.savez(path, **arrays)
    error = refusal(path)
    assert f"array {name}" in error.where
    assert "a pickle, which is never loaded" in error.found
    assert not trap.exists()
    with np.load(path, allow_pickle=True) as archive:
        archive[name]  # the trap does work
    assert trap.exists()


# Declared shapes


def npy(shape: tuple[int, ...], content: bytes) -> bytes:
    """An .npy of float32 whose header declares `shape`, whatever it holds."""
    stream = io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + content


@pytest.mark.parametrize("shape", [(4, 3, 4), (2, 3, 4), (10**12, 3, 4), (-3, 3, 4)])
def test_a_header_that_lies_about_the_shape_is_refused(path, shape):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X.npy", npy(shape, three_jets()[0].tobytes()))
    error = refusal(path)
    assert "array X" in error.where
    assert f"shape {shape}" in error.found
    assert "over 144 bytes of data" in error.found


def forge(path: Path, shape: tuple[int, ...]) -> None:
    """Write an archive whose directory backs up the header's lie about X's size."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("X.npy", npy(shape, three_jets()[0].tobytes()))
        archive.filelist[0].file_size = len(npy(shape, b"")) + 4 * int(np.prod(shape))


def test_an_array_that_ends_early_is_refused(path):
    forge(path, (1000, 3, 4))
    assert "Incorrect length" in refusal(path).found


@pytest.mark.parametrize("shape", [(3, 12), (3, 3, 5), (3, 4), (0, 3, 4), (3, 0, 4), (3, 3, 4, 1)])
def test_constituents_of_another_shape_are_refused(path, shape):
    error = refusal_of(path, np.ones(shape), np.ones(shape[0]))
    assert "array X" in error.where
    assert f"shape {shape}" in error.found
    assert "(n_jets, M, 4)" in error.expected


@pytest.mark.parametrize("dtype", [np.float16, np.int64, ">f4"])
def test_constituents_of_another_dtype_are_refused(path, dtype):
    error = refusal_of(path, three_jets()[0].astype(dtype), three_jets()[1])
    assert "dtype" in error.found
    assert error.expected == "float32 or float64"


def test_complex_constituents_and_text_are_refused(path):
    for dtype in (np.complex128, "U8"):
        np.savez(path, X=three_jets()[0].astype(dtype))
        assert "dtype" in refusal(path).found


# Values, each spoilt in jet 2 (the last), constituent 1 unless told otherwise


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    ("column", "quantity"), [(0, "pT"), (1, "rapidity"), (2, "azimuth"), (3, "PDG id")]
)
def test_numbers_that_are_not_finite_are_refused(path, value, column, quantity):
    constituents, labels = three_jets()
    constituents[2, 1, column] = value
    error = refusal_of(path, constituents, labels)
    assert "array X, jet 2, constituent 1" in error.where
    assert f"{quantity} {value:g} (1 of 3 jets" in error.found
    assert error.expected == "a finite number"
    assert "leave these jets out" in error.remedy


def test_a_negative_transverse_momentum_is_refused(path):
    constituents, labels = three_jets()
    constituents[2, 1, 0] = -7.5
    error = refusal_of(path, constituents, labels)
    assert "array X, jet 2, constituent 1" in error.where
    assert "pT -7.5 (1 of 3 jets" in error.found
    assert error.expected == "pT >= 0 GeV"
    assert "leave these jets out" in error.remedy


@pytest.mark.parametrize("pdg_id", [12, 310, 111, -22, 0, 22.5])
def test_a_species_that_reaches_no_detector_is_refused(path, pdg_id):
    constituents, labels = three_jets()
    constituents[2, 1, 3] = pdg_id
    error = refusal_of(path, constituents, labels)
    assert "array X, jet 2, constituent 1" in error.where
    assert f"PDG id {pdg_id:g} (1 of 3 jets" in error.found
    assert "one of 22, 211, -211" in error.expected
    assert "decay unstable particles" in error.remedy


def test_padding_in_front_is_refused(path):
    constituents, labels = three_jets()
    constituents[2] = constituents[2, ::-1]
    error = refusal_of(path, constituents, labels)
    assert "array X, jet 2, constituent 0" in error.where
    assert "padding before a constituent" in error.found
    assert error.expected == "padding only after the last constituent"
    assert "move the rows of zeros to the end" in error.remedy


@pytest.mark.parametrize("column", [1, 2, 3])
def test_padding_that_is_not_zero_is_refused(path, column):
    constituents, labels = three_jets()
    constituents[2, 2, column] = 22
    error = refusal_of(path, constituents, labels)
    assert "array X, jet 2, constituent 2" in error.where
    assert "beside pT 0 (1 of 3 jets" in error.found
    assert "zeros alone for padding" in error.expected
    assert "leave these jets out" in error.remedy


def test_a_jet_without_constituents_is_refused(path):
    constituents, labels = three_jets()
    constituents[1] = 0
    error = refusal_of(path, constituents, labels)
    assert "array X, jet 1, constituent 0" in error.where
    assert "a jet without constituents" in error.found
    assert error.expected == "one constituent or more"
    assert "leave these jets out" in error.remedy


def test_the_first_bad_jet_is_named_and_the_bad_jets_are_counted(path):
    constituents, labels = three_jets()
    constituents[[1, 2], 0, 3] = 14
    error = refusal_of(path, constituents, labels)
    assert "jet 1, constituent 0" in error.where
    assert "(2 of 3 jets" in error.found


@pytest.mark.parametrize("label", [2, -1, 0.5, np.nan])
def test_a_label_other_than_nought_and_one_is_refused(path, label):
    constituents, labels = three_jets()
    labels[2] = label
    error = refusal_of(path, constituents, labels)
    assert "array y, jet 2" in error.where
    assert f"label {label:g} (1 of 3 jets" in error.found
    assert error.expected == "1 for a quark jet, 0 for a gluon jet"
    assert "relabel the jets" in error.remedy


@pytest.mark.parametrize("shape", [(2,), (3, 1), (3, 2), ()])
def test_labels_that_do_not_match_the_jets_are_refused(path, shape):
    error = refusal_of(path, three_jets()[0], np.ones(shape))
    assert "array y" in error.where
    assert f"shape {shape}" in error.found
    assert "(3,), one label a jet" in error.expected


# Writing

WRITE = """
import resource, sys
import numpy as np
from jetline.jets.formats.npz import write_jets

constituents = np.random.default_rng(1).uniform(1, 2, (1000, 50, 4))
constituents[..., 3] = 22
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    write_jets(sys.argv[1], constituents, np.ones(1000))
except OSError as error:
    sys.exit(error.errno)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_a_write_that_finds_no_room_leaves_nothing_behind(path):
    write_jets(path, *three_jets())
    before = path.read_bytes()
    for target in (path, path.with_name("new.npz")):
        command = [sys.executable, "-c", WRITE, str(target), "100000"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 27, done.stderr  # EFBIG
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_write_with_room_succeeds_where_the_limit_is_higher(path):
    command = [sys.executable, "-c", WRITE, str(path), "10000000"]
    subprocess.run(command, check=True)
    assert len(read_jets(path)) == 1000


# Block by block


def many_jets(n_jets: int = 1000, dtype=np.float64) -> tuple[np.ndarray, np.ndarray]:
    """Jets of one to nine pions, unsorted."""
    rng = np.random.default_rng(3)
    constituents = np.zeros((n_jets, 9, 4), dtype)
    real = np.arange(9) < rng.integers(1, 10, n_jets)[:, None]
    constituents[real] = rng.uniform(0.1, 9, (int(real.sum()), 4))
    constituents[real, 3] = 211
    return constituents, rng.integers(0, 2, n_jets)


def save_stored(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    np.savez(path, X=constituents, y=labels)


def save_deflated(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    np.savez_compressed(path, X=constituents, y=labels)


def save_fortran(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    np.savez_compressed(path, X=np.asfortranarray(constituents), y=labels)


def save_behind_other_bytes(path: Path, constituents: np.ndarray, labels: np.ndarray) -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, X=constituents, y=labels)
    path.write_bytes(b"#!/bin/sh\n" * 100 + stream.getvalue())


SAVES = [save_stored, save_deflated, save_fortran, save_behind_other_bytes]


@pytest.mark.parametrize("save", SAVES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("jets", [1, 7, 500, 1000, 5000])
def test_blocks_are_the_jets_of_the_file_in_their_order(path, save, dtype, jets):
    constituents, labels = many_jets(dtype=dtype)
    save(path, constituents, labels)
    opened = open_jets(path)
    assert len(opened) == 1000
    assert opened.shape == constituents.shape
    blocks = [block.copy() for block in opened.blocks(jets)]
    assert {len(block) for block in blocks[:-1]} <= {jets}
    assert blocks[0].dtype == dtype
    np.testing.assert_array_equal(np.concatenate(blocks), constituents)
    np.testing.assert_array_equal(opened.labels, labels)
    np.testing.assert_array_equal(read_jets(path).constituents, constituents)


def test_a_file_with_the_records_of_a_very_large_one_is_read(path, monkeypatch):
    constituents, labels = many_jets(100)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    save_deflated(path, constituents, labels)
    monkeypatch.undo()
    assert b"PK\x06\x06" in path.read_bytes()  # the end of a zip64 directory
    np.testing.assert_array_equal(np.concatenate([*open_jets(path).blocks(100)]), constituents)


@pytest.mark.parametrize("save", [save_stored, save_deflated])
def test_a_wrong_checksum_is_told_before_the_last_block(path, save):
    save(path, *many_jets())
    with zipfile.ZipFile(path) as archive:
        checksum = archive.getinfo("X.npy").CRC.to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(checksum, b"\x01\x02\x03\x04"))
    given = []
    with pytest.raises(JetlineError) as caught:
        given.extend(len(block) for block in open_jets(path).blocks(300))
    assert sum(given) < 1000
    assert "no whole .npz archive" in caught.value.found
    assert "checksum" in caught.value.found or "CRC" in caught.value.found


def test_a_bad_jet_in_a_later_block_is_named_by_its_number_in_the_file(path):
    constituents, labels = many_jets()
    constituents[[730, 750], 0, 3] = 14
    save_deflated(path, constituents, labels)
    with pytest.raises(JetlineError) as caught:
        for _ in open_jets(path).blocks(100):
            pass
    assert f"{path}, array X, jet 730, constituent 0" in caught.value.where
    assert "(2 of 100 jets from jet 700 on have such)" in caught.value.found
    assert "jet 730, constituent 0" in refusal(path).where


@pytest.mark.parametrize("labels", [np.ones(999), np.full(1000, 0.5)])
def test_labels_are_validated_before_a_block_is_read(path, labels):
    save_deflated(path, many_jets()[0], labels)
    with pytest.raises(JetlineError, match="array y"):
        open_jets(path)


def test_what_a_faster_check_calls_sound_is_not_looked_at_again_and_the_rest_is(path):
    constituents, labels = many_jets()
    constituents[50, 0, 3] = 14
    save_deflated(path, constituents, labels)
    assert len([*open_jets(path).blocks(100, lambda block: True)]) == 10
    with pytest.raises(JetlineError, match="jet 50"):
        next(open_jets(path).blocks(100, lambda block: 14 not in block))


# Formats


def test_a_file_is_known_by_its_content_and_only_then_by_its_name(tmp_path):
    path = tmp_path / "jets.npz"
    write_jets(path, *three_jets())
    renamed = path.rename(tmp_path / "jets.txt")
    assert len(read_jets(renamed)) == len(open_jets(renamed)) == 3


@pytest.mark.parametrize(
    ("name", "expected"), [("jets.npz", "npz"), ("folder/JETS.NPZ", "npz"), ("jets.txt", None)]
)
def test_a_name_tells_the_format_before_there_is_a_file(name, expected):
    assert format_by_name(name) == expected


def test_every_format_says_how_it_is_known():
    for kind in JET_FORMATS.values():
        assert kind.endings
        assert all(ending.startswith(".") and ending.islower() for ending in kind.endings)
        assert all(kind.beginnings)
