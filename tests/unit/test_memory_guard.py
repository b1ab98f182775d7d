"""A test that would take all memory fails, and says where it was."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import threading, time
from memory_guard import guard, resident_gb
guard(threading.get_ident(), resident_gb() + 0.1, every=0.01)
held = []
def greedy():
    while len(held) < 300:
        held.append(bytearray(b"x" * 2_000_000))
        time.sleep(0.001)
try:
    greedy()
except MemoryError:
    print("ended", len(held) < 300)
"""


def test_what_grows_is_ended_where_it_grows(root):
    run = subprocess.run(
        [sys.executable, "-c", CODE],
        env={"PYTHONPATH": str(root / "tests/support")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "ended True\n"
    assert "greedy" in run.stderr
