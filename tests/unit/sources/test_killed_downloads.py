"""Downloads that are killed, or requested by two processes at once, lose nothing.

The server is a real one on this machine.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from downloads import (
    described,
    partial_of,
)
from file_server import (
    serving,
    slowly,
)

if TYPE_CHECKING:
    from pathlib import Path

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
