"""What is said of the processor before the first job."""

from __future__ import annotations

import pytest

from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.planning.devices import devices_told
from jetline.training import devices
from jetline.training.probe import Seen
from stand_in_drivers import path_with


@pytest.fixture
def gpus(tmp_path, monkeypatch):
    """Give this machine GPUs, of which a backend can use all that are new enough."""

    def given(kind, usable):
        monkeypatch.setenv("PATH", path_with(tmp_path / "bin", kind))
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        seen = Seen("jax", "0.9", usable, built=True, cuda="12", capability=(7, 5))
        monkeypatch.setattr(devices, "ask_backend", lambda _backend: seen)

    return given


def configuration(device="auto", **architectures):
    return read_configuration(
        {
            "run": "mine",
            "datasets": {"few": {"source": "sample"}},
            "train_on": "few",
            "test_on": ["few"],
            "device": device,
            "backend": "jax",
            "architectures": architectures or {"pfn": {}},
        }
    )


@pytest.fixture
def hanging(tmp_path, monkeypatch):
    """A driver that must not be asked."""
    monkeypatch.setenv("PATH", path_with(tmp_path / "bin", "hanging"))


@pytest.mark.parametrize(
    "rules", [("train",), ("train_trial", "compare"), ("train_together",), ("predict",)]
)
def test_jobs_that_run_networks_are_told_their_processor(tmp_path, monkeypatch, rules):
    monkeypatch.setenv("PATH", path_with(tmp_path / "bin", "none"))
    told = devices_told(configuration(), rules, here=True)
    assert told == ["Trainings use the CPU: no GPU of NVIDIA's is here"]


def test_where_no_network_runs_nothing_is_told(hanging):
    assert devices_told(configuration("gpu"), {"html_report", "all"}, here=True) == []
    trees = configuration("gpu", observables={})
    assert devices_told(trees, {"train", "predict"}, here=True) == []


def test_on_a_cluster_the_devices_are_those_of_its_jobs(hanging):
    (line,) = devices_told(configuration("gpu"), {"train"}, here=False)
    assert "cluster jobs are given (device: gpu)" in line
    assert "srun --gres=gpu:1 jetline devices" in line


def test_a_gpu_that_cannot_be_had_stops(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", path_with(tmp_path / "bin", "none"))
    with pytest.raises(JetlineError, match="no GPU here"):
        devices_told(configuration("gpu"), {"train"}, here=True)


def test_a_training_on_more_gpus_than_can_be_used_stops(gpus):
    entries = {"small": {"architecture": "pfn"}, "pfn": {"gpus": 2}}
    gpus("eight", 8)
    assert devices_told(configuration(**entries), {"train"}, here=True)
    gpus("old card beside a new one", 1)
    with pytest.raises(JetlineError, match="2, and 1 here that a training can take"):
        devices_told(configuration(**entries), {"train"}, here=True)
    assert devices_told(configuration("cpu", **entries), {"train"}, here=True)


@pytest.mark.parametrize(
    ("per_gpu", "at_once", "told"),
    [
        (1, 8, ["At most 8 of them run at a time"]),
        (3, 24, ["At most 24 of them run at a time, up to 3 on each GPU"]),
        (1, 1, ["One of them runs at a time"]),
        (1, 0, []),
    ],
)
def test_how_many_run_at_a_time_is_told(gpus, per_gpu, at_once, told):
    gpus("eight", 8)
    asked = configuration().model_copy(update={"trainings_per_gpu": per_gpu})
    first, *lines = devices_told(asked, {"train"}, here=True, at_once=at_once)
    assert first.startswith("Trainings use 8 GPUs, each training one of them")
    assert lines == told
    nobody_waits = devices_told(configuration("cpu"), {"train"}, here=True, at_once=at_once)
    assert len(nobody_waits) == 1
