"""Taggers are explained where the configuration asks for it, each on the first test dataset."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from configurations import LEAST, mistake
from jetline.configuration.reading import read_configuration
from jetline.planning.arguments import Arguments
from jetline.planning.explanations import Explanations
from jetline.planning.folds import Folds
from jetline.planning.plan import Plan

ASKED = LEAST | {
    "seeds": [1, 2],
    "explain": {"jets": 50},
    "architectures": {"pfn": {}, "cnn": {"inputs": "images/notebook", "seeds": [7]}},
}


def explanations(root, values):
    plan = Plan(read_configuration(values), root / "resources/sample")
    return plan, Explanations(plan, Folds(plan))


def test_nothing_is_explained_unless_it_is_asked_for(root):
    plan, told = explanations(root, LEAST)
    assert told.of_all(plan.paths.explanation) == []
    assert told.page() == told.lund_planes() == []


def test_each_training_is_explained(root):
    plan, told = explanations(root, ASKED)
    assert told.of_all(plan.paths.explanation) == [
        f"results/runs/mine/explanation/{training}/explanation.json"
        for training in ("pfn/seed-1", "pfn/seed-2", "cnn/seed-7")
    ]
    assert told.page() == ["results/runs/mine/explanations.html"]
    assert told.lund_planes() == ["results/runs/mine/explanation/lund-planes.json"]
    assert all("/particles/" in one for one in told.particles())
    given = SimpleNamespace(lund_planes=told.lund_planes())
    assert told.lund_argument(None, given) == f"--lund-planes {given.lund_planes[0]}"
    assert told.lund_argument(None, SimpleNamespace(lund_planes=[])) == ""
    assert json.loads(told.settings) == {"jets": 50, "baselines": 4, "steps": 32}
    cnn = SimpleNamespace(label="cnn", seed="7")
    assert all("/images-" in one or "/images/" in one for one in told.shards(cnn))
    assert told.parts == "results/runs/mine/split/jets.npz"


def test_each_fold_is_explained_on_its_test_jets(root):
    values = ASKED | {"folds": 3, "split": {"by": "jet"}, "architectures": {"pfn": {}}}
    plan, told = explanations(root, values)
    assert len(told.of_all(plan.paths.explanation)) == 6
    assert "fold-{fold}" in told.parts
    assert told.whole_parts == "results/runs/mine/split/jets.npz"


@pytest.mark.parametrize(
    ("explain", "key"), [({"jet": 5}, "jet"), ({"jets": 1}, "jets"), ({"steps": "many"}, "steps")]
)
def test_a_wrong_key_is_told(explain, key):
    error = mistake(LEAST | {"explain": explain})
    assert error.where == f"configuration, explain.{key}"


def test_a_new_way_to_explain_trains_nothing_again(root, monkeypatch):
    plan, _ = explanations(root, ASKED)
    pfn = SimpleNamespace(label="pfn", seed="1")
    told = Arguments(plan)
    assert told.explanation_code(pfn) != told.prediction_code(pfn)
    from jetline.planning.code_version import dependencies

    assert not [one for one in dependencies("training.job") if "explanation" in one]
