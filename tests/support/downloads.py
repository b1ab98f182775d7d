"""Provide a small file to download, and a download with short waiting times."""

from __future__ import annotations

import hashlib
import socket
from typing import TYPE_CHECKING

import numpy as np

from jetline.sources.zenodo.catalogue import ZenodoFile
from jetline.sources.zenodo.download import download
from jetline.sources.zenodo.transfer import Patience

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = np.random.default_rng(1).bytes(600_000)
OTHER = np.random.default_rng(2).bytes(600_000)
HALF = len(WHOLE) // 2

#: As the usual one, but a test does not wait for seconds.
QUICK = Patience(stall=0.4, first_wait=0.01, longest_wait=0.05, unreached=2, fruitless=4)


def described(whole: bytes = WHOLE, *, size: int | None = len(WHOLE)) -> ZenodoFile:
    digest, md5 = hashlib.sha256(whole).hexdigest(), hashlib.md5(whole).hexdigest()
    return ZenodoFile("pythia", 3164691, "QG_jets.npz", size, md5, digest)


FILE = described()


def partial_of(target: Path, file: ZenodoFile = FILE) -> Path:
    return target.with_name(f".{target.name}.{file.sha256[:16]}.part")


def begun(target: Path, first: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial_of(target).write_bytes(first)


def get(target: Path, *places: str | Path, file: ZenodoFile = FILE) -> None:
    download(file, target, places, patience=QUICK)


def only_the_right_file_is_there(target: Path) -> bool:
    return target.read_bytes() == WHOLE and list(target.parent.iterdir()) == [target]


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
