"""A user's mistake stops before the DAG is built, with one clear message."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from checkout import Checkout
from jetline.jets.formats.npz import write_jets
from jetline.sources.pythia.source import PythiaSource


@pytest.fixture(scope="module")
def checkout(root, tmp_path_factory) -> Checkout:
    return Checkout(root, tmp_path_factory.mktemp("checkout"))


SAMPLE = {"datasets": {"few": {"source": "sample"}}}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"sede": 2}, "did you mean seed?"),
        ({"architectures": {"pnf": {}}}, "did you mean pfn?"),
        ({"test_on": ["many"]}, "one of the datasets: few"),
        (
            {"architectures": {"observables": {"observables": ["multiplicty"]}}},
            "did you mean multiplicity?",
        ),
        ({"architectures": {"particlenet": {"inputs": "images/pt"}}}, "inputs: particles"),
        ({"datasets": {"few": {"source": "files", "paths": ["none/*.npz"]}}}, "no such file"),
        ({"split": {"train": 0.9, "validation": 0.1, "test": 0.0}}, "split.test"),
    ],
)
def test_a_wrong_configuration_is_explained_without_a_traceback(checkout, changed, told):
    result = checkout.snakemake(
        "--dry-run", "--configfile", checkout.configure("wrong", **(SAMPLE | changed))
    )
    assert result.returncode != 0
    assert told in result.stdout
    assert "found:" in result.stdout
    assert "Traceback" not in result.stdout
    assert ".smk" not in result.stdout


def test_a_key_that_stands_twice_is_told_with_both_lines(checkout):
    configuration = checkout.configure("twice", **SAMPLE)
    once = configuration.read_text()
    line = 1 + once.splitlines().index("seed: 1")
    configuration.write_text(f"{once}seed: 2\n")
    other = checkout.folder / "other.yaml"
    other.write_text("seed: 3\n")
    result = checkout.snakemake("--dry-run", "--configfile", configuration, other)
    assert result.returncode == 1
    last = 1 + len(once.splitlines())
    assert f"error: {configuration}, seed\n" in result.stdout
    assert f"twice, in lines {line} and {last}" in result.stdout
    assert "Traceback" not in result.stdout
    configuration.write_text(once)
    merged = checkout.snakemake("--dry-run", "-p", "--configfile", configuration, other)
    assert merged.returncode == 0, merged.stdout
    assert "--configuration-seed 3 " in merged.stdout


def test_a_key_that_stands_twice_in_the_default_is_told_alike(checkout):
    with checkout.changed("config/config.yaml", append="seed: 2\n"):
        result = checkout.snakemake("--dry-run")
    assert result.returncode == 1
    assert "config/config.yaml, seed\n" in result.stdout
    assert "Traceback" not in result.stdout
    assert "Snakefile" not in result.stdout


def test_partons_are_refused_to_a_tagger_of_species_before_anything_runs(checkout):
    constituents = np.zeros((4, 3, 4), np.float32)
    constituents[:, :2] = [100, 0.1, 0.2, 21]
    (checkout.folder / "partons").mkdir()
    write_jets(checkout.folder / "partons/gluons.npz", constituents, np.array([0, 1, 0, 1]))
    datasets = {"few": {"source": "files", "paths": ["partons/*.npz"]}}
    configuration = checkout.configure("partons", datasets=datasets)
    result = checkout.snakemake("--dry-run", "--configfile", configuration)
    assert result.returncode != 0
    assert result.stdout.count("found:") == 1
    assert "configuration, architectures.pfn\n" in result.stdout
    assert "PDG id 21" in result.stdout
    assert "partons/gluons.npz" in result.stdout
    assert "identity: none" in result.stdout
    assert "Traceback" not in result.stdout
    assert ".smk" not in result.stdout
    untold = checkout.configure(
        "untold", datasets=datasets, architectures={"pfn": {"identity": "none"}}
    )
    assert ("train", "pfn", "1") in checkout.planned("--configfile", untold)


def test_a_variable_that_asks_for_another_backend_is_told_before_anything_runs(checkout):
    command = ("snakemake", "--cores", "1", "--dry-run")
    result = checkout.run(*command, KERAS_BACKEND="jax")
    assert result.returncode == 1
    assert "error: KERAS_BACKEND\n  found:    jax, where tensorflow is asked for" in result.stdout
    assert "set `backend: jax`" in result.stdout
    assert "Traceback" not in result.stdout
    same = checkout.run(*command, "--config", "backend=jax", KERAS_BACKEND="jax")
    assert same.returncode == 0, same.stdout


def test_single_keys_are_overridden_on_the_command_line(checkout):
    jobs = checkout.planned("--config", "seeds=[7]")
    assert {job for job in jobs if job[0] == "train"} == {
        ("train", "cnn", "7"),
        ("train", "pfn", "7"),
    }


def test_the_default_is_the_demo(checkout):
    jobs = checkout.planned()
    assert sum(job[0] == "train" for job in jobs) == 4
    assert sum(job[0] == "shard_jets" and job[2].startswith("images/") for job in jobs) == 4


def test_a_results_folder_that_cannot_be_written_is_told(checkout, tmp_path):
    unwritable = tmp_path / "results"
    if os.geteuid() == 0:
        # Nothing is forbidden to root; but nobody makes files in /proc.
        unwritable.symlink_to("/proc")
    else:
        unwritable.mkdir(mode=0o555)
    configuration = checkout.configure("plain", **SAMPLE)
    result = checkout.snakemake("--dry-run", "--configfile", configuration, "--directory", tmp_path)
    assert result.returncode != 0
    assert "cannot be written" in result.stdout
    assert "Traceback" not in result.stdout


def test_a_damaged_jet_file_stops_the_run_and_says_which(checkout, bundled):
    (checkout.folder / "bad").mkdir()
    content = bundled[0].read_bytes()
    (checkout.folder / "bad/cut.npz").write_bytes(content[: len(content) // 2])
    datasets = {"few": {"source": "files", "paths": ["bad/cut.npz"]}}
    result = checkout.snakemake("--configfile", checkout.configure("bad", datasets=datasets))
    assert result.returncode != 0
    (log,) = (checkout.folder / "results/logs/check/files").glob("cut-*.log")
    assert log.read_text().startswith("error: bad/cut.npz")
    assert "Traceback" not in log.read_text()
    assert not list((checkout.folder / "results/jets").rglob("*.npz"))


def test_pythia_jets_are_planned_file_by_file(checkout):
    datasets = {"few": {"source": "pythia", "files": 3, "jets_per_file": 10}}
    jobs = checkout.planned("--configfile", checkout.configure("made", datasets=datasets))
    assert sum(job[0] == "generate_jets" for job in jobs) == 3


def test_pythia_jets_have_their_physics_and_more_files_leave_the_first_alone(
    checkout,
):
    pytest.importorskip("pythia8mc", reason="Pythia's wheels are for Linux on x86-64")
    few = {"source": "pythia", "files": 1, "jets_per_file": 4, "pt_window": [100, 200]}
    few["pythia"] = ["SpaceShower:alphaSvalue = 0.13"]
    folder = Path("results/jets") / PythiaSource(**few).key
    index = folder / "jets_0.index.npz"
    result = checkout.snakemake(
        index, "--configfile", checkout.configure("made", datasets={"few": few})
    )
    assert result.returncode == 0, result.stdout
    with np.load(checkout.folder / index, allow_pickle=False) as checked:
        assert sorted(checked["labels"]) == [0, 0, 1, 1]
    settings = json.loads((checkout.folder / folder / "jets_0.json").read_text())
    assert settings["recipe"]["pt_window"] == [100, 200]
    assert "SpaceShower:alphaSvalue = 0.13" in settings["quark"]["pythia"]
    more = checkout.configure("more", datasets={"few": few | {"files": 3}})
    generated = {job for job in checkout.planned("--configfile", more) if job[0] == "generate_jets"}
    assert {job[-1] for job in generated} == {"1", "2"}


def test_the_slurm_profile_gives_trainings_a_gpu(checkout):
    result = checkout.run(
        *("snakemake", "--dry-run", "--cores", "8", "--workflow-profile", "profiles/slurm"),
        "--printshellcmds",
        *("--configfile", checkout.configure("slurm", **SAMPLE)),
    )
    assert result.returncode == 0, result.stdout
    train = result.stdout.split("rule train:")[1].split("\n\n")[0]
    assert "gpu=1" in train
    assert "--threads 8" in train
