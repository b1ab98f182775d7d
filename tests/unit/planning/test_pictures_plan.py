"""Of pictures the confused ones are drawn, and nothing is measured."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from jetline.configuration.reading import read_configuration
from jetline.planning.arguments import Arguments
from jetline.planning.pictures import Pictures
from jetline.planning.plan import Plan

DIGITS = {
    "run": "all",
    "classes": list("0123456789"),
    "datasets": {"mnist": {"source": "mnist"}, "small": {"source": "digits"}},
    "train_on": "mnist",
    "test_on": ["mnist", "small"],
    "seeds": [3, 4],
    "split": {"by": "jet"},
    "architectures": {
        "cnn": {"inputs": "pictures"},
        "resnet": {"inputs": "pictures", "seeds": [7]},
    },
}


@pytest.fixture(scope="module")
def plan(root) -> Plan:
    return Plan(read_configuration(DIGITS), root / "resources/sample")


def of(**wildcards):
    return SimpleNamespace(**wildcards)


def test_nothing_is_measured(plan):
    assert plan.configuration.jet_datasets == []
    assert plan.observables(of(dataset="mnist")) == []
    assert plan.image_inputs == []


def test_each_tagger_has_its_confused_pictures_of_each_dataset_by_the_first_seed(plan):
    pictures = Pictures(plan)
    assert pictures.of_all("{label}/{dataset}") == [
        "cnn/mnist",
        "resnet/mnist",
        "cnn/small",
        "resnet/small",
    ]
    asked = of(label="resnet", dataset="small")
    assert pictures.predictions(asked) == "results/runs/all/predictions/resnet/seed-7/small.npz"
    assert pictures.seed(of(label="cnn")) == 3
    assert pictures.shards(asked) == [
        f"results/shards/digits/pictures/{part}" for part in ("train", "validation", "test")
    ]


def test_jets_have_none(root):
    told = {"datasets": {"jets": {"source": "sample"}}, "train_on": "jets", "test_on": ["jets"]}
    configuration = read_configuration({"run": "jets", **told, "architectures": {"pfn": {}}})
    pictures = Pictures(Plan(configuration, root / "resources/sample"))
    assert pictures.of_all("{label}/{dataset}") == []


def test_commands_are_told_what_a_file_holds_and_the_report_of_confused_pictures(plan):
    told = Arguments(plan)
    asked = of(source="mnist", file="test", inputs="pictures")
    assert told.check(asked) == "--holds pictures"
    assert told.shard(asked) == "--inputs pictures"
    assert told.source(asked, None) == '--source \'{"source":"mnist"}\''
    nothing = {key: [] for key in ("cuts", "images", "explanations", "judgements", "scans")}
    found = of(**nothing, confused=["a.npz", "b.npz"])
    assert told.report(of(), found).split() == ["--confused", "a.npz", "b.npz"]


def test_reading_pictures_and_jets_have_versions_of_their_own(plan, root):
    told = Arguments(plan)
    jets = {"datasets": {"jets": {"source": "sample"}}, "train_on": "jets", "test_on": ["jets"]}
    configuration = read_configuration({"run": "jets", **jets, "architectures": {"pfn": {}}})
    of_jets = Arguments(Plan(configuration, root / "resources/sample"))
    asked = of(source="mnist", file="test")
    assert told.check_code(asked) != of_jets.check_code(of(source="sample", file="QG_jets_0"))
