"""What several tests share: the bundled jets, and Keras in double precision."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from memory_guard import LIMIT_GB, guard

# Before any test imports keras: tests run on the CPU, and quietly.
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# A make that a test runs is no part of the one that runs the tests, which would make it speak more.
for _name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(_name, None)
# Started in the background this process is deaf to Ctrl-C, and so would be all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[1]


def pytest_configure() -> None:
    """Watch the memory of each process that runs tests."""
    guard(threading.get_ident(), LIMIT_GB)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def bundled() -> list[Path]:
    """The bundled sample's four jet files."""
    return sorted((ROOT / "resources/sample").glob("*.npz"))


@pytest.fixture(scope="session")
def jets(bundled) -> tuple[np.ndarray, np.ndarray]:
    """Constituents (600, M, 4) and labels (600,) of the first bundled jets."""
    with np.load(bundled[0], allow_pickle=False) as archive:
        return archive["X"][:600], archive["y"][:600]


@pytest.fixture
def double():
    """Keras in float64."""
    import keras

    # Keras keeps the policy that an earlier test began with, whatever floatx is now.
    policy = keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy(policy)
