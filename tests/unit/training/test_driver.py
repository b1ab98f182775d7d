"""What NVIDIA's driver tells, by stand-ins of its program."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jetline.training import driver
from jetline.training.device import gpus
from jetline.training.driver import Gpu, ask_driver, is_older
from stand_in_drivers import KINDS, path_with


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Ask a stand-in of a kind."""

    def ask(kind, limit=10.0):
        monkeypatch.setenv("PATH", path_with(tmp_path / "bin", kind))
        return ask_driver(limit)

    return ask


def test_one_gpu_is_told_with_all_that_is_known_of_it(asked):
    told = asked("one")
    assert told.gpus == (Gpu("0", "NVIDIA H100 80GB HBM3", (9, 0), "GPU-11f0", 81559, "0"),)
    assert (told.version, told.trouble) == ("550.54.15", "")


def test_eight_gpus_are_eight_places(asked):
    assert [gpu.place for gpu in asked("eight").gpus] == list("01234567")


def test_slices_are_places_of_their_own_and_the_whole_is_none(asked):
    places = {gpu.place: gpu.name for gpu in asked("slices").gpus}
    assert places == {
        "MIG-aaaa": "NVIDIA A100-SXM4-40GB MIG 3g.20gb",
        "MIG-bbbb": "NVIDIA A100-SXM4-40GB MIG 3g.20gb",
        "1": "NVIDIA A100-SXM4-40GB",
    }
    assert [gpu.place for gpu in gpus()] == ["MIG-aaaa", "MIG-bbbb", "1"]


def test_a_driver_that_knows_fewer_fields_is_asked_for_these(asked):
    told = asked("driver that knows few fields")
    assert told.gpus == (Gpu("0", "Tesla K80", index="0"),)
    assert told.version == "450.80.02"


@pytest.mark.parametrize(
    ("kind", "why", "remedy"),
    [
        ("no driver", "couldn't communicate", "install NVIDIA's driver"),
        ("replaced driver", "version mismatch", "restart the machine"),
        ("garbage", "? not, what", "nvidia-smi"),
        ("silence", "names no GPU: nothing", "nvidia-smi"),
        ("uncut", "no GPU has been cut", "nvidia-smi mig -cgi"),
    ],
)
def test_an_answer_that_lists_no_gpu_is_told_with_what_to_do(asked, capsys, kind, why, remedy):
    told = asked(kind)
    assert told.gpus == ()
    assert why in told.trouble
    assert remedy in told.remedy
    assert told.trouble.isprintable()
    assert gpus(tell=True) == ()
    assert why in capsys.readouterr().out


def test_a_driver_without_gpus_is_no_trouble(asked):
    assert asked("none") == driver.Driver()


def test_a_hanging_program_is_waited_for_no_longer_than_the_limit(asked):
    began = time.monotonic()
    told = asked("hanging", limit=0.5)
    assert time.monotonic() - began < 5
    assert "no answer within 0.5 s" in told.trouble


def test_a_program_that_cannot_be_run_is_told(tmp_path, monkeypatch):
    (tmp_path / "nvidia-smi").write_text("no program")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Exec format error" in ask_driver().trouble


@pytest.fixture
def without_program(tmp_path, monkeypatch):
    """A root of a file system, and no nvidia-smi on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    return tmp_path


def test_without_program_card_and_driver_there_is_no_gpu_and_no_trouble(without_program):
    device = without_program / "sys/bus/pci/devices/0000:00:02.0"
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x8086\n")
    (device / "class").write_text("0x030000\n")
    assert ask_driver(system=without_program) == driver.Driver()


def test_a_card_without_a_driver_is_found_on_the_bus(without_program):
    device = without_program / "sys/bus/pci/devices/0000:17:00.0"
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x10de\n")
    (device / "class").write_text("0x030200\n")
    told = ask_driver(system=without_program)
    assert "no driver for it" in told.trouble
    assert "install NVIDIA's driver" in told.remedy


@pytest.mark.parametrize(
    ("file", "remedy"),
    [("proc/driver/nvidia/version", "docker run"), ("usr/lib/wsl/lib/nvidia-smi", "export PATH=")],
)
def test_a_driver_whose_program_is_not_on_the_path_is_told(without_program, file, remedy):
    (without_program / file).parent.mkdir(parents=True)
    (without_program / file).touch()
    told = ask_driver(system=without_program)
    assert "not on the PATH" in told.trouble
    assert remedy in told.remedy


@pytest.mark.parametrize(
    ("version", "than", "older"),
    [
        ("470.82.01", "525.60.13", True),
        ("525.60.13", "525.60.13", False),
        ("1000.1", "525.60.13", False),
        ("525.105.17", "525.60.13", False),
    ],
)
def test_versions_are_compared_as_numbers(version, than, older):
    assert is_older(version, than) is older


@pytest.mark.parametrize(
    ("kind", "packages", "told"),
    [
        ("one", "gpu", ""),
        ("eight", "gpu", ""),
        ("slices", "gpu", ""),
        ("none", "cpu", ""),
        ("garbage", "cpu", "names no GPU"),
        ("old driver", "cpu", "the driver is 470.82.01, and CUDA 12 needs 525.60.13 or later"),
    ],
)
def test_set_up_is_told_which_packages_suit_the_machine(tmp_path, kind, packages, told):
    assert kind in KINDS
    environment = os.environ | {"PATH": path_with(tmp_path, kind)}
    run = subprocess.run(
        # Without the packages of this environment, of which there are none before set-up.
        [sys.executable, "-S", "-m", "jetline.training.driver"],
        env=environment | {"PYTHONPATH": str(Path(driver.__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    if packages == "gpu" and not sys.platform.startswith("linux"):
        pytest.skip("CUDA is locked for Linux alone")
    assert run.stdout == f"{packages}\n"
    assert told in run.stderr
    assert bool(told) == bool(run.stderr)
