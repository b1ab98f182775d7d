"""The benchmark of a GPU: it says where there is none, and each part runs, here on the CPU."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

import pytest

from jetline.configuration.reading import load_yaml
from stand_in_drivers import path_with

#: Few enough jets that only starting the processes takes time.
TINY = ("--device", "cpu", "--jets", "64", "--batch", "32", "--repeats", "1")
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
NO_MEASUREMENT = "No GPU: a test of the command on the CPU, not a measurement"


def command(root, *words: str, **variables: str) -> subprocess.CompletedProcess:
    """Run the command as a user does."""
    return subprocess.run(
        [sys.executable, root / "benchmarks/gpu.py", *words],
        env=os.environ | {"PYTHONPATH": str(root / "src")} | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def written(setting) -> dict:
    return json.loads(setting.results.path.read_text())


@pytest.mark.parametrize(
    ("driver", "why"),
    [
        ("none", "nvidia-smi lists none"),
        ("replaced driver", "nvidia-smi fails"),
        ("hidden", "CUDA_VISIBLE_DEVICES= hides it"),
    ],
)
def test_without_a_gpu_one_line_says_so_and_why(root, tmp_path, driver, why):
    path = path_with(tmp_path / "bin", "one" if driver == "hidden" else driver)
    told = "" if driver == "hidden" else "0"
    output = str(tmp_path / "gpu.json")
    run = command(root, "--output", output, PATH=path, CUDA_VISIBLE_DEVICES=told)
    assert run.returncode == 1
    (line,) = run.stderr.splitlines()
    assert line.startswith("error: there is no GPU here to measure on")
    assert why in line
    assert line.endswith("nothing was measured")
    assert not (tmp_path / "gpu.json").exists()


def test_a_checkout_without_any_package_says_what_it_needs(root, tmp_path):
    def bare(*words):
        """Run Python without its packages; ours comes from the checkout."""
        run = subprocess.run(
            [sys.executable, "-S", root / "benchmarks/gpu.py", *words],
            env={"PATH": path_with(tmp_path / "bin", "none")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert run.returncode == 1
        return run.stderr

    assert bare().startswith("error: there is no GPU here to measure on")
    assert bare("--device", "cpu") == (
        "error: not installed: numpy, pydantic, xxhash, zlib_ng, keras; nothing was measured; "
        "to do: make bench-gpu\n"
    )


def made(root, tmp_path, driver: str, *words: str) -> subprocess.CompletedProcess:
    """Run make with a stand-in of the driver, where no environment is set up."""
    return subprocess.run(
        ["make", "bench-gpu", f"VENV={tmp_path}/venv", f"PYTHON={sys.executable}", *words],
        cwd=root,
        env=os.environ | {"PATH": path_with(tmp_path / "bin", driver)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@needs_make
def test_make_sets_nothing_up_without_a_gpu(root, tmp_path):
    run = made(root, tmp_path, "none")
    assert run.returncode != 0
    assert run.stdout == (
        "error: there is no GPU here to measure on; nothing was installed or measured\n"
    )
    assert not (tmp_path / "venv").exists()


@needs_make
def test_make_sets_up_for_the_gpu_and_pytorch_apart(root, tmp_path):
    run = made(root, tmp_path, "one", "-n", "PART=feed sharing", "MINUTES=9")
    assert run.returncode == 0, run.stderr
    steps = [
        "--require-hashes -r requirements-gpu.lock",
        f"-c {tmp_path}/venv/installed.txt energyflow tf-keras",
        f"{tmp_path}/venv-torch/bin/pip install",
        f"{tmp_path}/venv/bin/python benchmarks/gpu.py --part feed --part sharing --minutes 9",
    ]
    places = [run.stdout.find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)
    assert not (tmp_path / "venv-torch").exists()


@pytest.mark.slow
def test_a_gpu_that_no_backend_can_use_ends_it_too(root, tmp_path):
    path = path_with(tmp_path / "bin", "one")
    output = str(tmp_path / "gpu.json")
    run = command(root, "--output", output, PATH=path, CUDA_VISIBLE_DEVICES="0")
    assert run.returncode == 1
    assert "jax cannot use it" in run.stderr.replace("jax and tensorflow", "jax")
    assert "Trainings use the CPU, although a GPU is here" in run.stdout
    assert not (tmp_path / "gpu.json").exists()


@pytest.mark.slow
def test_networks_are_measured_and_peers_that_are_not_installed_are_named(parts, setting):
    parts.networks(setting)
    told = written(setting)
    forms = {row["form"]: row for row in told["measured"]}
    left_out = {row["form"]: row["why"] for row in told["left_out"]}
    assert forms.keys() | left_out.keys() == {"ours, jax", *parts._PEERS["pfn"]}
    ours = forms["ours, jax"]
    for kind in ("training", "inference"):
        assert ours[kind]["jets_per_second"] > 0
    # A particle takes 37,000 multiplications and additions, forward; a jet has 44.
    assert 2 * 37_000 * 30 < ours["inference"]["flop"] < 2 * 37_000 * 80
    assert 2 < ours["training"]["flop"] / ours["inference"]["flop"] < 4
    # Of a card that has no known peaks there is no share.
    assert "arithmetic_share" not in ours["training"]
    if find_spec("torch") is None:
        assert left_out["EnergyFlow's layers in PyTorch"] == "torch is not installed"
    table = setting.results.path.with_suffix(".md").read_text()
    assert table.startswith(f"## {NO_MEASUREMENT}")
    assert "| pfn | float32 | ours, jax |" in table
    for form, why in left_out.items():
        assert f"* networks, pfn, float32, {form}: {why}" in table


@pytest.mark.slow
def test_the_feed_is_measured_alone(parts, setting):
    parts.feed(setting)
    told = written(setting)
    speeds = {row["form"]: row["jets_per_second"] for row in told["measured"]}
    assert speeds.keys() == {"gathered on the device, jax", "made on the host, jax"}
    assert min(speeds.values()) > 0


@pytest.mark.slow
def test_trainings_that_share_run_at_once(parts, setting):
    row = parts._shared(setting, "pfn", 2, limit=200)
    assert row["trainings"] == 2
    assert row["jets_per_second"] > 0


@pytest.mark.slow
def test_seeds_that_train_together_are_measured_beside_one(parts, setting, monkeypatch):
    monkeypatch.setattr(parts, "SEEDS", 2)
    parts.seeds(setting)
    told = {row["form"]: row for row in written(setting)["measured"]}
    assert told.keys() == {"1 seed", "2 seeds together"}
    for row in told.values():
        assert row["jets_per_second"] > 0
    longer = 2 * told["1 seed"]["jets_per_second"] / told["2 seeds together"]["jets_per_second"]
    table = setting.results.path.with_suffix(".md").read_text()
    assert f"| {longer:.2f} |" in table


def test_a_form_that_takes_too_long_is_ended_and_named(parts):
    from side_by_side import Form, NotPreparedError, Worker

    # A request that nobody reads ends nothing.
    form = Form("time:sleep", {})
    with (
        pytest.raises(NotPreparedError, match="sleep"),
        Worker(form, limit=240) as worker,
    ):
        worker.call("training")
    with (
        pytest.raises(NotPreparedError, match="it took more than 0 s"),
        Worker(Form("training_forms:ours", {}), limit=0.1) as worker,
    ):
        worker.call("training")


def test_a_call_whose_time_is_up_says_what_is_left(root, tmp_path):
    output = tmp_path / "gpu.json"
    run = command(root, *TINY, "--minutes", "0.00001", "--output", str(output))
    assert run.returncode == 3, run.stderr
    assert "the time is up; left: networks, feed, sharing, seeds, demo; the same" in run.stdout


@pytest.mark.slow
def test_the_workflow_is_planned_by_the_command_and_labelled_as_no_measurement(root, tmp_path):
    output = tmp_path / "gpu.json"
    run = command(root, *TINY, "--part", "demo", "--output", str(output))
    assert run.returncode == 0, run.stderr + run.stdout
    told = json.loads(output.read_text())
    assert told["about"]["card"] == NO_MEASUREMENT
    assert [(row["network"], row["form"]) for row in told["measured"]] == [("demo", "cpu")]
    assert told["left_out"] == []
    assert "| demo | cpu | 0 min" in output.with_suffix(".md").read_text()


def test_the_large_ladder_is_planned_once_its_jets_are_and_has_160000_to_train_on(
    parts, setting, monkeypatch
):
    planned = []

    def timed(command, folder, limit):
        planned.append(command)
        return 1.0

    monkeypatch.setattr(parts, "_timed", timed)
    parts.large_ladder(setting)
    first, then = planned
    assert first == [*then, "--until", "generate_jets"]
    ((row,),) = [written(setting)["measured"]]
    assert (row["network"], row["seconds"]) == ("ladder, 160,000 jets", 1.0)
    ladder = load_yaml(parts.ROOT / "config/ladder.yaml")
    generated = ladder["datasets"]["generated"]
    assert parts.FILES * generated["jets_per_file"] * 8 // generated["files"] == 160_000
    (changed,) = (word for word in then if word.startswith("datasets="))
    assert changed == f"datasets={{generated: {{files: {parts.FILES}}}}}"
