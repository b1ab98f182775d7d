"""Compiled code is kept on disk for the next job, and a failure to keep it stops no job."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = """
import numpy as np
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.imaging import image_jets
image = image_jets(np.array([[[5.0, 0.1, 3, 22]]]), RECIPES["pt"])
assert image[0, 16, 16, 0] == 1
"""

#: No folder that can be written to is found.
NOWHERE = """
from numba.core import caching
caching.CompileResultCacheImpl._locator_classes = []
"""

#: No file may grow beyond 10 kB.
FULL = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
"""


def start(code: str, cache: Path) -> subprocess.Popen:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache)}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen) -> None:
    _, errors = process.communicate()
    assert process.returncode == 0, errors


def kept(cache: Path) -> dict[Path, int]:
    """Files of compiled code, and when each was written."""
    return {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")}


def test_two_jobs_that_compile_at_once_both_succeed_and_a_later_one_compiles_nothing(tmp_path):
    for process in [start(IMAGE, tmp_path) for _ in range(2)]:
        finish(process)
    files = kept(tmp_path)
    assert {path.suffix for path in files} == {".nbi", ".nbc"}
    finish(start(IMAGE, tmp_path))
    assert kept(tmp_path) == files


@pytest.mark.parametrize("hindrance", [NOWHERE, FULL], ids=["nowhere", "full"])
def test_without_room_for_compiled_code_jets_are_imaged_all_the_same(tmp_path, hindrance):
    finish(start(hindrance + IMAGE, tmp_path))
    assert not [path for path in kept(tmp_path) if path.suffix == ".nbc"]
