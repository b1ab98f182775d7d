"""The benchmark's modules, and a setting of them that is tiny and on the CPU."""

from __future__ import annotations

import importlib
import sys

import pytest

NO_MEASUREMENT = "No GPU: a test of the command on the CPU, not a measurement"


@pytest.fixture
def parts(root, monkeypatch):
    """Make a module beside the command importable, as it is for the command."""
    monkeypatch.syspath_prepend(root / "benchmarks")
    return importlib.import_module("gpu_parts")


@pytest.fixture
def setting(parts, tmp_path):
    """Tiny, on the CPU, with JAX alone."""
    from gpu_results import Results
    from gpu_setting import Setting

    return Setting(
        device="cpu",
        card=NO_MEASUREMENT,
        jets=64,
        batch=32,
        repeats=1,
        networks=("pfn",),
        precisions=("float32",),
        backends=("jax",),
        torch_python=sys.executable,
        ends_at=float("inf"),
        results=Results(tmp_path / "gpu.json", {"card": NO_MEASUREMENT}),
    )
