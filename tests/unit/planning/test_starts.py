"""What a training reads that starts from the weights of another, and what its command is told."""

from __future__ import annotations

import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest

from configurations import LEAST
from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.planning.plan import Plan
from jetline.planning.starts import Starts

OTHER = "results/runs/big/trainings/pfn/seed-3"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def starts(root, start, **changed) -> Starts:
    entries = {"pfn": {}, "particlenet": {"start_from": start}}
    configuration = read_configuration(LEAST | {"architectures": entries} | changed)
    return Starts(Plan(configuration, root / "resources/sample"))


def of(label: str = "particlenet", seed: str = "1") -> SimpleNamespace:
    return SimpleNamespace(label=label, seed=seed)


def told(starting: Starts) -> list[str]:
    files, splits = starting.files(of()), starting.splits(of())
    return shlex.split(starting.arguments(of(), SimpleNamespace(start=files, start_splits=splits)))


def finished(folder: str) -> None:
    for name in ("model.keras", "training.json"):
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("old")


def test_a_training_that_starts_from_random_weights_reads_and_is_told_nothing(root):
    starting = starts(root, "pfn")
    assert starting.files(of("pfn")) == starting.splits(of("pfn")) == []
    none = SimpleNamespace(start=[], start_splits=[])
    assert starting.arguments(of("pfn"), none) == starting.content(of("pfn")) == ""


def test_the_training_of_another_entry_is_read_and_has_the_same_split(root):
    starting = starts(root, "pfn", seeds=[1, 2])
    folder = "results/runs/mine/trainings/pfn/seed-2"
    assert starting.files(of(seed="2")) == [f"{folder}/model.keras", f"{folder}/training.json"]
    assert starting.made_here(of())
    assert starting.splits(of()) == []
    assert told(starting) == ["--start", "results/runs/mine/trainings/pfn/seed-1/model.keras"]


def test_of_another_runs_training_the_splits_are_compared(root):
    finished(OTHER)
    datasets = LEAST["datasets"] | {"more": {"source": "zenodo", "sample": "herwig", "files": 1}}
    starting = starts(root, {"training": OTHER}, datasets=datasets, test_on=["more", "jets"])
    assert not starting.made_here(of())
    assert starting.files(of()) == [f"{OTHER}/model.keras", f"{OTHER}/training.json"]
    ours = [f"results/runs/mine/split/{name}.npz" for name in ("jets", "more")]
    assert starting.splits(of()) == ours
    there = str(Path("results/runs/big/split").absolute())
    assert told(starting) == [
        *("--start", f"{OTHER}/model.keras"),
        *("--start-seen", there),
        *("--start-unseen", *ours),
    ]


def test_nothing_is_compared_where_the_user_says_so(root):
    finished(OTHER)
    starting = starts(root, {"training": OTHER, "unchecked_jets": True})
    assert told(starting) == ["--start", f"{OTHER}/model.keras"]


def test_weights_that_were_replaced_by_older_ones_are_seen(root):
    finished(OTHER)
    starting = starts(root, {"training": OTHER})
    before = starting.content(of())
    (Path(OTHER) / "model.keras").write_text("older")
    assert starting.content(of()) != before


@pytest.mark.parametrize(
    ("start", "found"),
    [
        ({"training": OTHER}, f"no file {OTHER}/model.keras"),
        ({"weaver": "net.pt", "unchecked_jets": True}, "no file net.pt"),
        ({"training": "results/runs/mine/trainings/pfn/seed-1"}, "of this very run"),
    ],
)
def test_weights_that_are_not_there_are_told_before_anything_runs(root, start, found):
    with pytest.raises(JetlineError) as caught:
        starts(root, start)
    assert caught.value.where == "configuration, architectures.particlenet.start_from"
    assert found in caught.value.found
