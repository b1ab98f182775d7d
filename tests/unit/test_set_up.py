"""What make installs, how much that is, and that it is what the resolver gives."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from packaging.tags import Tag, sys_tags
from packaging.utils import parse_wheel_filename

from locks import entries_of
from stand_in_drivers import path_with


@pytest.fixture(params=["requirements.lock", "requirements-gpu.lock"])
def lock(request) -> str:
    """Name of a lock."""
    return request.param


def resolved(root, name: str, tmp_path) -> str:
    """What the Makefile's command makes of a lock; the test is skipped without an index."""
    (command,) = re.findall(r"^RESOLVE := \$\(BIN\)/uv (.*?[^\\])\n", makefile(root), re.M | re.S)
    words = [*command.replace("\\\n", " ").split(), *(["--extra", "gpu"] if "gpu" in name else [])]
    shutil.copy(root / name, tmp_path)
    run = subprocess.run(
        [Path(sys.executable).with_name("uv"), *words, "pyproject.toml", "-o", tmp_path / name],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    if re.search("connect|dns error|timed out|Network|Failed to fetch|offline", run.stderr):
        pytest.skip("no index of packages can be reached")
    assert run.returncode == 0, run.stderr
    return (tmp_path / name).read_text()


def makefile(root) -> str:
    return (root / "Makefile").read_text()


@pytest.mark.slow
def test_both_locks_are_what_the_resolver_gives(root, lock, tmp_path):
    # Preferring what is locked, so that only what no longer resolves differs.
    again = {
        name: {str(one) for one, _ in locked}
        for name, locked in entries_of(resolved(root, lock, tmp_path)).items()
    }
    assert again == {
        name: {str(one) for one, _ in locked}
        for name, locked in entries_of((root / lock).read_text()).items()
    }


@pytest.mark.slow
def test_the_size_of_the_download_is_told_right(root, lock, tmp_path):
    told = re.search(
        rf"^\$\(VENV\)/\S+: {lock} .*?download of ([\d.]+) GB", makefile(root), re.M | re.S
    )
    assert told
    shutil.copy(root / lock, tmp_path / "locked.txt")
    run = subprocess.run(
        [
            *(Path(sys.executable).with_name("uv"), "pip", "compile", "--quiet", "locked.txt"),
            *("--python-version", "3.11", "--python-platform", "x86_64-unknown-linux-gnu"),
            *("--format", "pylock.toml", "--output-file", "pylock.toml"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    if run.returncode:
        pytest.skip("no index of packages can be reached")
    packages = tomllib.loads((tmp_path / "pylock.toml").read_text())["packages"]
    size = 0
    for package in packages:
        tags = {tag: place for place, tag in enumerate(sys_tags())}
        fitting = [
            (min(tags.get(tag, len(tags)) for tag in tags_of(wheel)), wheel.get("size", 0))
            for wheel in package.get("wheels", ())
            if not tags.keys().isdisjoint(tags_of(wheel))
        ]
        size += min(fitting, default=(0, 0))[1]
    if not size or sys.platform != "linux":
        pytest.skip("the index tells no sizes, or none of Linux")
    assert size / 1e9 == pytest.approx(float(told[1]), rel=0.1)


def tags_of(wheel: dict[str, Any]) -> frozenset[Tag]:
    name = wheel.get("name") or wheel.get("url", wheel.get("path", "")).rpartition("/")[2]
    return parse_wheel_filename(unquote(name))[3]


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def planned(root, tmp_path, *words: str, driver: str = "none") -> subprocess.CompletedProcess:
    """What make would do without an environment, with a stand-in of the driver."""
    path = path_with(tmp_path / "bin", driver)
    return subprocess.run(
        ["make", "-n", f"VENV={tmp_path}/venv", f"PYTHON={sys.executable}", *words],
        cwd=root,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@needs_make
@pytest.mark.parametrize(
    ("words", "driver", "lock_used"),
    [
        (("demo",), "one", "requirements-gpu.lock"),
        (("test",), "eight", "requirements-gpu.lock"),
        (("demo",), "none", "requirements.lock"),
        (("test",), "old driver", "requirements.lock"),
        (("demo", "DEVICE=cpu"), "one", "requirements.lock"),
        (("setup", "DEVICE=cpu"), "hanging", "requirements.lock"),
        (("setup", "DEVICE=gpu"), "none", "requirements-gpu.lock"),
        (("lint",), "one", "requirements.lock"),
    ],
)
def test_set_up_installs_cuda_where_there_is_a_gpu_or_it_is_asked_for(
    root, tmp_path, words, driver, lock_used
):
    run = planned(root, tmp_path, *words, driver=driver)
    assert run.returncode == 0, run.stderr
    installed = re.findall(r"pip install .*--require-hashes -r (\S+)", run.stdout)
    assert installed == [lock_used]
    size = run.stdout.index("a download of ")
    assert size < run.stdout.index("--require-hashes")
    if driver == "old driver":
        assert "the driver is 470.82.01" in run.stderr


@needs_make
def test_set_up_refuses_another_device(root, tmp_path):
    run = planned(root, tmp_path, "setup", "DEVICE=cuda")
    assert run.returncode != 0
    assert "say DEVICE=gpu or DEVICE=cpu" in run.stderr + run.stdout
    assert "pip install" not in run.stdout


@needs_make
def test_an_environment_that_is_set_up_is_not_set_up_again(root, tmp_path):
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/pip").touch()
    for name in (".ready", ".ready-gpu"):
        (tmp_path / "venv" / name).touch()
    for words in (("setup", "DEVICE=gpu"), ("setup",), ("lint",)):
        assert "pip install" not in planned(root, tmp_path, *words).stdout
    (tmp_path / "venv/.ready-gpu").unlink()
    assert "requirements-gpu.lock" in planned(root, tmp_path, "setup", "DEVICE=gpu").stdout
