"""Under which circumstances a training runs: rounding, versions of packages, commit."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import keras

from jetline.models.architecture import Network
from jetline.training.numerics import products, repeatability

if TYPE_CHECKING:
    from jetline.models.architecture import Architecture


def rounding(architecture: Architecture, device: str) -> dict[str, str]:
    """Tell whether a training gives the same bits again, and in what a network multiplies."""
    told = {"repeatable": repeatability(device)}
    if isinstance(architecture, Network):
        told["products"] = products(architecture.training.precision, device)
    return told


def versions() -> dict[str, str]:
    """Give the versions of what a training computes with."""
    packages = ("jetline", "keras", keras.backend.backend(), "numpy", "scikit-learn")
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python} | {name: version(name) for name in packages}


def commit() -> str | None:
    """Find the commit of the checkout that the package runs from; "+" follows if changed since."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        )
        changed = subprocess.run([*git, "diff", "--quiet", "HEAD"], check=False).returncode
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+" if changed else "")
