"""After every fault a download gives the right file or a clear error; the next attempt succeeds.

The server is a real one on this machine.
"""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import pytest
import requests
import tenacity

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
    chunked,
    content,
    drop,
    hang_up,
    no_ranges,
    page,
    redirect,
    reset,
    serving,
    stall,
    status,
    until_closed,
    wrong_range,
)
from jetline.core.errors import JetlineError
from jetline.sources.zenodo.download import download
from jetline.sources.zenodo.session import Session, UnsafeRedirect
from jetline.sources.zenodo.transfer import Patience

# Redirects to a less safe place


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://somewhere/QG_jets.npz"])
def test_a_redirect_to_a_file_is_not_followed(target, address):
    with (
        serving(WHOLE, status(302, Location=address)) as server,
        pytest.raises(JetlineError, match="not followed"),
    ):
        get(target, server.address)
    assert not target.exists()


@pytest.mark.parametrize(
    ("origin", "address", "followed"),
    [
        ("https://one/a", "http://one/a", False),
        ("https://one/a", "https://two/b", True),
        ("https://one/a", "//two/b", True),
        ("https://one/a", "b", True),
        ("http://one/a", "https://one/a", True),
        ("https://one/a", "FILE:///etc/passwd", False),
    ],
)
def test_a_redirect_from_https_leads_to_https_alone(origin, address, followed):
    answer = requests.Response()
    answer.status_code, answer.url = 302, origin
    answer.headers["Location"], answer.raw = address, io.BytesIO()
    with Session() as session:
        if followed:
            assert session.get_redirect_target(answer) == address
        else:
            with pytest.raises(UnsafeRedirect):
                session.get_redirect_target(answer)


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
