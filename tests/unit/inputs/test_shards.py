"""Shards are complete or absent, and the error for a damaged one says what to do."""

import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from xxhash import xxh3_128

from jetline.core.classes import UNLABELLED
from jetline.core.errors import JetlineError
from jetline.core.files import sha256_of
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.shards import HASH, MANIFEST, Shard, open_shard, save_array, save_blocks
from jetline.jets.formats.npz import write_jets
from jetline.jets.index import index_jets
from jetline.records.manifest import JetSource

LABELS = np.array([1, 0, 0, 1, 1])


@pytest.fixture
def jets_file(tmp_path) -> Path:
    """Five jets of one to five photons."""
    constituents = np.zeros((5, 6, 4), np.float32)
    for n, jet in enumerate(constituents, start=1):
        jet[:n] = [[10.0 * n + k, 0.1 * k, 3 + 0.1 * k, 22] for k in range(n)]
    path = tmp_path / "jets.npz"
    write_jets(path, constituents, LABELS)
    return path


@pytest.fixture
def folder(jets_file, tmp_path) -> Path:
    """A shard of particles."""
    make_shard(Particles(), jets_file, tmp_path / "shard")
    return tmp_path / "shard"


def refusal(folder: Path, named: str, *, verify: bool = True) -> JetlineError:
    with pytest.raises(JetlineError) as caught:
        open_shard(folder, verify=verify)
    error = caught.value
    assert error.where == str(folder / named)
    assert error.found
    assert error.expected
    begun = folder.exists() and any(folder.iterdir())
    assert (f"remove the folder {folder}" if begun else "run the workflow") in error.remedy
    return error


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# Whole shards


def test_a_jet_file_with_an_index_is_not_hashed_again(jets_file, tmp_path):
    # SHA-256 is slow; that it is still the same file is told by XXH3.
    index = index_jets(jets_file, "jets")
    dataclasses.replace(index, sha256="of the index").write(tmp_path / "index.npz")
    make_shard(Images("pt", RECIPES["pt"]), jets_file, tmp_path / "shard", tmp_path / "index.npz")
    assert open_shard(tmp_path / "shard").manifest.source.sha256 == "of the index"


@pytest.mark.parametrize("verify", [False, True])
def test_a_shard_opens_as_it_was_written(folder, jets_file, verify):
    shard = open_shard(folder, verify=verify)
    assert isinstance(shard, Shard)
    assert len(shard) == 5
    np.testing.assert_array_equal(shard.labels, LABELS)
    np.testing.assert_array_equal(shard.arrays["offsets"], [0, 1, 3, 6, 10, 15])
    np.testing.assert_array_equal(
        shard.arrays["particles"][1:3], np.float32([[21, 0.1, 3.1, 22], [20, 0, 3, 22]])
    )
    assert shard.manifest.source == JetSource(file=str(jets_file), sha256=sha256_of(jets_file))
    assert shard.manifest.jets == {"0": 2, "1": 3}
    assert names(folder) == {"particles.npy", "offsets.npy", "labels.npy", MANIFEST}


def test_an_opened_shard_is_mapped_and_cannot_be_changed(folder):
    for array in (open_shard(folder).labels, *open_shard(folder).arrays.values()):
        assert isinstance(array, np.memmap)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_a_shard_of_unlabelled_jets_counts_them_as_such(tmp_path):
    np.savez(tmp_path / "jets.npz", X=np.float32([[[5.0, 0, 3, 22]], [[6, 0, 3, 22]]]))
    make_shard(Images("pt", RECIPES["pt"]), tmp_path / "jets.npz", tmp_path / "shard")
    shard = open_shard(tmp_path / "shard")
    np.testing.assert_array_equal(shard.labels, [UNLABELLED] * 2)
    assert shard.manifest.jets == {"255": 2}


def test_the_same_jets_make_the_same_bytes(jets_file, folder, tmp_path):
    make_shard(Particles(), jets_file, tmp_path / "again")
    for name in names(folder):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_a_folder_used_for_other_inputs_before_holds_the_new_shard_alone(folder, jets_file):
    make_shard(Images("pt", RECIPES["pt"]), jets_file, folder)
    shard = open_shard(folder, verify=True)
    assert set(shard.arrays) == {"images"}
    assert shard.manifest.inputs == "images/pt"


def test_the_leftovers_of_a_killed_step_do_not_enter_a_shard(jets_file, folder):
    leftover = folder / ".particles.4711.part.npy"
    leftover.write_bytes(b"half an array")
    make_shard(Particles(), jets_file, folder)
    assert set(open_shard(folder, verify=True).arrays) == {"particles", "offsets"}


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint8])
def test_an_array_saved_in_blocks_is_an_ordinary_npy_file(tmp_path, dtype):
    array = np.arange(60).reshape(10, 3, 2).astype(dtype)
    save_blocks(tmp_path, "whole", array.shape, array.dtype, np.split(array, [4, 9]))
    save_array(tmp_path, "turned", array[::-1, :, ::-1])
    whole = np.load(tmp_path / "whole.npy", allow_pickle=False)
    assert whole.dtype == dtype
    np.testing.assert_array_equal(whole, array)
    turned = np.load(tmp_path / "turned.npy", allow_pickle=False)
    np.testing.assert_array_equal(turned, array[::-1, :, ::-1])


# Damage


def test_a_folder_without_manifest_is_no_shard(folder):
    (folder / MANIFEST).unlink()
    assert refusal(folder, MANIFEST).found == "no such file"


def test_a_folder_that_is_not_there_is_no_shard(tmp_path):
    refusal(tmp_path / "nowhere", MANIFEST)


@pytest.mark.parametrize("content", ["", "{", "\x00\x01", '{"arrays": {"labels"'])
def test_a_manifest_that_is_not_json_is_refused(folder, content):
    (folder / MANIFEST).write_text(content)
    assert "not JSON" in refusal(folder, MANIFEST).found


@pytest.mark.parametrize("content", ["[]", "3"])
def test_json_that_is_no_manifest_is_refused(folder, content):
    (folder / MANIFEST).write_text(content)
    assert "a valid dictionary" in refusal(folder, MANIFEST).found


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("arrays", None, "arrays: field required"),
        ("arrays", ["labels"], "arrays: input should be a valid dictionary"),
        ("arrays", {}, "a manifest without labels"),
        ("source", {"file": "jets.npz"}, "source.sha256: field required"),
        ("colour", "blue", "colour: extra inputs are not permitted"),
    ],
)
def test_a_manifest_with_a_wrong_or_missing_key_is_refused(folder, key, value, found):
    manifest = json.loads((folder / MANIFEST).read_text()) | {key: value}
    if value is None:
        del manifest[key]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    assert refusal(folder, MANIFEST).found == found


@pytest.mark.parametrize("name", ["particles", "offsets", "labels"])
def test_a_missing_array_is_named(folder, name):
    (folder / f"{name}.npy").unlink()
    assert refusal(folder, f"{name}.npy").found == "no such file"


@pytest.mark.parametrize("name", ["particles", "offsets", "labels"])
@pytest.mark.parametrize("kept", [0, 5, 100, -1])
def test_an_array_cut_off_is_refused_without_reading_it(folder, name, kept):
    path = folder / f"{name}.npy"
    path.write_bytes(path.read_bytes()[:kept])
    assert "unreadable" in refusal(folder, f"{name}.npy", verify=False).found


def test_a_shard_whose_manifest_has_no_hash_is_refused(folder):
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest["arrays"]["labels"][HASH]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    assert refusal(folder, MANIFEST).found == f"arrays.labels.{HASH}: field required"


@pytest.mark.parametrize("name", ["particles", "offsets", "labels"])
def test_another_array_of_the_same_shape_is_found_by_its_hash(folder, name):
    path = folder / f"{name}.npy"
    other = np.load(path)
    other[-1] = 0
    np.save(path, other)
    open_shard(folder, verify=False)
    error = refusal(folder, f"{name}.npy")
    assert xxh3_128(path.read_bytes()).hexdigest() in error.found
    assert json.loads((folder / MANIFEST).read_text())["arrays"][name][HASH] in error.expected


def test_an_array_of_another_shape_or_dtype_is_refused_without_reading_it(folder):
    path = folder / "labels.npy"
    np.save(path, np.ones(4, np.uint8))
    assert "[4]" in refusal(folder, "labels.npy", verify=False).found
    np.save(path, np.ones(5, np.float64))
    assert "float64" in refusal(folder, "labels.npy", verify=False).found


def test_a_flipped_bit_is_never_read_unnoticed(folder):
    path = folder / "labels.npy"
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << (place % 8)
        path.write_bytes(damaged)
        refusal(folder, "labels.npy")


@pytest.mark.parametrize("name", ["particles", "offsets", "labels"])
def test_bytes_behind_an_array_are_found_without_reading_it(folder, name):
    with (folder / f"{name}.npy").open("ab") as stream:
        stream.write(b"more")
    assert "4 bytes behind" in refusal(folder, f"{name}.npy", verify=False).found


@pytest.mark.parametrize("name", ["images.npy", "notes.txt", "particles.npy.bak", "folder"])
@pytest.mark.parametrize("verify", [False, True])
def test_a_foreign_file_in_a_shards_folder_is_found(folder, name, verify):
    path = folder / name
    path.mkdir() if name == "folder" else path.touch()
    error = refusal(folder, name, verify=verify)
    assert "does not name" in error.found


def test_the_workflows_time_stamp_is_no_foreign_file(folder):
    (folder / ".snakemake_timestamp").touch()
    open_shard(folder)


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_nothing_is_ever_unpickled(folder, tmp_path):
    trap = tmp_path / "unpickled"
    bombs = np.array([Bomb(trap)] * 5, dtype=object)
    np.save(folder / "labels.npy", bombs, allow_pickle=True)
    refusal(folder, "labels.npy")
    bombs.dump(folder / "labels.npy")  # a bare pickle, without NumPy's header
    refusal(folder, "labels.npy")
    assert not trap.exists()
    np.load(folder / "labels.npy", allow_pickle=True)  # the trap does work
    assert trap.exists()


# Interrupted writes


def failing_blocks():
    yield np.zeros((2, 3))
    raise KeyboardInterrupt


def test_an_interrupted_write_leaves_no_manifest_and_no_half_array(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        save_blocks(tmp_path, "images", (4, 3), np.float32, failing_blocks())
    assert names(tmp_path) == set()
    refusal(tmp_path, MANIFEST)


def test_a_shard_overwritten_halfway_is_no_shard(folder):
    # Else the old manifest and labels would vouch for the new array.
    before = (folder / "particles.npy").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        save_blocks(folder, "particles", (4, 3), np.float32, failing_blocks())
    assert (folder / "particles.npy").read_bytes() == before
    refusal(folder, MANIFEST)


KILLED = """
import sys, time
from pathlib import Path
import numpy as np
from jetline.inputs.shards import save_blocks

def blocks():
    yield np.ones((1000, 1000), np.float32)
    print("written", flush=True)
    time.sleep(60)

save_blocks(Path(sys.argv[1]), "particles", (2000, 1000), np.float32, blocks())
"""


def test_a_step_killed_while_it_writes_leaves_no_shard(folder):
    command = [sys.executable, "-c", KILLED, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as step:
        assert step.stdout.readline() == "written\n"
        step.send_signal(signal.SIGKILL)
    refusal(folder, MANIFEST)


# A full disk, through the command line

LIMITED = """
import resource, sys
from jetline.cli.main import main

limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(main(sys.argv[1:]))
"""

#: A disk of 200 kB, mounted for this script alone.
FULL = """
mount -t tmpfs -o size=200k tmpfs "$1" || exit 77
"$2" -m jetline.cli.main shard --inputs images/notebook --output "$1/shard" "$3"
status=$?
ls -A "$1/shard"
exit $status
"""


@pytest.fixture
def large_file(tmp_path) -> Path:
    """A thousand jets of one particle: 3 MB of images."""
    constituents = np.tile(np.float32([5.0, 0.1, 3, 22]), (1000, 1, 1))
    path = tmp_path / "large.npz"
    write_jets(path, constituents, np.arange(1000) % 2)
    return path


def one_clear_error(text: str, path: Path) -> None:
    assert text.startswith(f"error: {path}\n  found:    ")
    assert [line.split(":")[0].strip() for line in text.splitlines()] == [
        "error",
        "found",
        "expected",
        "to do",
    ]
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("inputs", "array"),
    [("images/notebook", "images.npy"), ("particles", "particles.npy")],
)
def test_a_write_beyond_the_limit_is_one_clear_error(tmp_path, large_file, inputs, array):
    shard = tmp_path / "large"
    arguments = ["shard", "--inputs", inputs, "--output", str(shard), str(large_file)]
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, "10000", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    one_clear_error(run.stderr, shard / array)
    assert "File too large" in run.stderr
    assert names(shard) == set()


def test_a_full_disk_while_imaging_is_one_clear_error(tmp_path, large_file):
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", FULL, "sh"]
    command += [str(disk), sys.executable, str(large_file)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if run.returncode == 77 or run.stderr.startswith("unshare:"):
        pytest.skip("this user may mount no disk")
    assert run.returncode == 1
    one_clear_error(run.stderr, disk / "shard" / "images.npy")
    assert os.strerror(errno.ENOSPC) in run.stderr
    assert run.stdout == ""  # nothing lies in the shard's folder


def test_with_room_the_same_command_makes_the_shard(tmp_path, large_file):
    shard = tmp_path / "large"
    arguments = ["shard", "--inputs", "images/notebook"]
    arguments += ["--output", str(shard), str(large_file)]
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, "10000000", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0
    assert run.stderr == ""
    assert len(open_shard(shard, verify=True)) == 1000


def test_nobody_is_told_to_remove_a_folder_that_is_no_shard(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(JetlineError) as caught:
        open_shard(tmp_path)
    assert "remove" not in caught.value.remedy
