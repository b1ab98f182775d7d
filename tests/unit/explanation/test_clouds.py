"""Explanations of particle networks, in a process of their own.

Beside many other tests of networks the process that ran them has taken 17 GB, alone it takes one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).with_name("clouds_cases.py")


@pytest.mark.slow
def test_clouds_are_explained(root):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(CASES)]
    run = subprocess.run(
        command,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    assert run.returncode == 0, run.stdout
    assert " passed" in run.stdout
