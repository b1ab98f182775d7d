"""What is said of the processor that trainings use: which, why, and what to do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.training import packages
from jetline.training.devices import decide, find_devices, unavailable
from jetline.training.driver import Driver, ask_driver
from jetline.training.packages import CHECKOUT, renew_command, setup_command
from jetline.training.probe import (
    Seen,
    ask_backend,
    library_folders,
    missing_packages,
    shadowed,
    unloadable,
)
from stand_in_drivers import path_with

#: TensorFlow with all that it needs, and without.
WORKS = Seen("tensorflow", "2.21.0", 1, built=True, cuda="12.9", capability=(6, 0))
BLIND = Seen("tensorflow", "2.21.0", 0, built=True, cuda="12.9", capability=(6, 0))


def but(seen: Seen, **changed) -> Seen:
    return Seen(**(vars(seen) | changed))


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What is said with a stand-in of the driver, a backend and variables of the environment."""

    def tell(kind, seen=WORKS, **environment):
        monkeypatch.setenv("PATH", path_with(tmp_path / "bin", kind))
        return decide(ask_driver(), lambda: seen, environment)

    return tell


def test_a_gpu_that_works_is_named_with_all_versions(told):
    found = told("one")
    assert found.on_gpu
    assert found.lines == [
        "Trainings use the GPU: NVIDIA H100 80GB HBM3 "
        "(driver 550.54.15; tensorflow 2.21.0, CUDA 12.9)"
    ]


def test_eight_gpus_are_told_in_one_line(told):
    found = told("eight", but(WORKS, gpus=8))
    (line,) = found.lines
    assert "8 GPUs, each training one of them: 8 x NVIDIA H100 80GB HBM3 (" in line


def test_slices_are_told_as_what_they_are(told):
    (line,) = told("slices").lines
    assert "3 GPUs" in line
    assert "2 x NVIDIA A100-SXM4-40GB MIG 3g.20gb, NVIDIA A100-SXM4-40GB (" in line


def test_without_a_gpu_there_is_nothing_to_do():
    def never():
        raise AssertionError("the backend is asked although there is no driver")

    assert decide(Driver(), never, {}).lines == [
        "Trainings use the CPU: no GPU of NVIDIA's is here"
    ]


@pytest.mark.parametrize("kind", ["no driver", "garbage", "silence", "uncut", "replaced driver"])
def test_a_driver_that_lists_no_gpu_is_told_in_one_line_with_what_to_do(told, kind):
    used, reason = told(kind).lines
    assert used == "Trainings use the CPU, although a GPU may be here:"
    assert re.fullmatch(r"  \S.+; to do: \S.+", reason)


@pytest.mark.parametrize(
    ("kind", "seen", "environment", "why", "remedy"),
    [
        (
            "old driver",
            BLIND,
            {},
            "the driver is 470.82.01, and CUDA 12.9 of tensorflow needs 525.60.13 or later",
            "install a newer driver",
        ),
        (
            # To install packages would not help.
            "old driver",
            Seen("jax", "0.10.2"),
            {},
            "the driver is 470.82.01, and CUDA 12 of jax needs 525.60.13 or later",
            "install a newer driver",
        ),
        (
            "one",
            Seen("jax", "0.10.2"),
            {},
            "jax 0.10.2 is installed without CUDA",
            "requirements-gpu.lock",
        ),
        (
            "one",
            but(BLIND, missing=["nvidia-cublas-cu12", "nvidia-cudnn-cu12"]),
            {},
            "needs are not installed: nvidia-cublas-cu12, nvidia-cudnn-cu12",
            "requirements-gpu.lock",
        ),
        (
            "one",
            but(BLIND, unloadable={"libcudnn.so.9": "file too short"}),
            {},
            "libcudnn.so.9 does not load: file too short",
            "requirements-gpu.lock",
        ),
        (
            "one",
            but(BLIND, unloadable={"libcuda.so.1": "no such file", "libcudnn.so.9": "no libcuda"}),
            {},
            "libcuda.so.1 does not load: no such file",
            "docker run --gpus all",
        ),
        (
            "one",
            but(BLIND, shadowed={"libcudnn.so.9": "/opt/cuda/lib64"}),
            {},
            "LD_LIBRARY_PATH puts /opt/cuda/lib64/libcudnn.so.9 before those that belong",
            "unset LD_LIBRARY_PATH",
        ),
        (
            "one",
            BLIND,
            {"CUDA_VISIBLE_DEVICES": ""},
            "CUDA_VISIBLE_DEVICES= hides NVIDIA H100 80GB HBM3",
            "unset CUDA_VISIBLE_DEVICES",
        ),
        (
            "eight",
            BLIND,
            {"CUDA_VISIBLE_DEVICES": "9,1"},
            "CUDA_VISIBLE_DEVICES=9,1 hides 8 x NVIDIA H100 80GB HBM3",
            "unset CUDA_VISIBLE_DEVICES",
        ),
        (
            "one",
            but(BLIND, backend="jax"),
            {"JAX_PLATFORMS": "cpu"},
            "JAX_PLATFORMS=cpu hides it",
            "unset JAX_PLATFORMS",
        ),
        (
            "old card",
            but(BLIND, missing=["nvidia-cublas-cu12"]),
            {},
            "Tesla M40 (GPU 0) has compute capability 5.2, and tensorflow 2.21.0 needs 6.0",
            "device: cpu",
        ),
        (
            "one",
            Seen("tensorflow", error="it cannot be imported: libm.so.7"),
            {},
            "tensorflow does not run: it cannot be imported: libm.so.7",
            "requirements-gpu.lock",
        ),
        ("one", BLIND, {}, "tensorflow 2.21.0 does not see it", "list_physical_devices"),
    ],
)
def test_each_reason_is_one_line_with_what_to_do(
    told, monkeypatch, kind, seen, environment, why, remedy
):
    # In make's own environment the advice would be a command of make's.
    monkeypatch.setattr(packages, "_is_makes", lambda: False)
    found = told(kind, seen, **environment)
    assert not found.on_gpu
    used, reason = found.lines
    assert used.startswith("Trainings use the CPU, although a GPU is here (")
    assert why in reason
    _, _, to_do = reason.partition("; to do: ")
    assert remedy in to_do
    error = str(unavailable(found.reasons))
    assert why in error
    assert remedy in error


def test_where_tensorflow_has_no_cuda_at_all_jax_is_advised(told, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    _, reason = told("one", Seen("tensorflow", "2.21.0")).lines
    assert "which it has not for aarch64; to do: set `backend: jax`, and " in reason


def test_what_is_wrong_beside_a_gpu_that_works_is_told_too(told):
    module = but(WORKS, shadowed={"libcudnn.so.9": "/opt/cuda/lib64"})
    used, reason = told("one", module).lines
    assert used.startswith("Trainings use the GPU: ")
    assert "unset LD_LIBRARY_PATH" in reason
    used, reason = told("old card beside a new one").lines
    assert used.startswith("Trainings use the GPU: NVIDIA H100 80GB HBM3 (")
    assert reason.endswith("; to do: export CUDA_VISIBLE_DEVICES=1")


@pytest.mark.parametrize("assigned", ["1", "GPU-11f01", "1,9"])
def test_what_the_environment_leaves_of_eight_is_told(told, assigned):
    (line,) = told("eight", CUDA_VISIBLE_DEVICES=assigned).lines
    assert line.startswith("Trainings use the GPU: NVIDIA H100 80GB HBM3 (")
    assert line.endswith(f", as CUDA_VISIBLE_DEVICES={assigned} says")


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """One GPU by a stand-in, which no backend can see."""
    monkeypatch.setenv("PATH", path_with(tmp_path / "bin", "one"))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_the_command_asks_the_real_backend(stand_in, capfd, backend):
    assert main(["devices", "--backend", backend]) == 0
    used, reason, took = capfd.readouterr().out.splitlines()
    assert used == "Trainings use the CPU, although a GPU is here (NVIDIA H100 80GB HBM3):"
    assert backend in reason or "libcuda.so.1" in reason
    assert re.fullmatch(r"\(found out in \d+\.\d s\)", took)


def test_the_command_needs_no_backend_where_there_is_no_driver(tmp_path):
    code = (
        "import sys; from jetline.cli.main import main; status = main(['devices']);"
        "assert not {'tensorflow', 'jax', 'keras'} & set(sys.modules); sys.exit(status)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith("Trainings use the CPU")


def test_a_gpu_that_is_wanted_and_not_to_be_had_is_an_error(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", path_with(tmp_path / "bin", "none"))
    assert main(["devices", "--device", "gpu"]) == 1
    assert "there is no GPU here" in capsys.readouterr().err
    monkeypatch.setenv("PATH", path_with(tmp_path / "bin", "no driver"))
    with pytest.raises(JetlineError, match="couldn't communicate"):
        find_devices("gpu", "tensorflow")


def test_a_cpu_that_is_wanted_is_not_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", path_with(tmp_path / "bin", "hanging"))
    assert find_devices("cpu", "tensorflow").lines == [
        "Trainings use the CPU, as `device: cpu` says"
    ]


def test_a_backend_that_does_not_answer_or_run_is_told(tmp_path, monkeypatch):
    assert "no answer within" in ask_backend("tensorflow", limit=0.01).error
    (tmp_path / "jax").mkdir()
    (tmp_path / "jax/__init__.py").write_text("raise ImportError('no libm.so.7')")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    assert ask_backend("jax").error == "it cannot be imported: no libm.so.7"
    (tmp_path / "jax/__init__.py").write_text("import os; os.kill(os.getpid(), 4)")
    assert "exit status -4" in ask_backend("jax").error


@pytest.mark.gpu
@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_gpu_that_is_here_is_used(backend):
    if not ask_driver().gpus:
        pytest.skip("no GPU of NVIDIA's is here")
    if missing := missing_packages(backend):
        pytest.skip(f"set up without CUDA: {', '.join(missing)}")
    # The tests hide it from themselves.
    environment = {k: v for k, v in os.environ.items() if k != "CUDA_VISIBLE_DEVICES"}
    command = ["devices", "--device", "gpu", "--backend", backend]
    run = subprocess.run(
        [sys.executable, "-m", "jetline.cli.main", *command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Trainings use ")
    assert "the CPU" not in run.stdout


def test_a_damaged_library_and_one_of_a_module_are_found(tmp_path):
    own, module = tmp_path / "nvidia/cudnn/lib", tmp_path / "module"
    for folder in (own, module):
        folder.mkdir(parents=True)
        (folder / "libcudnn.so.9").write_bytes(b"\x7fELF cut off")
    failed = unloadable([own])
    assert "libcudnn.so.9" in failed
    assert str(own) in failed["libcudnn.so.9"]
    assert shadowed([own], f"{tmp_path}:{module}::{own}") == {"libcudnn.so.9": str(module)}
    assert shadowed([own], "") == {}
    assert all(folder.is_dir() for folder in library_folders())


def test_the_advice_is_a_command_that_works_in_the_checkout(root, tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "_is_makes", lambda: True)
    monkeypatch.chdir(tmp_path)
    for command in (setup_command(), *renew_command().split(" && ")):
        words = command.split()
        assert words[:3] == ["make", "-C", str(root)]
        run = subprocess.run([*words, "-n"], capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
    monkeypatch.chdir(root)
    assert setup_command() == "make setup DEVICE=gpu"
    assert root == CHECKOUT


def test_in_another_environment_the_advice_is_to_install_into_this_one(monkeypatch):
    monkeypatch.setattr(packages, "_is_makes", lambda: False)
    python, *words = setup_command().split()
    assert python == sys.executable
    assert words[:4] == ["-m", "pip", "install", "--require-hashes"]
    assert Path(words[-1]).is_file()
    help_ = subprocess.run(
        [python, "-m", "pip", "install", "--help"], capture_output=True, text=True, check=True
    )
    assert "--require-hashes" in help_.stdout


def test_no_message_names_a_package_of_an_index_that_is_not_ours(root):
    for path in (root / "src").rglob("*.py"):
        assert not re.search(r"pip install ['\"]?jetline", path.read_text()), path
