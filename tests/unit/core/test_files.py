"""Files are whole or absent, whatever they are called, and nothing else is left behind."""

from __future__ import annotations

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import atomic, read_arrays, read_json, write_arrays, write_json
from jetline.inputs.tables import read_table, write_table
from jetline.report import style
from jetline.sources.pythia.generation import write_generated
from jetline.sources.pythia.settings import read_generator_settings

NAMES = ["scores", "scores.npz", "scores.txt", "a.b", ".hidden", "ends.", "ü π", "x" * 255]
NAMES += ["ü" * 127, "x." + "y" * 250]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_written_and_read(tmp_path, name):
    path = tmp_path / name
    write_arrays(path, scores=np.arange(3))
    np.testing.assert_array_equal(read_arrays(path)["scores"], np.arange(3))
    write_json(path, {"a": 1})
    write_table(path, ["a"], np.ones((2, 1)))
    with path.open("rb"):
        assert read_table(path)[0] == ["a"]
    assert [found.name for found in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", [name for name in NAMES if len(name) < 200])
def test_a_picture_of_any_name_is_written(tmp_path, name):
    from matplotlib.figure import Figure

    style.save(Figure(), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    assert [found.name for found in tmp_path.iterdir()] == [name]


class Stop(BaseException):
    """Ends a write as an interrupt does."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("error", [ValueError, OSError, Stop])
def test_nothing_is_left_of_a_write_that_fails(tmp_path, name, error):
    def write():
        with atomic(tmp_path / name) as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(error):
        write()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_arrays_that_cannot_be_saved(tmp_path):
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays(tmp_path / "scores", scores=np.array([{}], dtype=object))
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_refused_before_the_work(tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    missing = str(tmp_path / "missing.npz")  # the work would fail at once
    for command, output, found in [
        ("measure", "folder", "found:    a folder"),
        ("measure", "file/index.npz", "is a file"),
        ("shard", "file", "is a file"),
    ]:
        told = ["--inputs", "particles"] if command == "shard" else []
        assert main([command, missing, *told, "--output", str(tmp_path / output)]) == 1
        error = capsys.readouterr().err
        assert f"--output {tmp_path / output}" in error
        assert found in error
    assert main(["measure", missing, "--output", str(tmp_path / "new/deep/scores")]) == 1
    assert "no such file" in capsys.readouterr().err
    assert sorted(found.name for found in tmp_path.iterdir()) == ["file", "folder"]


def test_a_command_does_not_write_over_what_it_reads(tmp_path, capsys):
    (tmp_path / "jets.npz").write_bytes(b"precious")
    (tmp_path / "same.npz").symlink_to(tmp_path / "jets.npz")
    for output in ("jets.npz", "same.npz"):
        told = ["measure", str(tmp_path / "jets.npz"), "--output", str(tmp_path / output)]
        assert main(told) == 1
        assert "a file that the command reads" in capsys.readouterr().err
    assert (tmp_path / "jets.npz").read_bytes() == b"precious"


def test_jets_are_not_written_over_by_their_settings(tmp_path):
    with pytest.raises(JetlineError, match=r"name the jet file .*jets\.npz"):
        write_generated(read_generator_settings("{}"), tmp_path / "jets.json", 10, seed=1, file=0)
    assert list(tmp_path.iterdir()) == []


def test_json_larger_than_any_that_is_written_is_not_read(tmp_path):
    path = tmp_path / "training.json"
    with path.open("wb") as stream:
        stream.truncate(2**28 + 1)  # a sparse file
    with pytest.raises(JetlineError, match="268,435,457 bytes, more than"):
        read_json(path)
