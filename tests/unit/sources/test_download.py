"""Files that are already there are kept, and several places are tried in turn.

The server is a real one on this machine.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import namedtuple
from typing import TYPE_CHECKING

import pytest

from downloads import (
    FILE,
    HALF,
    OTHER,
    QUICK,
    WHOLE,
    begun,
    closed_port,
    described,
    get,
    only_the_right_file_is_there,
    partial_of,
)
from file_server import (
    drop,
    no_ranges,
    page,
    serving,
    status,
)
from jetline.core import progress
from jetline.core.errors import JetlineError
from jetline.sources.zenodo.catalogue import sample_files
from jetline.sources.zenodo.download import download, download_jets

if TYPE_CHECKING:
    from pathlib import Path

# What is there already


def test_a_good_file_stays_and_nobody_is_asked(target):
    target.parent.mkdir()
    target.write_bytes(WHOLE)
    before = target.stat()
    with serving(WHOLE) as server:
        get(target, server.address)
        assert server.asked == []
    after = target.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_bad_file_under_the_good_name_is_replaced(target):
    target.parent.mkdir()
    target.write_bytes(OTHER)
    with serving(WHOLE) as server:
        get(target, server.address)
    assert only_the_right_file_is_there(target)


def test_a_bad_file_does_not_keep_the_good_name_when_nothing_can_be_had(target):
    target.parent.mkdir()
    target.write_bytes(OTHER)
    with pytest.raises(JetlineError):
        get(target, target.parent.parent / "nowhere/QG_jets.npz")
    assert list(target.parent.iterdir()) == []


# Several places


def test_the_second_place_is_asked_when_the_first_one_has_a_bad_file(target, capsys):
    with serving(OTHER) as bad, serving(WHOLE) as good:
        get(target, f"{bad.address}/QG_jets.npz", f"{good.address}/QG_jets.npz")
        assert len(bad.asked) == len(good.asked) == 1
        assert good.ranges == [None]
        assert f"from {bad.address}" in capsys.readouterr().out
    assert only_the_right_file_is_there(target)


def test_what_one_place_began_another_one_finishes(target):
    with serving(WHOLE, drop(0.5), *[status(503)] * 100) as first, serving(WHOLE) as second:
        get(target, first.address, second.address)
        assert second.ranges == [f"bytes={HALF}-"]
    assert only_the_right_file_is_there(target)


@pytest.mark.parametrize("fault", [status(404), status(410), page], ids=["404", "410", "page"])
def test_a_place_without_the_file_is_left_at_once(target, fault):
    with serving(WHOLE, fault) as first, serving(WHOLE) as second:
        get(target, first.address, second.address)
        assert len(first.asked) == 1
    assert only_the_right_file_is_there(target)


def test_the_first_good_place_is_the_only_one_asked(target):
    with serving(WHOLE) as first, serving(WHOLE) as second:
        get(target, first.address, second.address)
        assert second.asked == []


# Local folders


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "downloaded before"
    made.mkdir()
    (made / FILE.name).write_bytes(WHOLE)
    return made


def test_a_file_of_a_local_folder_is_linked_and_stays_when_the_folder_goes(target, folder):
    get(target, folder / FILE.name)
    assert target.stat().st_ino == (folder / FILE.name).stat().st_ino
    assert not target.is_symlink()
    shutil.rmtree(folder)
    assert only_the_right_file_is_there(target)


def test_a_file_that_is_itself_a_symbolic_link_is_not_taken_as_one(target, folder, tmp_path):
    (folder / FILE.name).rename(tmp_path / "moved.npz")
    (folder / FILE.name).symlink_to(tmp_path / "moved.npz")
    get(target, folder / FILE.name)
    assert not target.is_symlink()
    assert only_the_right_file_is_there(target)


def test_a_file_of_a_folder_on_another_disk_is_copied(target, folder, monkeypatch):
    def refuse(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    get(target, folder / FILE.name)
    assert target.stat().st_ino != (folder / FILE.name).stat().st_ino
    assert only_the_right_file_is_there(target)


@pytest.mark.parametrize("bad", [OTHER, WHOLE[:1000]], ids=["other bytes", "cut off"])
def test_a_bad_file_of_a_local_folder_is_named_and_the_next_place_is_asked(
    target, folder, capsys, bad
):
    (folder / FILE.name).write_bytes(bad)
    with serving(WHOLE) as server:
        get(target, folder / FILE.name, server.address)
    printed = capsys.readouterr().out
    assert f"from {folder / FILE.name}" in printed
    assert "sha256 is" in printed or "1,000 bytes instead of 600,000" in printed
    assert only_the_right_file_is_there(target)
    assert (folder / FILE.name).read_bytes() == bad


def test_a_folder_without_the_file_is_passed_over(target, tmp_path):
    with serving(WHOLE) as server:
        get(target, tmp_path / "no such folder" / FILE.name, server.address)
    assert only_the_right_file_is_there(target)


# Disk


def test_a_disk_that_is_too_small_is_told_before_anything_is_fetched(target, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 400_000))
    for size in (len(WHOLE), None):
        with serving(WHOLE) as server:
            with pytest.raises(JetlineError) as caught:
                get(target, server.address, server.address, file=described(size=size))
            # Another place would need as much.
            assert len(server.asked) == 1
        assert "0.4 MB free" in caught.value.found
        assert "0.6 MB" in caught.value.expected
        assert list(target.parent.iterdir()) == []
    begun(target, WHOLE[:1000])
    with serving(WHOLE, no_ranges) as server, pytest.raises(JetlineError, match=r"0\.4 MB free"):
        get(target, server.address)
    assert partial_of(target).read_bytes() == WHOLE[:1000]


def test_only_what_is_still_to_come_needs_space(target, monkeypatch):
    begun(target, WHOLE[:HALF])
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 400_000))
    with serving(WHOLE) as server:
        get(target, server.address)
    assert only_the_right_file_is_there(target)


# No network


@pytest.mark.parametrize("host", ["closed port", "unknown host"])
def test_without_a_network_the_error_says_what_to_fetch_by_hand_and_where_to_put_it(
    target, tmp_path, host
):
    names = {"closed port": f"127.0.0.1:{closed_port()}", "unknown host": "nowhere.invalid"}
    dataset = sample_files("pythia")[1:4]
    target.parent.mkdir()
    target.with_name(dataset[0].name).touch()
    places = [tmp_path / "empty" / FILE.name, f"http://{names[host]}/{FILE.name}"]
    with pytest.raises(JetlineError) as caught:
        download(FILE, target, places, beside=dataset, patience=QUICK)
    error = caught.value
    assert error.found.startswith("no network: no server was reached")
    assert all(str(place) in error.found for place in places)
    for file in (FILE, *dataset[1:]):
        assert file.address in error.remedy
        assert file.sha256 in error.remedy
    assert dataset[0].address not in error.remedy
    assert "600,000 bytes" in error.remedy
    assert "`mirrors`" in error.remedy
    assert not target.exists()
    # As it says.
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / FILE.name).write_bytes(WHOLE)
    get(target, *places)
    assert target.read_bytes() == WHOLE


# Progress


def test_a_log_gets_lines_and_no_bar(target, capsys, monkeypatch):
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    with serving(WHOLE) as server:
        get(target, server.address)
    captured = capsys.readouterr()
    assert re.search(r"^QG_jets\.npz: \S+ of 600k B, ", captured.err, re.MULTILINE)
    assert captured.out.endswith(f"{target}: 600,000 bytes, sha256 right\n")
    assert "\r" not in captured.out + captured.err


def test_a_terminal_gets_a_bar(target, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with serving(WHOLE, drop(0.5), no_ranges) as server:
        get(target, server.address)
    captured = capsys.readouterr()
    assert "600k/600k" in captured.err
    assert "QG_jets.npz" in captured.err


# By name


def test_the_targets_name_tells_which_file_and_a_mirror_has_it_under_that_name(tmp_path):
    with serving(WHOLE, *[status(404)] * 3) as server:
        with pytest.raises(JetlineError):
            download(
                sample_files("herwig")[2],
                tmp_path / "QG_jets_herwig_2.npz",
                sample_files("herwig")[2].places([f"{server.address}/base/"])[:1],
                patience=QUICK,
            )
        assert server.asked == [("/base/QG_jets_herwig_2.npz", None)]


def test_an_unknown_name_is_told(tmp_path):
    with pytest.raises(JetlineError, match=r"did you mean QG_jets_3\.npz"):
        download_jets(tmp_path / "QG_jet_3.npz")
