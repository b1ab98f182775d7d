"""What is said of the processor before the first job."""

from __future__ import annotations

import pytest

from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.planning.devices import devices_told
from stand_in_drivers import path_with


def configuration(device="auto", **architectures):
    return read_configuration(
        {
            "run": "mine",
            "datasets": {"few": {"source": "sample"}},
            "train_on": "few",
            "test_on": ["few"],
            "device": device,
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
