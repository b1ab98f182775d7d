"""With folds there is a training each, and what follows sees one; without, nothing changes."""

from __future__ import annotations

import json
import shlex
from types import SimpleNamespace

import pytest

from configurations import LEAST
from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.planning import paths
from jetline.planning.arguments import Arguments
from jetline.planning.folds import Folds
from jetline.planning.plan import Plan
from jetline.planning.starts import Starts

MORE = LEAST["datasets"] | {"more": {"source": "zenodo", "sample": "herwig", "files": 1}}
RUN = "results/runs/mine"


def planned(root, **changed) -> Plan:
    values = LEAST | {"datasets": MORE, "test_on": ["more", "jets"]} | changed
    return Plan(read_configuration(values), root / "resources/sample")


@pytest.fixture
def plan(root) -> Plan:
    return planned(root, folds=3)


def of(**wildcards: str) -> SimpleNamespace:
    return SimpleNamespace(**wildcards)


def test_without_folds_every_path_is_as_it_was(root):
    made = planned(root)
    own, folds = made.paths, Folds(made)
    assert own.single == paths.TRAINING
    assert own.joint_training == own.training
    assert own.joint_history == own.history
    assert own.single_predictions == own.predictions
    assert own.single_validation_predictions == own.validation_predictions
    assert made.trained_parts == folds.together == f"{RUN}/split/jets.npz"
    assert folds.test_parts == made.tests(own.parts)
    assert folds.cut_parts(of(dataset="jets")) == [f"{RUN}/split/jets.npz"]
    assert (
        folds.of_all(own.model) == [own.model] == [f"{RUN}/trainings/{paths.TRAINING}/model.keras"]
    )
    assert folds.argument(of(label="pfn", seed="1")) == ""
    assert not any("fold" in value for value in vars(own).values())
    shares = json.loads(Arguments(made).split(of(dataset="more")))
    assert shares == {"by": "jet", "train": 0.8, "validation": 0.1, "test": 0.1} | {
        "duplicates": "refuse"
    }


def test_each_fold_has_a_split_a_training_and_predictions(plan):
    folds = Folds(plan)
    assert plan.trained_parts == f"{RUN}/split/fold-{{fold}}/jets.npz"
    assert folds.together == f"{RUN}/split/jets.npz"
    assert (
        plan.paths.training
        == f"{RUN}/trainings/{{label}}/seed-{{seed}}/fold-{{fold}}/training.json"
    )
    assert plan.paths.joint_training == f"{RUN}/trainings/{{label}}/seed-{{seed}}/training.json"
    assert plan.paths.statistics == f"{RUN}/statistics/fold-{{fold}}/{{inputs}}.json"
    job = of(label="pfn", seed="1", fold="2")
    assert plan.training_statistics(job) == f"{RUN}/statistics/fold-2/particles.json"
    assert folds.argument(job) == "--fold 2"
    # Of another dataset all jets are tested on, by each tagger.
    assert folds.test_parts == [f"{RUN}/split/more.npz", plan.trained_parts]
    assert folds.cut_parts(of(dataset="jets")) == [
        f"{RUN}/split/fold-{fold}/jets.npz" for fold in range(3)
    ]
    assert folds.cut_parts(of(dataset="more")) == [f"{RUN}/split/more.npz"]
    assert plan.other_trained_parts(of(dataset="more")) == [folds.together]


def test_what_is_joined_is_evaluated_once_for_each_label_and_seed(plan):
    made = plan.trainings(plan.paths.joint_training)
    assert made == [f"{RUN}/trainings/pfn/seed-1/training.json"]
    predicted = Folds(plan).of_all(*plan.tests(plan.paths.single_predictions))
    assert predicted == [
        f"{RUN}/predictions/{paths.TRAINING}/fold-{fold}/{dataset}.npz"
        for dataset in ("more", "jets")
        for fold in range(3)
    ]


def test_the_split_is_told_no_shares(plan):
    told = Arguments(plan)
    assert json.loads(told.split(of())) == {"by": "jet", "duplicates": "refuse"}
    assert json.loads(told.split(of(dataset="more"))) == {
        "by": "jet",
        "duplicates": "refuse",
        "train": 0,
        "validation": 0,
        "test": 1,
    }


def test_the_written_configuration_can_be_run_again(plan):
    written = json.loads(Arguments(plan).configuration(of()))
    assert written["split"] == {"by": "jet", "duplicates": "refuse"}
    assert read_configuration(written).folds == 3


def test_whole_files_have_to_fill_the_folds(root):
    plan = planned(root, folds=5, split={"by": "file"})
    with pytest.raises(JetlineError, match="at least one file for each, so 4 or fewer"):
        Folds(plan)
    assert Folds(planned(root, folds=4, split={"by": "file"})).number == 4


@pytest.mark.parametrize("prefix", ["", "taggers/", "/data/results/runs/"])
def test_what_is_beside_a_fold_is_found_below_any_prefix(prefix):
    folder = f"{prefix}results/runs/demo/trainings/cnn/seed-1/fold-2"
    expected = f"{prefix}results/runs/demo/checkpoints/cnn/seed-1/fold-2"
    assert paths.checkpoints_of(f"{folder}/model.keras") == expected
    assert paths.splits_of(folder).endswith("results/runs/demo/split/fold-2")
    assert paths.label_of(f"{folder}/model.keras") == "cnn"
    assert paths.label_of("results/runs/demo/trainings/cnn/seed-1/model.keras") == "cnn"


# Weights to start from


def test_each_fold_starts_from_the_same_fold_of_the_other_entry(root):
    entries = {"pfn": {}, "particlenet": {"start_from": "pfn"}}
    starts = Starts(planned(root, folds=3, architectures=entries))
    job = of(label="particlenet", seed="1", fold="2")
    folder = f"{RUN}/trainings/pfn/seed-1/fold-2"
    assert starts.files(job) == [f"{folder}/model.keras", f"{folder}/training.json"]
    assert starts.splits(job) == []


def test_weights_from_elsewhere_are_compared_with_the_split_of_each_fold(
    root, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    other = tmp_path / "results/runs/big/trainings/pfn/seed-3/fold-1"
    other.mkdir(parents=True)
    for name in ("model.keras", "training.json"):
        (other / name).write_text("old")
    entries = {"particlenet": {"start_from": {"training": str(other)}}}
    starts = Starts(planned(root, folds=3, architectures=entries))
    job = of(label="particlenet", seed="1", fold="2")
    splits = starts.splits(job)
    assert splits == [f"{RUN}/split/fold-2/jets.npz", f"{RUN}/split/more.npz"]
    files = starts.files(job)
    told = shlex.split(starts.arguments(job, SimpleNamespace(start=files, start_splits=splits)))
    seen = told[told.index("--start-seen") + 1]
    assert seen == str(tmp_path / "results/runs/big/split/fold-1")


def test_of_a_training_in_folds_one_is_to_be_named(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    other = tmp_path / "results/runs/big/trainings/pfn/seed-3"
    for fold in range(3):
        (other / f"fold-{fold}").mkdir(parents=True)
        for name in ("model.keras", "training.json"):
            (other / f"fold-{fold}" / name).write_text("old")
    entries = {"particlenet": {"start_from": {"training": str(other)}}}
    with pytest.raises(JetlineError, match=r"such as .*seed-3/fold-0$"):
        Starts(planned(root, architectures=entries))
