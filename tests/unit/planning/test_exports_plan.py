"""Taggers are exported where the configuration asks for it, each compared on its test jets."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from configurations import LEAST, mistake
from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.export import packages
from jetline.planning.arguments import Arguments
from jetline.planning.code_version import dependencies
from jetline.planning.exports import Exports
from jetline.planning.folds import Folds
from jetline.planning.plan import Plan

ASKED = LEAST | {
    "seeds": [1, 2],
    "export": "onnx",
    "architectures": {"pfn": {}, "cnn": {"inputs": "images/notebook", "seeds": [7]}},
}


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    """The packages, whether or not they are here: planning runs none of them."""
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: name)


def exports(root, values):
    plan = Plan(read_configuration(values), root / "resources/sample")
    return plan, Exports(plan, Folds(plan))


def test_nothing_is_exported_unless_it_is_asked_for(root):
    assert exports(root, LEAST)[1].of_all() == []


def test_each_training_is_exported_and_compared_on_raw_jets(root):
    _, told = exports(root, ASKED)
    assert told.of_all() == [
        f"results/runs/mine/export/{training}/comparison.json"
        for training in ("pfn/seed-1", "pfn/seed-2", "cnn/seed-7")
    ]
    cnn = SimpleNamespace(label="cnn", seed="7")
    assert len(told.jets()) == len(told.shards(cnn))
    assert all("/images/" in one for one in told.shards(cnn))
    assert told.parts == "results/runs/mine/split/jets.npz"


def test_each_fold_is_exported(root):
    values = ASKED | {"folds": 3, "split": {"by": "jet"}, "architectures": {"pfn": {}}}
    _, told = exports(root, values)
    assert len(told.of_all()) == 6
    assert "fold-{fold}" in told.parts


def test_another_format_is_told():
    assert mistake(LEAST | {"export": "torch"}).where == "configuration, export"


def test_a_missing_package_is_told_before_anything_runs(root, monkeypatch):
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(JetlineError, match=r"pip install -e '.\[onnx\]'"):
        exports(root, ASKED)
    assert exports(root, LEAST)[1].of_all() == []


def test_a_new_way_to_export_trains_nothing_again(root):
    plan, _ = exports(root, ASKED)
    pfn = SimpleNamespace(label="pfn", seed="1")
    told = Arguments(plan)
    codes = {told.export_code(module)(pfn) for module in ("export.tagger", "export.comparison")}
    assert len(codes | {told.prediction_code(pfn)}) == 3
    assert not [one for one in dependencies("training.job") if "export" in one]
    layers = {"export.layers.attention", "export.layers.images", "export.layers.particles"}
    assert {one.removeprefix("jetline.") for one in dependencies("export.tagger")} >= layers
