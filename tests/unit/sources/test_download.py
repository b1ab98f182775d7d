"""Downloads: after every fault either the right file or a clear error, and the next try finishes.

The server is a real one on this machine.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import numpy as np
import pytest
import tenacity

from file_server import (
    chunked,
    content,
    drop,
    hang_up,
    no_ranges,
    page,
    redirect,
    reset,
    serving,
    slowly,
    stall,
    status,
    until_closed,
    wrong_range,
)
from jetline.core import progress
from jetline.core.errors import JetlineError
from jetline.sources.zenodo.catalogue import ZenodoFile, sample_files
from jetline.sources.zenodo.download import download, download_jets
from jetline.sources.zenodo.transfer import Patience

WHOLE = np.random.default_rng(1).bytes(600_000)
OTHER = np.random.default_rng(2).bytes(600_000)
HALF = len(WHOLE) // 2

#: As the usual one, but a test does not wait for seconds.
QUICK = Patience(stall=0.4, first_wait=0.01, longest_wait=0.05, unreached=2, fruitless=4)


def described(whole: bytes = WHOLE, *, size: int | None = len(WHOLE)) -> ZenodoFile:
    digest, md5 = hashlib.sha256(whole).hexdigest(), hashlib.md5(whole).hexdigest()
    return ZenodoFile("pythia", 3164691, "QG_jets.npz", size, md5, digest)


FILE = described()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def target(tmp_path) -> Path:
    return tmp_path / "jets/QG_jets.npz"


def partial_of(target: Path, file: ZenodoFile = FILE) -> Path:
    return target.with_name(f".{target.name}.{file.sha256[:16]}.part")


def begun(target: Path, first: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial_of(target).write_bytes(first)


def get(target: Path, *places: str | Path, file: ZenodoFile = FILE) -> None:
    download(file, target, places, patience=QUICK)


def only_the_right_file_is_there(target: Path) -> bool:
    return target.read_bytes() == WHOLE and list(target.parent.iterdir()) == [target]


# Faults that the download itself gets over


GOT_OVER = {
    "none": ([], [None]),
    "drop in mid-file": ([drop(0.5)], [None, f"bytes={HALF}-"]),
    "two drops": (
        [drop(0.5), drop(0.5)],
        [None, f"bytes={HALF}-", f"bytes={HALF + HALF // 2}-"],
    ),
    "stall": ([stall], [None, f"bytes={HALF}-"]),
    "no answer": ([hang_up], [None, None]),
    "429 with Retry-After": ([status(429, Retry_After="0")], [None, None]),
    "429": ([status(429)], [None, None]),
    "500, 502, 503": ([status(500), status(502), status(503)], [None] * 4),
    "redirect": ([redirect], [None, None]),
    "drop, no ranges": ([drop(0.5), no_ranges], [None, f"bytes={HALF}-"]),
    "drop, wrong range": ([drop(0.5), wrong_range], [None, f"bytes={HALF}-", None]),
    "drop, 416": ([drop(0.5), status(416)], [None, f"bytes={HALF}-", None]),
    "drop, 503": ([drop(0.5), status(503)], [None, *[f"bytes={HALF}-"] * 2]),
    "drop, redirect": ([drop(0.5), redirect], [None, *[f"bytes={HALF}-"] * 2]),
}


@pytest.mark.parametrize("size", [len(WHOLE), None], ids=["size known", "size unknown"])
@pytest.mark.parametrize(("faults", "ranges"), GOT_OVER.values(), ids=GOT_OVER)
def test_after_a_fault_the_right_file_is_there(target, faults, ranges, size):
    with serving(WHOLE, *faults) as server:
        get(target, server.address, file=described(size=size))
        assert server.ranges == ranges
    assert only_the_right_file_is_there(target)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_server_that_asks_to_wait_is_obeyed(target, form):
    date = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    wish = "1" if form == "seconds" else format_datetime(date, usegmt=True)
    with serving(WHOLE, status(429, Retry_After=wish)) as server:
        before = time.monotonic()
        get(target, server.address)
        if form == "date":
            assert datetime.now(UTC) >= date
        else:
            assert time.monotonic() - before >= 1
        assert len(server.asked) == 2
    assert only_the_right_file_is_there(target)


def test_attempts_that_bring_something_are_not_counted_against_the_server(target):
    with serving(WHOLE, *[drop(0.3)] * (2 * QUICK.fruitless)) as server:
        get(target, server.address)
        assert len(server.asked) == 2 * QUICK.fruitless + 1
    assert only_the_right_file_is_there(target)


def test_waits_grow_up_to_a_limit(target, monkeypatch):
    waits = []
    monkeypatch.setattr(tenacity.nap.time, "sleep", waits.append)
    with serving(WHOLE, *[status(503)] * 100) as server:
        with pytest.raises(JetlineError, match=r"503 Service Unavailable \(attempt 8\)"):
            download(FILE, target, [server.address])
        assert len(server.asked) == 8
    longest = np.array([1, 2, 4, 8, 16, 32, 60])
    assert np.all(waits <= longest)
    assert np.all(waits >= longest / 2)
    assert len(set(waits / longest)) == len(waits)


@pytest.mark.parametrize("form", [chunked, until_closed], ids=["chunked", "until it closes"])
@pytest.mark.parametrize("size", [len(WHOLE), None], ids=["size known", "size unknown"])
def test_a_server_need_not_tell_the_length(target, form, size):
    with serving(WHOLE, form) as server:
        get(target, server.address, file=described(size=size))
    assert only_the_right_file_is_there(target)


def test_a_server_that_goes_away_after_it_answered_is_waited_for_longer(target):
    patience = Patience(first_wait=0, unreached=1, fruitless=5)
    unreachable = status(302, Location=f"http://127.0.0.1:{closed_port()}")
    with serving(WHOLE, drop(0.5), *[unreachable] * 4) as server:
        download(FILE, target, [server.address], patience=patience)
        assert len(server.asked) == 6
    assert only_the_right_file_is_there(target)


def test_a_connection_that_is_reset_loses_nothing_that_had_come(target):
    with serving(WHOLE, reset) as server:
        get(target, server.address)
        first, second = server.ranges
    assert first is None
    assert second is None or 0 < int(second.removeprefix("bytes=").removesuffix("-")) <= HALF
    assert only_the_right_file_is_there(target)


# Faults that end in a clear error; then the next try finishes


STAY = {
    "drop in mid-file": (drop(0.5), 100, "the connection broke", True),
    "no answer": (hang_up, 100, "the connection broke", False),
    "stall": (stall, 100, "nothing came for 0.4 s", True),
    "429": (status(429), 100, "429 Too Many Requests", False),
    "429 for hours": (status(429, Retry_After="7200"), 1, "only in 7200 s", False),
    "503": (status(503), 100, "503 Service Unavailable", False),
    "404": (status(404), 1, "404 Not Found", False),
    "403": (status(403), 1, "403 Forbidden", False),
    "wrong bytes": (content(OTHER), 1, "wrong bytes", False),
    "another size": (content(OTHER[:1000]), 1, "1,000 bytes instead of 600,000", False),
    "web page": (page, 1, "a web page instead of the file", False),
    "redirects": (redirect, 100, "Exceeded 30 redirects", False),
}


@pytest.mark.parametrize(("fault", "times", "told", "kept"), STAY.values(), ids=STAY)
def test_a_fault_that_stays_is_one_clear_error_and_the_next_try_finishes(
    target, fault, times, told, kept
):
    patience = Patience(stall=0.4, first_wait=0, fruitless=3, attempts=5)
    with serving(WHOLE, *[fault] * times) as server:
        with pytest.raises(JetlineError) as caught:
            download(FILE, target, [server.address], patience=patience)
        # At most the attempts, or the redirects that are followed.
        assert len(server.asked) <= (1 if times == 1 else 31)
        assert told in caught.value.found
        assert server.address in caught.value.found
        assert "no network" not in caught.value.found
        assert FILE.sha256 in caught.value.expected
        assert "run the same command again" in caught.value.remedy
        assert not target.exists()
        have = partial_of(target).stat().st_size if partial_of(target).exists() else 0
        assert have > 0 or not kept
        server.faults.clear()
        server.asked.clear()
        get(target, server.address)
        assert server.ranges == [f"bytes={have}-" if have else None]
    assert only_the_right_file_is_there(target)


@pytest.mark.parametrize("fault", ["429 for hours", "404", "403", "web page", "redirects"])
def test_a_place_that_refuses_costs_nothing_of_what_had_come(target, fault):
    begun(target, WHOLE[:HALF])
    with serving(WHOLE, *[STAY[fault][0]] * 100) as first, serving(WHOLE) as second:
        get(target, first.address, second.address)
        assert second.ranges == [f"bytes={HALF}-"]
    assert only_the_right_file_is_there(target)


def test_a_resumed_file_that_is_wrong_is_fetched_once_more_from_the_start(target):
    begun(target, OTHER[:1000])
    with serving(WHOLE) as server:
        get(target, server.address)
        assert server.ranges == ["bytes=1000-", None]
    assert only_the_right_file_is_there(target)


def test_a_server_of_wrong_bytes_is_not_asked_for_ever(target):
    begun(target, WHOLE[:1000])
    with serving(OTHER, drop(0.5), drop(0.5), drop(0.5)) as server:
        with pytest.raises(JetlineError, match="wrong bytes"):
            get(target, server.address)
        assert len(server.asked) == 5
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("first", [WHOLE, WHOLE + b"more"], ids=["whole", "too long"])
@pytest.mark.parametrize("size", [len(WHOLE), None], ids=["size known", "size unknown"])
def test_a_partial_file_that_lacks_nothing_is_finished(target, first, size):
    begun(target, first)
    with serving(WHOLE) as server:
        get(target, server.address, file=described(size=size))
        given = [asked for asked in server.ranges if asked is None]
    assert len(given) == (first != WHOLE)
    assert only_the_right_file_is_there(target)


def test_a_web_page_without_a_type_is_told_by_its_size(target):
    with serving(b"<!doctype html>") as server, pytest.raises(JetlineError, match="15 bytes"):
        get(target, server.address)
    assert list(target.parent.iterdir()) == []


def test_a_web_page_is_no_file_even_where_no_size_is_known(target):
    with serving(b"<!doctype html>") as server, pytest.raises(JetlineError, match="wrong bytes"):
        get(target, server.address, file=described(size=None))
    assert list(target.parent.iterdir()) == []


# Killed

FETCH = """
import sys
from jetline.sources.zenodo.download import download
from jetline.sources.zenodo.catalogue import ZenodoFile
from pathlib import Path
address, target, size, sha256 = sys.argv[1:]
file = ZenodoFile("pythia", 3164691, "QG_jets.npz", int(size), "", sha256)
download(file, Path(target), [address])
"""


def fetching(address: str, target: Path, whole: bytes) -> subprocess.Popen:
    arguments = [address, str(target), str(len(whole)), hashlib.sha256(whole).hexdigest()]
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, *arguments], stdout=subprocess.PIPE, text=True
    )


def wait_until(true) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_after_kill_9_only_the_rest_is_asked_for(target):
    whole = np.random.default_rng(3).bytes(2_000_000)
    file = described(whole, size=len(whole))
    partial = partial_of(target, file)
    with serving(whole, slowly) as server:
        with fetching(server.address, target, whole) as process:
            wait_until(lambda: partial.exists() and partial.stat().st_size > 500_000)
            process.kill()
        have = partial.stat().st_size
        assert 500_000 < have < len(whole)
        assert not target.exists()
        with fetching(server.address, target, whole) as process:
            printed = process.communicate()[0]
        assert process.returncode == 0, printed
        assert server.ranges == [None, f"bytes={have}-"]
    assert target.read_bytes() == whole
    assert list(target.parent.iterdir()) == [target]


def test_two_processes_fetch_a_file_once(target):
    whole = np.random.default_rng(3).bytes(1_000_000)
    with serving(whole, slowly, slowly) as server:
        processes = [fetching(server.address, target, whole) for _ in range(2)]
        printed = [process.communicate()[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0], printed
        assert server.ranges == [None]
    assert sum("waiting for another process that downloads it" in text for text in printed) == 1
    assert sum("there already" in text for text in printed) == 1
    assert target.read_bytes() == whole
    assert list(target.parent.iterdir()) == [target]


def test_a_process_goes_on_where_another_one_that_it_waited_for_was_killed(target):
    whole = np.random.default_rng(3).bytes(2_000_000)
    partial = partial_of(target, described(whole))
    with serving(whole, slowly) as server:
        with fetching(server.address, target, whole) as first:
            wait_until(lambda: partial.exists() and partial.stat().st_size > 300_000)
            with fetching(server.address, target, whole) as second:
                while "waiting" not in second.stdout.readline():
                    pass
                first.kill()
                second.communicate()
        assert second.returncode == 0
        assert server.ranges[0] is None
        assert int(server.ranges[1].removeprefix("bytes=").removesuffix("-")) > 300_000
    assert target.read_bytes() == whole


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


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
