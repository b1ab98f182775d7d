"""What a run says of its processor before the first job."""

from __future__ import annotations

import numpy as np
import pytest

from checkout import TINY, Checkout
from stand_in_drivers import path_with

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    made = Checkout(root, tmp_path_factory.mktemp("devices"))
    (made.folder / "jets").mkdir()
    with np.load(bundled[0], allow_pickle=False) as archive:
        few = {name: archive[name][:400] for name in ("X", "y")}
    np.savez_compressed(made.folder / "jets/few.npz", **few)
    made.environment.pop("CUDA_VISIBLE_DEVICES", None)
    return made


def run(checkout, folder, kind, *arguments, **changed):
    configuration = checkout.configure(
        changed.get("device", "auto"),
        architectures={"pfn": TINY["architectures"]["pfn"]},
        **changed,
    )
    return checkout.run(
        *("snakemake", "--cores", "2", *arguments, "--configfile", configuration),
        PATH=path_with(folder, kind),
    )


def test_a_gpu_that_cannot_be_had_stops_before_the_first_job(checkout, tmp_path):
    result = run(checkout, tmp_path, "one", device="gpu")
    assert result.returncode == 1
    error = result.stdout[result.stdout.index("error: configuration, device\n") :]
    assert "found:    gpu, but it cannot be used: " in error
    assert "to do:    " in error
    for noise in ("Traceback", "Snakefile", "[ 1/"):
        assert noise not in result.stdout
    assert not (checkout.folder / "results").exists()
    # Nothing is locked, and nothing incomplete.
    again = run(checkout, tmp_path, "none", device="gpu")
    assert "there is no GPU here" in again.stdout
    assert "Lock" not in again.stdout


def test_the_processor_is_told_once_before_the_first_step(checkout, tmp_path):
    training = "results/runs/tiny/trainings/pfn/seed-1/training.json"
    result = run(checkout, tmp_path, "no driver", training)
    assert result.returncode == 0, result.stdout
    lines = result.stdout.splitlines()
    told = [number for number, line in enumerate(lines) if line.startswith("Trainings use ")]
    assert len(told) == 1
    assert lines[told[0]] == "Trainings use the CPU, although a GPU may be here:"
    assert "couldn't communicate" in lines[told[0] + 1]
    assert told[0] < min(n for n, line in enumerate(lines) if line.startswith("["))
    dry = run(checkout, tmp_path, "hanging", "-n", "--forcerun", "train", training)
    assert "Trainings use" not in dry.stdout
