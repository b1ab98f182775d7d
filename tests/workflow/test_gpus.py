"""Trainings on a machine with GPUs: how many run at once, and where the others wait."""

from __future__ import annotations

import json
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from snakemake_executor_plugin_slurm.utils import set_gres_string

from checkout import Checkout
from stand_in_drivers import path_with_gpus

NETWORKS = {"pfn": {"epochs": 1, "seeds": list(range(1, 10))}}
TREES = {"trees": {"architecture": "observables", "epochs": 5}}

#: In place of a training: takes a slot as one does, and waits until as many run as may.
TRAINING = """
import json, os, sys, time
from pathlib import Path

told = dict(zip(sys.argv[1:], sys.argv[2:]))
output = Path(told["--output"])
together = Path("together")
together.mkdir(exist_ok=True)

def train(place):
    mine = together / f"{told['--label']}-{told['--training-seed']}"
    mine.write_text(place)
    limit = time.monotonic() + 60
    while len(list(together.iterdir())) < int(os.environ["EXPECTED"]) and time.monotonic() < limit:
        time.sleep(0.05)
    running = len([path for path in together.iterdir() if path.read_text()])
    time.sleep(1)
    mine.write_text("")
    output.mkdir(parents=True, exist_ok=True)
    for name in ("model.keras", "history.csv"):
        (output / name).write_text("")
    (output / "training.json").write_text(json.dumps([place, running]))

from jetline.models import read_settings
from jetline.training.device import claim, gpus

settings = read_settings(told["--label"], json.loads(told["--settings"]))
per_gpu = int(told["--trainings-per-gpu"])
with claim(told["--device"] if settings.on_gpu else "cpu", gpus(), per_gpu=per_gpu) as place:
    train(place)
"""


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    """A checkout with few jets, all of which is made that comes before trainings."""
    made = Checkout(root, tmp_path_factory.mktemp("checkout"))
    (made.folder / "jets").mkdir()
    with np.load(bundled[0], allow_pickle=False) as archive:
        few = {name: archive[name][:400] for name in ("X", "y")}
    np.savez_compressed(made.folder / "jets/few.npz", **few)
    (made.folder / "training.py").write_text(TRAINING)
    made.environment.pop("CUDA_VISIBLE_DEVICES")
    return made


def models(configuration: dict) -> list[str]:
    return [
        f"results/runs/tiny/trainings/{label}/seed-{seed}/model.keras"
        for label, entry in configuration.items()
        for seed in entry.get("seeds", [1])
    ]


def ran(checkout, tmp_path, gpus: int, expected: int, **configuration) -> dict[str, tuple]:
    """Run trainings on a machine with so many GPUs; where each ran, and how many did then."""
    entries = NETWORKS | TREES
    file = checkout.configure("gpus", architectures=entries, **configuration)
    # A function of the shell comes before all commands.
    function = f'() {{ if [ "$1" = train ]; then {sys.executable} training.py "$@"; '
    function += 'else command jetline "$@"; fi; }'
    path = path_with_gpus(tmp_path / "bin", gpus) if gpus else checkout.environment["PATH"]
    result = checkout.run(
        *("snakemake", "--cores", "16", "--forcerun", "train", "--configfile", file),
        *("--", *models(entries)),
        **{
            "PATH": path,
            "EXPECTED": str(expected),
            "BASH_FUNC_jetline%%": function,
            "TMPDIR": str(tmp_path),
        },
    )
    assert result.returncode == 0, result.stdout
    logs = (checkout.folder / "results/runs/tiny/logs/train").rglob("*.log")
    assert not any("waiting for a GPU" in path.read_text() for path in logs)
    for path in (checkout.folder / "together").iterdir():
        path.unlink()
    return {
        re.search(r"trainings/(.*)/model", model)[1]: tuple(
            json.loads((checkout.folder / model).with_name("training.json").read_text())
        )
        for model in models(entries)
    }


@pytest.mark.slow
def test_eight_networks_train_on_eight_gpus_and_the_ninth_waits_in_the_queue(checkout, tmp_path):
    # The trees run beside them, whatever the GPUs do.
    found = ran(checkout, tmp_path, 8, 9)
    assert found.pop("trees/seed-1")[0] == "cpu"
    places = sorted(place for place, _ in found.values())
    assert {*places} == {f"gpu {index}" for index in range(8)}
    assert len(places) == 9
    assert max(running for _, running in found.values()) == 9


@pytest.mark.slow
def test_as_many_trainings_share_a_gpu_as_the_configuration_says(checkout, tmp_path):
    found = ran(checkout, tmp_path, 2, 7, trainings_per_gpu=3)
    assert found.pop("trees/seed-1")[0] == "cpu"
    assert {place for place, _ in found.values()} == {
        "gpu 0, shared by up to 3",
        "gpu 1, shared by up to 3",
    }
    assert max(running for _, running in found.values()) == 7
    # Another number of them trains nothing again.
    file = checkout.configure("gpus", architectures=NETWORKS | TREES, trainings_per_gpu=2)
    result = checkout.snakemake("-n", "--configfile", file, "--", *models(NETWORKS))
    assert "Nothing to be done" in result.stdout


@pytest.mark.slow
def test_without_a_gpu_all_train_side_by_side(checkout, tmp_path):
    found = ran(checkout, tmp_path, 0, 10)
    assert {place for place, _ in found.values()} == {"cpu"}
    assert max(running for _, running in found.values()) == 10


def resources(checkout, *arguments: str) -> dict[str, str]:
    """Give the resources of each step that a dry run tells, by rule and wildcards."""
    result = checkout.snakemake("--dry-run", "--forceall", "--printshellcmds", *arguments)
    assert result.returncode == 0, result.stdout
    told = {}
    # Steps that are one job stand further in.
    for block in re.split(r"\n(?= *(?:local)?rule )", result.stdout):
        of_label = re.match(
            r" *rule (\w+):.*wildcards: (label=.*?)\n.*resources: (.*?)\n", block, re.S
        )
        if of_label:
            told[f"{of_label[1]} {of_label[2]}"] = of_label[3]
    return told


def test_what_runs_networks_asks_for_a_gpu_and_trees_do_not(checkout):
    file = checkout.configure("gpus", architectures=NETWORKS | TREES, seeds=[1])
    told = resources(checkout, "--workflow-profile", "profiles/slurm", "--configfile", str(file))
    for rule in ("train", "predict"):
        assert "gpu=1" in told[f"{rule} label=pfn, seed=1"]
        assert "gpu=0" in told[f"{rule} label=trees, seed=1"]
    assert sum("gpu=1" in value for value in told.values()) == 18
    # A single value may be set without those beside it.
    with_time = resources(
        checkout, "--set-resources", "train:runtime=60", "--configfile", str(file)
    )
    for value in ("gpu=1", "runtime=60", "mem_mb=6000"):
        assert value in with_time["train label=pfn, seed=1"]


def test_a_training_on_several_gpus_asks_for_them_and_its_prediction_for_one(checkout):
    entries = {"pfn": {"epochs": 1, "gpus": 2}}
    file = checkout.configure("gpus", architectures=entries, backend="jax", seeds=[1])
    told = resources(checkout, "--workflow-profile", "profiles/slurm", "--configfile", str(file))
    # SLURM would else look for so many on any number of nodes.
    assert "gpu=2, nodes=1" in told["train label=pfn, seed=1"]
    assert "gpu=1" in told["predict label=pfn, seed=1"]


@pytest.mark.parametrize(
    ("offered", "asked"),
    [
        ("whole cards", "--gpus=1"),
        ("shares of cards", "--gres=shard:1"),
        ("MPS", "--gres=mps:50"),
        ("slices", "--gpus=3g.40gb:1"),
    ],
)
def test_what_the_documentation_sets_is_what_slurm_is_asked_for(root, offered, asked):
    page = (root / "docs/gpu.md").read_text()
    (cell,) = re.findall(rf"^\| {offered}[^|]*\| (?:`(.*?)`)?", page, re.MULTILINE)

    class Resources(dict):
        __getattr__ = dict.get

    # As the rules have it, and what is set over it.
    resources = Resources({"gpu": 1} | (yaml.safe_load(cell) if cell else {}))
    assert set_gres_string(SimpleNamespace(resources=resources)).split() == [asked]


def test_device_cpu_asks_for_no_gpu(checkout):
    file = checkout.configure("gpus", architectures=NETWORKS | TREES, device="cpu")
    told = resources(checkout, "--configfile", str(file))
    assert not any("gpu=1" in value for value in told.values())
