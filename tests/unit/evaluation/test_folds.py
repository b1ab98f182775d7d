"""The taggers of all folds are evaluated as one that has seen none of its test jets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from jetline.cli.main import main
from jetline.core.errors import JetlineError
from jetline.core.files import sha256_of
from jetline.evaluation.folds import join_folds
from jetline.evaluation.seeds import Training
from jetline.records.history import COLUMNS, History
from jetline.records.predictions import Predictions
from jetline.records.training import TrainingRecord, single_taggers

if TYPE_CHECKING:
    from pathlib import Path

N_JETS = 90
FOLDS = np.arange(N_JETS) % 3
"""Fold of each jet of two files, the second of the first."""


def record(number: int, **changed) -> TrainingRecord:
    fold = number
    classes = {"quark": 10 + fold, "gluon": 20}
    told = {
        "run": "mine",
        "label": "pfn",
        "seed": 4,
        "fold": fold,
        "architecture": "pfn",
        "inputs": "particles",
        "identity": "none",
        "settings": {"epochs": 3},
        "dataset": "jets",
        "data": {"jets": ["a", "b"], "shards": [{"x": "1"}], "parts": f"part-{fold}"},
        "code": "c",
        "key": f"key-{fold}",
        "jets": {"train": classes, "validation": classes},
        "device": "CPU",
        "host": f"host-{fold % 2}",
        "slurm_job": None,
        "versions": {"keras": "3"},
        "commit": "abc",
        "parameters": 100 + 3 * fold,
        "epochs": fold + 1,
        "best_epoch": fold + 1,
        "seconds": 10.0 * (fold + 1),
        "jets_per_second": 5.0,
        "mlflow_run_id": f"run-{fold}",
    }
    return TrainingRecord.model_validate(told | changed)


def history(fold: int) -> History:
    """As many epochs as the record has; loss 1 in the first, less by the fold's number after."""
    rows = [
        dict.fromkeys(COLUMNS, 0.5) | {"epoch": epoch, "validation_loss": 1 / epoch + fold}
        for epoch in range(1, fold + 2)
    ]
    return History(rows)


def scored(rows: np.ndarray, scores: np.ndarray, key: str) -> Predictions:
    """Predictions of some of the jets, whose files are not in the alphabet's order."""
    return Predictions.of(
        (rows % 2).astype(np.uint8),
        scores.astype(np.float32),
        rows % 45,
        rows // 45,
        ["b", "a"],
        training=key,
    )


class Run:
    """Files of three folds, as trainings and predictions leave them."""

    def __init__(self, folder: Path, records: list[TrainingRecord]) -> None:
        self.folder = folder
        self.trainings = [folder / f"trainings/pfn/seed-4/fold-{fold}" for fold in range(3)]
        self.own, self.other, self.validation = [], [], []
        self.parts = folder / "parts.npz"
        folder.mkdir(parents=True, exist_ok=True)
        self.parts.write_text("parts")
        everything = np.arange(N_JETS)
        for fold, one in enumerate(records):
            one.write(self.trainings[fold] / "training.json")
            history(fold).write(self.trainings[fold] / "history.csv")
            tested = everything[fold == FOLDS]
            validated = everything[(fold + 1) % 3 == FOLDS]
            for files, name, rows, scores in (
                (self.own, "jets", tested, (tested + fold) / 1000),
                (self.other, "other", everything, everything / 200 + 0.1 * fold),
                (self.validation, "validation", validated, validated / 100),
            ):
                files.append(folder / f"fold-{fold}/{name}.npz")
                scored(rows, scores, one.key).write(files[-1])

    @property
    def datasets(self) -> dict[str, list[Path]]:
        return {"jets": self.own, "other": self.other}

    def join(self) -> TrainingRecord:
        predicted, output = self.folder / "predicted", self.folder / "trainings/pfn/seed-4"
        return join_folds(
            self.trainings, self.datasets, self.validation, self.parts, predicted, output
        )


@pytest.fixture
def run(tmp_path) -> Run:
    return Run(tmp_path, [record(fold) for fold in range(3)])


def test_every_jet_has_the_score_of_the_tagger_that_tests_on_it(run):
    joint = run.join()
    with np.load(run.folder / "predicted/jets.npz") as written:
        np.testing.assert_array_equal(written["files"], np.arange(N_JETS) // 45)
        np.testing.assert_array_equal(written["jets"], np.arange(N_JETS) % 45)
        np.testing.assert_allclose(written["scores"], (np.arange(N_JETS) + FOLDS) / 1000, rtol=1e-6)
        assert str(written["training"]) == joint.key
        assert written["file_names"].tolist() == ["b", "a"]
    assert len(Predictions.read(run.folder / "predicted/jets.npz")) == N_JETS


def test_of_another_dataset_the_score_is_the_mean(run):
    joint = run.join()
    made = Predictions.read(run.folder / "predicted/other.npz")
    rows = made.files * 45 + made.jets
    np.testing.assert_allclose(made.scores, rows / 200 + 0.1, rtol=1e-6)
    assert made.training == joint.key


def test_validation_parts_are_put_together(run):
    run.join()
    made = Predictions.read(run.folder / "predicted/validation/scores.npz")
    assert len(made) == N_JETS
    np.testing.assert_allclose(made.scores, (made.files * 45 + made.jets) / 100, rtol=1e-6)


def test_the_joint_training_is_read_as_any_other(run):
    joint = run.join()
    folder = run.folder / "trainings/pfn/seed-4"
    training = Training.read(folder)
    made = training.record
    assert made == joint
    assert made.key not in {f"key-{fold}" for fold in range(3)}
    assert made.fold is None
    assert made.data.parts == sha256_of(run.parts)
    assert made.jets["train"] == {"quark": 11, "gluon": 20}
    assert (made.parameters, made.epochs, made.best_epoch) == (103, 3, 3)
    assert made.seconds == 60
    assert made.jets_per_second == pytest.approx((30 + 2 * 31 + 3 * 32) / 60)
    assert made.host == "host-0, host-1"
    assert made.mlflow_run_id is None
    assert [one.key for one in made.folds] == ["key-0", "key-1", "key-2"]
    assert [one.best_validation_loss for one in made.folds] == [1, 1.5, pytest.approx(2 + 1 / 3)]
    assert single_taggers(folder) == run.trainings
    assert single_taggers(run.trainings[1]) == [run.trainings[1]]
    losses = training.history.column("validation_loss")
    np.testing.assert_allclose(losses, [2, 2, 2 + 1 / 3])


def test_the_key_is_that_of_the_folds(tmp_path):
    first = Run(tmp_path / "a", [record(fold) for fold in range(3)]).join()
    same = Run(tmp_path / "b", [record(fold, seconds=1.0) for fold in range(3)]).join()
    other = Run(tmp_path / "c", [record(fold, key=f"new-{fold}") for fold in range(3)]).join()
    assert first.key == same.key != other.key


def test_what_ended_by_its_limit_in_one_fold_is_said_to_have(run):
    # The last fold has all its three trees.
    trees = [record(fold, architecture="observables") for fold in range(3)]
    assert Run(run.folder / "trees", trees).join().cut_off
    early = [record(n, architecture="observables", settings={"epochs": 4}) for n in range(3)]
    assert not Run(run.folder / "early", early).join().cut_off


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"code": "d"}, "code unlike those of"),
        ({"fold": 0}, "the training of fold 0"),
        ({"fold": None}, "the training of fold None"),
        ({"settings": {"epochs": 4}}, "settings unlike"),
    ],
)
def test_trainings_that_differ_in_more_than_the_fold_are_refused(tmp_path, changed, told):
    run = Run(tmp_path, [record(0), record(1, **changed), record(2)])
    with pytest.raises(JetlineError, match=told):
        run.join()
    assert not (tmp_path / "predicted").exists()


def test_scores_of_another_tagger_or_of_a_jet_twice_are_refused(run):
    run.own.reverse()
    with pytest.raises(JetlineError, match="another tagger"):
        run.join()
    run.own.reverse()
    scored(np.arange(N_JETS), np.arange(N_JETS) / 100, "key-0").write(run.own[0])
    with pytest.raises(JetlineError, match="60 jets in more than one"):
        run.join()


def test_the_command_joins_them_all(run, capsys):
    told = ["--trainings", *run.trainings, "--datasets", "jets", "other"]
    told += ["--predictions", *run.own, *run.other, "--validations", *run.validation]
    told += ["--parts", run.parts, "--predicted", run.folder / "p", "--output", run.folder / "t"]
    assert main(["join-folds", *map(str, told)]) == 0
    assert "3 folds of pfn, seed 4" in capsys.readouterr().out
    assert len(Predictions.read(run.folder / "p/other.npz")) == N_JETS
    assert TrainingRecord.read(run.folder / "t/training.json").folds
    told.remove(run.other[0])
    assert main(["join-folds", *map(str, told)]) == 1
    assert "5 and 3 files" in capsys.readouterr().err
