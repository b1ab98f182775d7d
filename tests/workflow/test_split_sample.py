"""A sample that is split already is trained, validated and tested on as its files say."""

from __future__ import annotations

import json

import numpy as np
import pytest

from checkout import TINY, Checkout

NAMED = {"by": "name", "train": ["train.npz"], "validation": ["val*"], "test": ["jets/test.npz"]}
JETS = {"train": 300, "val": 60, "test": 80}


@pytest.fixture(scope="module")
def checkout(root, bundled, tmp_path_factory) -> Checkout:
    made = Checkout(root, tmp_path_factory.mktemp("checkout"))
    (made.folder / "jets").mkdir()
    start = 0
    with np.load(bundled[0], allow_pickle=False) as archive:
        jets = {name: archive[name] for name in ("X", "y")}
    for name, count in JETS.items():
        few = {key: array[start : start + count] for key, array in jets.items()}
        np.savez_compressed(made.folder / f"jets/{name}.npz", **few)
        start += count
    return made


def configured(checkout: Checkout, **changed) -> tuple[str, str]:
    architectures = {"pfn": TINY["architectures"]["pfn"]}
    return "--configfile", str(checkout.configure("tiny", architectures=architectures, **changed))


THREE = {
    "datasets": {
        "learnt": {"source": "files", "paths": ["jets/train.npz"]},
        "watched": {"source": "files", "paths": ["jets/val.npz"]},
        "kept": {"source": "files", "paths": ["jets/test.npz"]},
    },
    "train_on": "learnt",
    "test_on": ["kept"],
    "split": {"by": "name", "train": ["learnt"], "validation": ["watched"], "test": ["kept"]},
}


def test_three_datasets_are_planned(checkout):
    jobs = checkout.planned(*configured(checkout, **THREE))
    assert {job[1] for job in jobs if job[0] == "split_jets"} == {"learnt", "kept"}
    shards = [job for job in jobs if job[0] == "shard_jets" and job[2] == "particles"]
    assert len(shards) == 3
    assert {job[1] for job in jobs if job[0] == "validate_dataset"} == {"learnt", "watched", "kept"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"train": ["tarin.npz"]}, "did you mean train.npz?"),
        ({"test": ["t*.npz"]}, "in train by train.npz and in test by t*.npz"),
        ({"train": ["few"]}, "in train by few and in validation by val*"),
        ({"by": "file"}, "by: name"),
    ],
)
def test_names_that_do_not_fit_stop_before_anything_runs(checkout, changed, told):
    result = checkout.snakemake("--dry-run", *configured(checkout, split=NAMED | changed))
    assert result.returncode != 0
    assert told in result.stdout
    assert "Traceback" not in result.stdout
    assert ".smk" not in result.stdout


@pytest.mark.slow
def test_one_dataset_of_three_files_is_run_as_they_say(checkout):
    result = checkout.snakemake(*configured(checkout, split=NAMED))
    assert result.returncode == 0, result.stdout
    run = checkout.folder / "results/runs/tiny"
    facts = json.loads((run / "trainings/pfn/seed-1/training.json").read_text())
    found = {part: sum(facts["jets"][part].values()) for part in ("train", "validation")}
    assert found == {"train": 300, "validation": 60}
    with np.load(run / "predictions/pfn/seed-1/few.npz", allow_pickle=False) as scored:
        (file,) = {scored["file_names"][number] for number in scored["files"]}
        assert file.startswith("test-")
        assert sorted(scored["jets"]) == list(range(80))
    page = (run / "report.html").read_text()
    assert "by name: training train.npz; validation val*; test jets/test.npz" in page
    assert checkout.planned(*configured(checkout, split=NAMED)) == set()


@pytest.mark.slow
def test_copies_are_refused_or_left_out_of_all_that_reads_the_split(checkout):
    jets = checkout.folder / "jets"
    read = {name: dict(np.load(jets / f"{name}.npz", allow_pickle=False)) for name in JETS}
    read["test"]["X"][:5], read["test"]["y"][:5] = read["train"]["X"][:5], read["train"]["y"][:5]
    read["train"]["X"][9], read["train"]["y"][9] = read["train"]["X"][8], read["train"]["y"][8]
    paths = []
    for name, arrays in read.items():
        paths.append(f"copied/{name}.npz")
        (checkout.folder / "copied").mkdir(exist_ok=True)
        np.savez_compressed(checkout.folder / paths[-1], **arrays)
    datasets = {"few": {"source": "files", "paths": paths}}
    split = NAMED | {"test": ["test.npz"]}
    architectures = {"observables": {}, "pfn": TINY["architectures"]["pfn"]}
    told = {"run": "copies", "datasets": datasets, "architectures": architectures}
    run = checkout.folder / "results/runs/copies"

    refused = checkout.configure("copies", **told, split=split)
    result = checkout.snakemake("results/runs/copies/split/few.npz", "--configfile", refused)
    assert result.returncode != 0
    log = (run / "logs/split/few.log").read_text()
    assert "5 jets are shared in all (5 in train and test)" in log
    assert "`duplicates: drop`" in log

    dropped = checkout.configure("copies", **told, split=split | {"duplicates": "drop"})
    result = checkout.snakemake("--configfile", dropped)
    assert result.returncode == 0, result.stdout
    log = (run / "logs/split/few.log").read_text()
    assert "299 train, 60 validation, 75 test jets" in log
    assert "1 train, 0 validation, 5 test jets left out as copies" in log
    for label in architectures:
        facts = json.loads((run / f"trainings/{label}/seed-1/training.json").read_text())
        assert sum(facts["jets"]["train"].values()) == 299
        with np.load(run / f"predictions/{label}/seed-1/few.npz", allow_pickle=False) as scored:
            assert sorted(scored["jets"]) == list(range(5, 80))
    cuts = json.loads((run / "cuts/few.json").read_text())
    assert sum(cuts["jets"].values()) == 75
    assert "copies of jets left out" in (run / "report.html").read_text()


@pytest.mark.slow
def test_three_datasets_are_run_as_they_say(checkout):
    result = checkout.snakemake(*configured(checkout, run="three", **THREE))
    assert result.returncode == 0, result.stdout
    run = checkout.folder / "results/runs/three"
    facts = json.loads((run / "trainings/pfn/seed-1/training.json").read_text())
    found = {part: sum(facts["jets"][part].values()) for part in ("train", "validation")}
    assert found == {"train": 300, "validation": 60}
    with np.load(run / "predictions/pfn/seed-1/kept.npz", allow_pickle=False) as scored:
        assert sorted(scored["jets"]) == list(range(80))
