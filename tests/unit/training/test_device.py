"""Which processor a training uses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading

import keras
import pytest

from exported import tagger
from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.models import read_settings
from jetline.records.training import TRAINING
from jetline.training import device
from jetline.training.device import claim, on_device, suiting
from jetline.training.driver import Gpu

FOUR = [Gpu(index, index=index) for index in "0123"]


@pytest.fixture(autouse=True)
def _free(monkeypatch):
    # Set first, so that pytest puts the variable back whatever the test does to it.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "7")
    monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())
    monkeypatch.setenv("KERAS_HOME", os.devnull)


def test_two_trainings_on_one_machine_get_different_gpus(tmp_path, monkeypatch):
    with claim("auto", FOUR[:2], tmp_path) as first:
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "0"
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
        with claim("gpu", FOUR[:2], tmp_path) as second:
            assert os.environ["CUDA_VISIBLE_DEVICES"] == "1"
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert (first, second) == ("gpu 0", "gpu 1")


def test_a_third_training_waits_for_a_gpu(tmp_path, capsys):
    got = threading.Event()

    def third():
        with claim("gpu", FOUR[:1], tmp_path):
            got.set()

    with claim("gpu", FOUR[:1], tmp_path):
        del os.environ["CUDA_VISIBLE_DEVICES"]
        thread = threading.Thread(target=third)
        thread.start()
        assert not got.wait(0.5)
        os.environ["CUDA_VISIBLE_DEVICES"] = "0"
    thread.join(20)
    assert got.is_set()
    assert "waiting for a GPU" in capsys.readouterr().out


def test_a_killed_training_holds_no_gpu(tmp_path):
    code = f"""
import time
from pathlib import Path
from jetline.training import device
from jetline.training.device import claim
from jetline.training.driver import Gpu
with claim("gpu", [Gpu("0", index="0")], Path({str(tmp_path)!r})):
    print("held", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.kill()
        process.wait()
    with claim("gpu", FOUR[:1], tmp_path) as claimed:
        assert claimed == "gpu 0"


def test_what_slurm_has_assigned_stands(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    with claim("auto", FOUR, tmp_path) as claimed:
        assert claimed == "gpu 3"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "3"


@pytest.mark.parametrize("wanted", ["auto", "cpu"])
def test_without_a_gpu_the_cpu_is_used(wanted):
    with claim(wanted, []) as claimed:
        assert claimed == "cpu"
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "-1"


def test_a_gpu_that_is_wanted_and_missing_is_one_clear_error():
    with pytest.raises(JetlineError, match="device: cpu"), claim("gpu", []):
        pass


def backend_sees(monkeypatch, *seen):
    """Let this machine have one GPU, and the backend see these devices."""
    monkeypatch.setattr(device, "gpus", lambda **_: FOUR[:1])
    monkeypatch.setattr(keras.distribution, "list_devices", lambda _kind: list(seen))


def test_on_a_device_threads_are_limited_and_a_seen_gpu_is_claimed(tmp_path, monkeypatch):
    backend_sees(monkeypatch, "gpu:0")
    with on_device("gpu", 3, tmp_path) as used:
        assert used == "gpu 0"
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "0"
        assert os.environ["OMP_NUM_THREADS"] == os.environ["TF_NUM_INTRAOP_THREADS"] == "3"
    assert "CUDA_VISIBLE_DEVICES" not in os.environ


def test_a_gpu_that_the_backend_does_not_see_is_told_and_the_cpu_used(
    tmp_path, monkeypatch, capsys
):
    backend_sees(monkeypatch)
    with on_device("auto", 2, tmp_path) as used:
        assert used == "cpu"
    assert "using the CPU" in capsys.readouterr().out


def test_a_backend_that_knows_no_gpus_at_all_sees_none(tmp_path, monkeypatch, capsys):
    backend_sees(monkeypatch)

    def unknown(_kind):  # as JAX says it
        raise RuntimeError("Unknown backend: 'gpu' requested")

    monkeypatch.setattr(keras.distribution, "list_devices", unknown)
    with on_device("auto", 2, tmp_path) as used:
        assert used == "cpu"
    assert "using the CPU" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["train", "predict", "score"])
def test_no_command_goes_on_with_a_gpu_that_the_backend_does_not_see(
    command, tmp_path, monkeypatch, capsys, bundled
):
    # Looked at before a device is claimed: a tagger that is there, and jets.
    tagger(read_settings("pfn", {})).write(tmp_path / "pfn" / TRAINING)
    backend_sees(monkeypatch)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = str(tmp_path / "some")
    told = {
        "train": [
            *("--run", "r", "--label", "cnn", "--settings", "{}", "--dataset", "d", "--code", "0"),
            *("--training-seed", "1", "--parts", file, "--statistics", file, "--checkpoints", file),
            *("--results", file, "--output", file, file),
        ],
        "predict": [
            *("--training", file, "--datasets", "d", "--parts", file, "--shards", file),
            *("--output", file),
        ],
        "score": ["--tagger", tmp_path / "pfn", "--output", f"{file}.npz", bundled[0]],
    }
    assert main([command, "--device", "gpu", *map(str, told[command])]) == 1
    assert "cannot use it" in capsys.readouterr().err


@pytest.mark.parametrize("backend", ["jax", "tensorflow"])
def test_xla_is_asked_for_the_same_bits_before_a_device_is_opened(backend, tmp_path, monkeypatch):
    flags = []

    def opened(_kind):
        flags.append(os.environ["XLA_FLAGS"])
        return []

    backend_sees(monkeypatch)
    monkeypatch.setattr(keras.distribution, "list_devices", opened)
    # Here JAX is without CUDA, and would not be asked.
    monkeypatch.setattr(device, "usable_gpus", lambda seen, _backend: seen)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("KERAS_BACKEND", backend)
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=x")
    monkeypatch.setenv("JETLINE_DETERMINISTIC", "")
    monkeypatch.delenv("JETLINE_DETERMINISTIC")
    file = str(tmp_path / "some")
    told = ["--run", "r", "--label", "cnn", "--settings", "{}", "--dataset", "d", "--code", "0"]
    told += ["--training-seed", "1", "--parts", file, "--statistics", file, "--checkpoints", file]
    told += ["--results", file, "--output", file, file, "--deterministic"]
    assert main(["train", "--device", "gpu", *told]) == 1
    asked = " --xla_gpu_deterministic_ops=true" if backend == "jax" else ""
    assert flags == [f"--xla_dump_to=x{asked}"]


@pytest.mark.parametrize(("architecture", "device"), [("observables", "cpu"), ("pfn", "gpu")])
def test_trees_are_scored_without_a_gpu_whatever_is_wanted(architecture, device, tmp_path):
    tagger = {"label": "one", "architecture": architecture, "inputs": "particles"}
    tagger |= {"identity": "none", "settings": {}, "weights": {"file": "w", "sha256": "0"}}
    (tmp_path / "training.json").write_text(json.dumps(tagger))
    assert suiting(tmp_path, "gpu") == device
