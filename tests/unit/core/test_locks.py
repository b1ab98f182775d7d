"""Locks keep processes apart where the file system has locks, and stop nobody where it has none."""

from __future__ import annotations

import errno
import fcntl
import os

import pytest

from downloads import described
from jetline.core import locks
from jetline.core.locks import try_lock
from jetline.sources.zenodo.download import download
from jetline.tracking.client import start
from jetline.training.checkpoint import Checkpoint
from jetline.training.device import claim
from jetline.training.driver import Gpu


@pytest.fixture(params=["ENOLCK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])
def unlockable(request, monkeypatch):
    """A file system that answers as network file systems without locks do."""
    number = getattr(errno, request.param)

    def flock(stream, how):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    monkeypatch.setattr(locks, "_TOLD", [])


def test_a_file_is_locked_by_one_at_a_time(tmp_path):
    with (tmp_path / "lock").open("w") as first, (tmp_path / "lock").open("w") as second:
        assert try_lock(first)
        assert not try_lock(second)


def test_a_file_system_without_locks_is_told_once_and_stops_nothing(
    tmp_path, unlockable, capsys, monkeypatch
):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    with Checkpoint(tmp_path / "checkpoint").locked():
        pass
    with claim("gpu", [Gpu("0", index="0")], tmp_path) as used:
        assert used == "gpu 0"
    whole = b"jets" * 1000
    (tmp_path / "there.npz").write_bytes(whole)
    download(
        described(whole, size=None), tmp_path / "jets" / "QG_jets.npz", [tmp_path / "there.npz"]
    )
    told = capsys.readouterr().err
    assert told.count("this file system has no locks") == 1
    assert "Do not run the same training, download or workflow twice at once" in told


@pytest.mark.parametrize("unlockable", ["ENOLCK"], indirect=True)
def test_tracking_starts_where_there_are_no_locks(tmp_path, unlockable, capsys):
    assert start(tmp_path / "results") == start(tmp_path / "results")
    assert capsys.readouterr().err.count("has no locks") == 1


def test_another_failure_of_a_lock_is_not_swallowed(tmp_path, monkeypatch):
    with (tmp_path / "lock").open("w") as stream:
        monkeypatch.setattr(fcntl, "flock", lambda *_: os.close(-1))
        with pytest.raises(OSError, match="Bad file descriptor"):
            try_lock(stream)
