"""Commands that install the packages for a GPU, as the messages tell them."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from pathlib import Path

#: The checkout that the package runs from, and what is installed for a GPU.
CHECKOUT = Path(__file__).parents[3]
LOCK = CHECKOUT / "requirements-gpu.lock"


def setup_command() -> str:
    """Give the command that installs the packages for a GPU into this environment."""
    if _is_makes() or not LOCK.exists() or importlib.util.find_spec("pip") is None:
        return _make("setup DEVICE=gpu")
    return _pip()


def renew_command() -> str:
    """Give the command that installs them again, where one is damaged."""
    if _is_makes() or not LOCK.exists():
        return f"{_make('clean')} && {_make('setup DEVICE=gpu')}"
    return _pip("--force-reinstall", "--no-deps")


def _is_makes() -> bool:
    """Tell whether this is the environment that make sets up."""
    return Path(sys.prefix).resolve() == (CHECKOUT / ".venv").resolve()


def _pip(*options: str) -> str:
    words = [sys.executable, "-m", "pip", "install", *options, "--require-hashes", "-r", str(LOCK)]
    return shlex.join(words)


def _make(target: str) -> str:
    """Give a command of make, told of the checkout where this is another folder."""
    if not LOCK.exists():
        return f"in a checkout of Jetline: make {target}"
    there = "" if Path.cwd() == CHECKOUT else f"-C {shlex.quote(str(CHECKOUT))} "
    return f"make {there}{target}"
