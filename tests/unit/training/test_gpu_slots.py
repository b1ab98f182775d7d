"""Slots of GPUs: who gets which, how many share one, and what is left when one is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from jetline.core.errors import JetlineError
from jetline.training import usable
from jetline.training.device import claim, gpus
from jetline.training.driver import Gpu
from jetline.training.gpu_slots import VISIBLE, settle_memory, slot, slots_here, visible
from stand_in_drivers import path_with, path_with_gpus, uuid_of

#: A process that holds a slot until its input ends, and says before which GPU it sees.
HOLDER = """
import os, sys
from pathlib import Path
from jetline.training.device import gpus
from jetline.training.gpu_slots import slot, visible
usable = visible(gpus(), os.environ.get("CUDA_VISIBLE_DEVICES"))
with slot(usable, int(sys.argv[2]), Path(sys.argv[1]), int(sys.argv[3])):
    print(os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _free(monkeypatch):
    # Set first, so that pytest puts the variables back whatever the test does to them.
    for name in (VISIBLE, "CUDA_DEVICE_ORDER", "SLURM_JOB_ID"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Give this machine GPUs."""

    def given(count: int, **more) -> tuple[Gpu, ...]:
        monkeypatch.setenv("PATH", path_with_gpus(tmp_path / "bin", count, **more))
        return gpus()

    return given


@pytest.fixture
def holder(tmp_path):
    """Start processes that hold slots; all end with the test."""
    started = []

    def start(per_gpu: int = 1, count: int = 1, **variables: str) -> subprocess.Popen:
        command = [sys.executable, "-c", HOLDER, tmp_path / "locks", str(per_gpu), str(count)]
        environment = {**os.environ, **variables}
        environment |= {"PYTHONPATH": os.pathsep.join(sys.path)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(command, env=environment, **pipes))
        return started[-1]

    yield start
    for process in started:
        with process:
            process.kill()


def test_eight_trainings_side_by_side_have_another_gpu_each_and_a_ninth_waits(machine, holder):
    machine(8)
    nine = [holder() for _ in range(9)]
    # Whichever waits says so, and has no GPU before another has ended.
    said = [process.stdout.readline().strip() for process in nine]
    (ninth,) = (number for number, line in enumerate(said) if line.startswith("waiting"))
    held = said[:ninth] + said[ninth + 1 :]
    assert sorted(held) == list("01234567")
    ended = nine[ninth - 1]
    ended.stdin.close()
    assert nine[ninth].stdout.readline().strip() == said[ninth - 1]


def test_no_gpu_is_shared_before_all_are_used(machine, holder):
    machine(2)
    held = [holder(2).stdout.readline().strip() for _ in range(4)]
    assert held == ["0", "1", "0", "1"]


def test_a_killed_training_leaves_its_slot_to_the_next(machine, holder):
    machine(1)
    first, second = holder(2), holder(2)
    assert first.stdout.readline() == second.stdout.readline() == "0\n"
    third = holder(2)
    assert third.stdout.readline().startswith("waiting")
    first.kill()
    assert third.stdout.readline() == "0\n"


def test_trainings_on_several_gpus_have_them_one_after_the_other(machine, holder):
    machine(4)
    first = holder(count=3)
    assert first.stdout.readline() == "0,1,2\n"
    second = holder(count=3)
    assert second.stdout.readline().startswith("waiting for a GPU")
    third = holder(count=3)
    assert third.stdout.readline().startswith("waiting until another training has its GPUs")
    first.kill()
    assert second.stdout.readline() == "3,0,1\n"
    assert third.stdout.readline().startswith("waiting for a GPU")
    second.kill()
    assert third.stdout.readline() == "2,0,1\n"


def test_one_that_waits_for_several_gpus_keeps_those_that_it_has(machine, holder):
    machine(2)
    first = holder()
    assert first.stdout.readline() == "0\n"
    both = holder(count=2)
    assert both.stdout.readline().startswith("waiting for a GPU")
    later = holder()
    assert later.stdout.readline().startswith("waiting for a GPU")
    later.kill()
    first.kill()
    assert both.stdout.readline() == "1,0\n"


def test_several_gpus_that_slurm_gives_a_job_stand(machine, holder):
    job = {VISIBLE: "2,3", "SLURM_JOB_ID": "17"}
    machine(8)
    assert [holder(count=2, **job).stdout.readline() for _ in range(2)] == ["2,3\n"] * 2


def test_several_gpus_are_whole_ones_and_enough_or_an_error(machine, tmp_path):
    available = machine(3, cut=[1])
    with claim("auto", available, tmp_path, count=2) as claimed:
        assert claimed == "gpu 0, 2"
        assert os.environ[VISIBLE] == "0,2"
    for more, told in ({"count": 3}, "2 slices"), ({"count": 2, "per_gpu": 2}, "whole GPUs"):
        with (
            pytest.raises(JetlineError, match=told),
            claim("auto", available, tmp_path, **more),
        ):
            pass
    with claim("auto", [], tmp_path, count=2) as claimed:
        assert claimed == "cpu"


def test_what_the_user_names_is_chosen_among(machine, tmp_path, monkeypatch):
    available, named = machine(8), f"5,{uuid_of(2)}"
    monkeypatch.setenv(VISIBLE, named)
    assert slots_here("auto", available, 3, "tensorflow") == 6
    with claim("auto", available, tmp_path) as first:
        assert os.environ[VISIBLE] == "5"
        monkeypatch.setenv(VISIBLE, named)
        with claim("auto", available, tmp_path) as second:
            assert (first, second) == ("gpu 5", "gpu 2")
    assert os.environ[VISIBLE] == named


def test_slurms_jobs_that_each_see_their_gpu_as_the_first_do_not_wait_for_each_other(
    holder, tmp_path
):
    for number in "12":
        path = path_with_gpus(tmp_path / number, 1, machine=number)
        assert holder(PATH=path).stdout.readline() == "0\n"


def test_jobs_that_slurm_lets_share_a_gpu_do_not_wait_for_each_other(machine, holder):
    job = {VISIBLE: "3", "SLURM_JOB_ID": "17"}
    machine(8)
    assert [holder(**job).stdout.readline() for _ in range(3)] == ["3\n"] * 3


def test_workflows_within_an_allocation_of_slurms_share_its_gpus_out(machine, holder):
    job = {VISIBLE: "2,3", "SLURM_JOB_ID": "17"}
    machine(8)
    assert [holder(**job).stdout.readline() for _ in range(2)] == ["2\n", "3\n"]


def test_slices_of_a_gpu_are_gpus_of_their_own(machine):
    available = machine(2, cut=[1])
    assert [gpu.place for gpu in available] == ["0", "MIG-01-0", "MIG-01-1"]
    assert [gpu.memory for gpu in available] == [81559, 40960, 40960]
    assert slots_here("gpu", available, 2, "tensorflow") == 6
    # The index of a card that is cut means its slices.
    assert visible(available, "1") == list(available[1:])
    assert visible(available, "0,MIG-01-1") == [available[0], available[2]]


def test_without_a_gpu_there_are_no_slots_to_wait_for(machine, monkeypatch):
    available = machine(2)
    assert slots_here("cpu", available, 4, "tensorflow") == 0
    assert slots_here("auto", [], 4, "tensorflow") == 0
    for hiding in ("-1", "", "9"):
        monkeypatch.setenv(VISIBLE, hiding)
        assert slots_here("auto", available, 4, "tensorflow") == 0


def test_a_gpu_that_is_too_old_for_the_backend_has_no_slots_and_is_claimed_by_nobody(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", path_with(tmp_path / "bin", "old card beside a new one"))
    old, new = gpus()
    assert slots_here("auto", [old, new], 2, "tensorflow") == 2
    with claim("auto", [old, new], tmp_path, backend="tensorflow") as claimed:
        assert claimed == "gpu 1"
    assert slots_here("auto", [old], 2, "tensorflow") == 0


@pytest.mark.skipif(find_spec("jax_cuda12_plugin") is not None, reason="JAX has CUDA here")
def test_a_backend_without_cuda_has_no_slots_and_waits_for_none(
    machine, tmp_path, monkeypatch, capsys
):
    available = machine(2)
    assert slots_here("auto", available, 2, "jax") == 0
    with claim("auto", available, tmp_path / "locks", backend="jax") as claimed:
        assert claimed == "cpu"
    assert not (tmp_path / "locks").exists()
    assert "jax cannot use it" in capsys.readouterr().out
    monkeypatch.delenv(VISIBLE)
    with (
        pytest.raises(JetlineError, match="but jax cannot use it"),
        claim("gpu", available, tmp_path, backend="jax"),
    ):
        pass


def test_where_gpus_are_hidden_from_jax_it_has_no_slots(machine, monkeypatch):
    available = machine(2)
    monkeypatch.setattr(usable.importlib.util, "find_spec", lambda _name: True)
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    assert slots_here("auto", available, 1, "jax") == 2
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    assert slots_here("auto", available, 1, "jax") == 0


def test_what_a_build_of_tensorflow_does_not_tell_leaves_out_no_gpu(tmp_path):
    for text in ("", "build_info = {", "build_info = told()", "build_info = dict(1)"):
        (tmp_path / "build_info.py").write_text(text)
        assert usable._build_info(tmp_path / "build_info.py") == {}


def test_a_gpu_without_slots_is_an_error_and_no_waiting_for_ever(machine, tmp_path):
    with pytest.raises(JetlineError, match="1 or more"), slot(machine(1), 0, tmp_path):
        pass


def test_gpus_are_shared_out_by_their_indices_where_nvidia_smi_tells_no_more(
    tmp_path, monkeypatch, capsys
):
    available = [Gpu(index, index=index) for index in "01"]
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    with claim("auto", available, tmp_path, per_gpu=2) as first:
        monkeypatch.delenv(VISIBLE)
        with claim("auto", available, tmp_path, per_gpu=2) as second:
            assert (first[:5], second[:5]) == ("gpu 0", "gpu 1")
        monkeypatch.setenv(VISIBLE, "0")
    assert "shared without bounds" in capsys.readouterr().out


def test_a_shared_gpu_is_told_and_its_memory_is_taken_by_shares(machine, tmp_path, monkeypatch):
    names = ("XLA_PYTHON_CLIENT_PREALLOCATE", "XLA_PYTHON_CLIENT_MEM_FRACTION")
    for name in (*names, "TF_FORCE_GPU_ALLOW_GROWTH"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with claim("auto", machine(1), tmp_path) as claimed:
        assert claimed == "gpu 0"
        assert not {*names} & {*os.environ}
    with claim("auto", machine(1), tmp_path, per_gpu=3) as claimed:
        assert claimed == "gpu 0, shared by up to 3"
        assert [os.environ[name] for name in names] == ["false", "0.300"]
    assert os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


def test_a_share_of_memory_that_the_user_sets_stands(monkeypatch):
    monkeypatch.setenv("XLA_PYTHON_CLIENT_MEM_FRACTION", "0.5")
    monkeypatch.setenv("XLA_PYTHON_CLIENT_PREALLOCATE", "true")
    monkeypatch.setenv("TF_FORCE_GPU_ALLOW_GROWTH", "false")
    settle_memory(2)
    assert os.environ["XLA_PYTHON_CLIENT_MEM_FRACTION"] == "0.5"
    assert os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] == "false"


#: Takes memory until there is no more, says how much of the GPU it was [MB], and goes on.
GREEDY = """
import sys
from pathlib import Path
from jetline.training.device import on_device
with on_device("gpu", 1, Path(sys.argv[1]), per_gpu=2):
    import keras
    taken = []
    try:
        while True:
            taken.append(keras.ops.ones((256, 1024, 1024)))
            float(taken[-1][0, 0, 0])
    except Exception as error:
        assert "RESOURCE_EXHAUSTED" in str(error) or "OOM" in str(error), error
    print(1024 * len(taken), flush=True)
    sys.stdin.read()
"""


@pytest.mark.gpu
@pytest.mark.skipif(not gpus(), reason="no NVIDIA GPU here")
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_one_that_takes_all_memory_that_it_gets_leaves_the_other_its_share(backend, tmp_path):
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", GREEDY, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with (
        subprocess.Popen(command, env=environment, **pipes) as first,
        subprocess.Popen(command, env=environment, **pipes) as second,
    ):
        # Both hold what they have until all is read.
        taken = [
            int(next(line for line in process.stdout if line.strip().isdecimal()))
            for process in (first, second)
        ]
    whole = gpus()[0].memory
    assert all(0.3 * whole < one < 0.46 * whole for one in taken)
