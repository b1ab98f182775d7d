"""Too many open files: the limit is raised, and told as what it is, never as damage."""

from __future__ import annotations

import contextlib
import os
import resource
from typing import TYPE_CHECKING

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import read_arrays
from jetline.core.limits import require_memory
from jetline.inputs.kinds.observables import Observables
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.shards import open_shard
from jetline.jets.formats.npz import NpzFormat, write_jets
from jetline.jets.reading import open_jets
from jetline.records.history import COLUMNS, History

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def room_for(files: int) -> Iterator[None]:
    """Let this process open only so many more files, though it may raise the limit itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A new file takes the lowest number that is free, and the limit is on the numbers.
    opened, highest = [], max(map(int, os.listdir("/dev/fd")))  # noqa: PTH208
    try:
        while not opened or opened[-1] < highest:
            opened.append(os.open(os.devnull, os.O_RDONLY))
        resource.setrlimit(resource.RLIMIT_NOFILE, (opened[-1] + 1 + files, hard))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for number in opened:
            os.close(number)


@pytest.fixture(scope="module")
def made(jets, tmp_path_factory) -> Path:
    """A jet file, its shards and a history."""
    folder = tmp_path_factory.mktemp("made")
    write_jets(folder / "jets.npz", jets[0][:20], jets[1][:20])
    make_shard(Particles(), folder / "jets.npz", folder / "particles")
    make_shard(Observables(), folder / "jets.npz", folder / "observables")
    History([dict.fromkeys(COLUMNS, 1.0)]).write(folder / "history.csv")
    return folder


READ = {
    "particles": lambda path: open_shard(path / "particles"),
    "observables": lambda path: open_shard(path / "observables"),
    "jet file": lambda path: open_jets(path / "jets.npz"),
    "archive of jets": lambda path: NpzFormat.opened(path / "jets.npz").__enter__(),
    "arrays": lambda path: read_arrays(path / "jets.npz"),
    "history": lambda path: History.read(path / "history.csv"),
}


@pytest.mark.parametrize("what", READ)
def test_too_many_open_files_are_no_damage(made, what):
    READ[what](made)  # whatever it imports is imported
    with (
        room_for(0),
        pytest.raises((JetlineError, OSError)) as caught,
    ):
        READ[what](made)
    error = caught.value
    # What no step explains is told by the command itself.
    told = str(error) if isinstance(error, JetlineError) else error.strerror
    assert "remove" not in told
    assert "files" in told
    if isinstance(error, JetlineError):
        assert "ulimit -n" in error.remedy
        assert str(made) in error.where


def test_every_number_of_files_short_of_enough_is_told_as_the_limit(made):
    for files in range(4):
        with room_for(files), pytest.raises((JetlineError, OSError)) as caught:
            list(map(open_shard, [made / "particles"] * (files + 2)))
        assert "remove" not in str(caught.value)


def test_a_command_raises_the_limit_as_far_as_it_may(made, tmp_path):
    with room_for(0):
        words = ["--output", str(tmp_path / "shard"), str(made / "jets.npz")]
        assert main(["shard", "--inputs", "particles", *words]) == 0
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == min(hard, 65_536) or hard == resource.RLIM_INFINITY
    np.testing.assert_array_equal(
        open_shard(tmp_path / "shard").labels, open_shard(made / "particles").labels
    )


def test_a_command_at_the_hard_limit_tells_it(made, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("jetline.cli.main.raise_open_files", lambda: None)
    words = ["measure", "--output", str(tmp_path / "o.npz"), str(made / "jets.npz")]
    assert main(words) == 0
    capsys.readouterr()
    with room_for(0):
        assert main(words) == 1
    told = capsys.readouterr().err
    assert "may open at once" in told
    assert "ulimit -n" in told
    assert "Traceback" not in told


def test_what_is_larger_than_the_memory_is_not_read_at_once():
    require_memory("jets.npz, array X", 1000)
    with pytest.raises(JetlineError, match=r"1000000000\.0 GB of data") as caught:
        require_memory("jets.npz, array X", 10**18)
    assert "split it into files" in caught.value.remedy
