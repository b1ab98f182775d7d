"""What does not belong together is refused, pair by pair, whatever the dates of the files say."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.evaluation.comparison import write_comparison
from jetline.evaluation.cuts import write_cuts
from jetline.evaluation.predictions import evaluate_predictions
from jetline.inputs.dataset import deal_shards, deal_splits, open_dataset
from jetline.inputs.kinds.observables import Observables
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.parts import Parts
from jetline.inputs.split import split_files
from jetline.inputs.statistics import training_statistics
from jetline.jets.formats.npz import write_jets
from jetline.jets.index import index_jets
from jetline.models import read_settings
from jetline.records.predictions import Predictions
from jetline.report.comparison_plots import draw_comparison
from jetline.tracking.client import start
from jetline.tracking.trainings import complete
from jetline.training.job import Request, run_training
from jetline.training.prediction import predict_test_part
from synthetic_run import write_drawn_comparison, write_run, write_training

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = {"by": "jet", "train": 0.6, "validation": 0.2, "test": 0.2}


def made(folder: Path, jets: tuple[np.ndarray, np.ndarray], rows: slice) -> SimpleNamespace:
    """All that is made of two files, up to the statistics."""
    indices, shards, tables = [], [], []
    for number, chosen in enumerate(np.array_split(np.arange(600)[rows], 2)):
        path = folder / f"jets_{number}.npz"
        write_jets(path, jets[0][chosen], jets[1][chosen])
        index = folder / f"jets_{number}.index.npz"
        index_jets(path, f"jets_{number}").write(index)
        make_shard(Particles(), path, folder / f"particles/jets_{number}", index)
        make_shard(Observables(), path, folder / f"observables/jets_{number}", index)
        indices.append(index)
        shards.append(folder / f"particles/jets_{number}")
        tables.append(folder / f"observables/jets_{number}")
    split_files(indices, seed=1, source="files", **SETTINGS, trained=None).write(folder / "s.npz")
    training_statistics(shards, Parts.read(folder / "s.npz")).write(folder / "statistics.json")
    return SimpleNamespace(
        indices=indices,
        shards=shards,
        tables=tables,
        parts=folder / "s.npz",
        statistics=folder / "statistics.json",
    )


@pytest.fixture(scope="module")
def old(jets, tmp_path_factory) -> SimpleNamespace:
    return made(tmp_path_factory.mktemp("old"), jets, slice(0, 300))


@pytest.fixture(scope="module")
def new(jets, tmp_path_factory) -> SimpleNamespace:
    """The same files with as many other jets."""
    return made(tmp_path_factory.mktemp("new"), jets, slice(300, 600))


@pytest.fixture(scope="module")
def other_seed(old, tmp_path_factory) -> Path:
    """Another split of the same files."""
    path = tmp_path_factory.mktemp("split") / "s.npz"
    split_files(old.indices, seed=2, source="files", **SETTINGS, trained=None).write(path)
    return path


def train(folder: Path, shards: list[Path], parts: Path, statistics: Path) -> Path:
    request = Request(
        run="toy",
        label="pfn",
        seed=1,
        architecture=read_settings("pfn", {"epochs": 1, "phi": [4], "f": [4], "batch_size": 32}),
        dataset="few",
        shards=shards,
        parts=parts,
        statistics=statistics,
        code="0",
    )
    tracker = SimpleNamespace(run_id=None, epoch=lambda row: None)
    run_training(request, "cpu", folder, folder / "checkpoints", lambda _: nullcontext(tracker))
    return folder


@pytest.fixture(scope="module")
def trained(old, tmp_path_factory) -> Path:
    return train(tmp_path_factory.mktemp("trained"), old.shards, old.parts, old.statistics)


# Shards and split


def test_shards_of_other_files_than_were_split_are_refused_with_both_hashes(old, new):
    with pytest.raises(JetlineError) as caught:
        list(open_dataset([old.shards[0], new.shards[1]], Parts.read(old.parts)))
    error = caught.value
    assert error.where == str(new.shards[1])
    assert Parts.read(new.parts).sha256[1] in error.found
    assert Parts.read(old.parts).sha256[1] in error.expected
    assert "--forcerun check_jets" in error.remedy


def test_shards_in_another_order_are_refused(old):
    with pytest.raises(JetlineError, match="order"):
        list(open_dataset(old.shards[::-1], Parts.read(old.parts)))


@pytest.mark.parametrize("number", [1, 3])
def test_more_or_fewer_shards_than_files_are_refused(old, number):
    with pytest.raises(JetlineError, match=f"{number} of them"):
        list(open_dataset((old.shards * 2)[:number], Parts.read(old.parts)))


@pytest.mark.parametrize("number", [3, 5])
def test_more_or_fewer_shards_than_the_files_of_all_datasets_are_refused(old, new, number):
    splits = {"old": old.parts, "new": new.parts}
    assert deal_shards([*old.shards, *new.shards], splits) == {
        "old": list(old.shards),
        "new": list(new.shards),
    }
    with pytest.raises(JetlineError, match="2 of old, 2 of new") as caught:
        deal_shards((old.shards * 3)[:number], splits)
    assert caught.value.found.startswith(f"{number} of them")


def test_each_dataset_has_one_split(old):
    assert deal_splits(["old"], [old.parts]) == {"old": old.parts}
    for datasets, splits in ((["old"], [old.parts] * 2), (["old", "old"], [old.parts] * 2)):
        with pytest.raises(JetlineError, match="one for each dataset"):
            deal_splits(datasets, splits)


def test_statistics_refuse_a_split_of_other_files(old, new, tmp_path, capsys):
    words = ["--parts", str(old.parts), "--output", str(tmp_path / "s.json")]
    assert main(["statistics", *words, *map(str, new.shards)]) == 1
    assert capsys.readouterr().err.startswith(f"error: {new.shards[0]}")
    assert not (tmp_path / "s.json").exists()


def test_a_training_refuses_a_split_of_other_files(old, new, tmp_path):
    with pytest.raises(JetlineError, match="which were split"):
        train(tmp_path / "trained", old.shards, new.parts, old.statistics)
    assert not (tmp_path / "trained").exists()


def test_cuts_refuse_a_split_of_other_files(old, new, tmp_path):
    right = ([old.parts], old.tables)
    for wrong in (([old.parts], new.tables), ([new.parts], old.tables)):
        for told in ((right, wrong), (wrong, right)):
            with pytest.raises(JetlineError, match="which were split"):
                write_cuts(*told, "few", 1, tmp_path / "cuts.json")
    write_cuts(right, right, "few", 1, tmp_path / "cuts.json")


def test_a_prediction_refuses_a_split_of_other_files(old, new, trained, tmp_path):
    for shards, parts in ((new.shards, old.parts), (old.shards, new.parts)):
        with pytest.raises(JetlineError, match="which were split"):
            predict_test_part(trained, {"other": shards}, {"other": parts}, tmp_path)


# Splits of two datasets


def test_a_split_refuses_another_split_than_that_of_the_trained_indices(old, new, tmp_path):
    for trained in ((old.parts, new.indices), (new.parts, old.indices), (old.parts, [])):
        with pytest.raises(JetlineError, match="indices") as caught:
            split_files(new.indices, seed=1, source="files", **SETTINGS, trained=trained)
        assert caught.value.where == str(trained[0])
    split_files(new.indices, seed=1, source="files", **SETTINGS, trained=(old.parts, old.indices))


# Statistics, trainings, predictions, evaluations, comparisons


def test_a_training_refuses_statistics_of_other_shards_or_another_split(
    old, new, other_seed, tmp_path
):
    for parts, statistics in ((old.parts, new.statistics), (other_seed, old.statistics)):
        with pytest.raises(JetlineError, match="statistics of other shards") as caught:
            train(tmp_path / "trained", old.shards, parts, statistics)
        assert caught.value.where == str(statistics)
    assert not (tmp_path / "trained").exists()


def test_a_tagger_is_not_tested_by_another_split_of_what_trained_it(
    old, other_seed, trained, tmp_path
):
    with pytest.raises(JetlineError, match="may have trained the tagger") as caught:
        predict_test_part(trained, {"few": old.shards}, {"few": other_seed}, tmp_path)
    assert caught.value.where == str(other_seed)
    assert not list(tmp_path.iterdir())
    predict_test_part(trained, {"few": old.shards}, {"few": old.parts}, tmp_path)


def test_a_tagger_is_not_validated_by_another_split_of_what_trained_it(
    old, other_seed, trained, tmp_path
):
    told = (trained, {"few": old.shards}, {"few": old.parts}, tmp_path)
    with pytest.raises(JetlineError, match="may have trained the tagger"):
        predict_test_part(*told, (other_seed, old.shards))
    assert not list(tmp_path.iterdir())
    predict_test_part(*told, (old.parts, old.shards))
    found = [Predictions.read(tmp_path / name) for name in ("few.npz", "validation/scores.npz")]
    tested, validated = ({*zip(one.files, one.jets, strict=True)} for one in found)
    assert len(tested) > 0 < len(validated)
    assert not tested & validated


def test_an_evaluation_refuses_scores_of_another_training(old, trained, tmp_path):
    predict_test_part(trained, {"few": old.shards}, {"few": old.parts}, tmp_path)
    another = write_training(tmp_path / "another", "pfn", 1)
    with pytest.raises(JetlineError, match="another tagger"):
        evaluate_predictions(tmp_path / "few.npz", another, "few", 1, tmp_path / "evaluation")
    assert not (tmp_path / "evaluation").exists()
    evaluate_predictions(tmp_path / "few.npz", trained, "few", 1, tmp_path / "evaluation")


def trained_again(trainings: list[Path], folder: Path) -> list[Path]:
    """The trainings, of which the first was trained again since."""
    copies = [shutil.copytree(one, folder / str(n)) for n, one in enumerate(trainings)]
    write_training(copies[0], "cnn", 1, key="another")
    return copies


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("run"), {"cnn": {"noise": 1}})


def test_a_comparison_refuses_evaluations_of_another_training(run, tmp_path):
    trainings, evaluations = run
    with pytest.raises(JetlineError, match="another training"):
        write_comparison(trained_again(trainings, tmp_path), evaluations, tmp_path / "comparison")
    assert not (tmp_path / "comparison").exists()


def test_pictures_refuse_a_comparison_of_other_trainings(run, tmp_path):
    trainings, evaluations = run
    write_drawn_comparison(trainings, evaluations, tmp_path / "comparison")
    again = trained_again(trainings, tmp_path)
    with pytest.raises(JetlineError, match="other trainings"):
        draw_comparison(tmp_path / "comparison", again, evaluations, tmp_path / "pictures")


def test_an_mlflow_run_gets_no_evaluation_of_another_training(run, tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    trainings, evaluations = run
    start(tmp_path / "results")
    again = trained_again(trainings, tmp_path)
    with pytest.raises(JetlineError, match="another training"):
        complete(
            tmp_path / "results", again[0], evaluations[:1], pytest.fail, tmp_path / "tracked.json"
        )
    assert not (tmp_path / "tracked.json").exists()
