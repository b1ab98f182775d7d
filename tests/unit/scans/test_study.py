"""Proposals of a study: the same whenever, and by whomever, they are made."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from jetline.core.errors import JetlineError
from jetline.records.scan import Round, Trial
from jetline.scans.rounds import write_round
from jetline.scans.study import importances, propose

if TYPE_CHECKING:
    from pathlib import Path

SPACE = {
    "learning_rate": {"low": 1e-4, "high": 1e-1, "log": True, "whole": False},
    "epochs": {"low": 1, "high": 9, "log": False, "whole": True},
    "phi": [[8, 8], [4]],
}
STUDY = {"space": SPACE, "seed": 5, "at_once": 2, "first": None}
ENTRY = {"architecture": "pfn", "inputs": "particles"}


def trained(number: int, values: dict[str, Any]) -> Trial:
    """A trial as a training might have ended; high rates fail."""
    rate = values["learning_rate"]
    if rate > 0.05:
        return Trial(number=number, values=values, measure="validation_loss", failure="nan")
    loss = abs(rate - 0.003) + 0.01 * values["epochs"]
    return Trial(number=number, values=values, measure="validation_loss", value=loss)


class Files:
    """The files of a study, each made if it is missing, as the workflow makes them."""

    def __init__(self, folder: Path, study: dict[str, Any] = STUDY) -> None:
        self.folder, self.study = folder, study

    def round(self, number: int) -> Path:
        path = self.folder / f"round-{number}.json"
        if not path.exists():
            before = self.round(number - 1) if number > 1 else None
            trials = self.trials(number - 1) if number > 1 else []
            write_round("pfn", number, ENTRY, self.study, before, trials, path)
        return path

    def trials(self, number: int) -> list[Path]:
        return [self.trial(label) for label in Round.read(self.round(number)).values]

    def trial(self, label: str) -> Path:
        path = self.folder / f"{label}.json"
        if not path.exists():
            number = int(label.rpartition("--")[2])
            made = Round.read(self.round((number + 1) // 2))
            trained(number, made.values[label]).write(path)
        return path

    def content(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.folder.glob("*.json")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, str]:
    """Every file of a study of four rounds that nothing interrupts."""
    files = Files(tmp_path_factory.mktemp("whole"))
    files.trials(4)
    return files.content()


def test_a_study_has_as_many_trials_as_its_rounds_have(whole):
    assert {name for name in whole if name.startswith("pfn")} == {
        f"pfn--{number}.json" for number in range(1, 9)
    }
    values = [json.loads(whole[f"pfn--{number}.json"])["values"] for number in range(1, 9)]
    assert all(1e-4 <= one["learning_rate"] <= 1e-1 for one in values)
    assert all(isinstance(one["epochs"], int) and 1 <= one["epochs"] <= 9 for one in values)
    assert all(one["phi"] in SPACE["phi"] for one in values)
    assert len({json.dumps(one) for one in values}) == 8


@pytest.mark.parametrize("kept", range(12))
def test_a_study_killed_at_any_stage_goes_on_with_the_same_proposals(tmp_path, whole, kept):
    # In the order in which they are made: a round, then its two trials.
    order = [
        name
        for number in range(1, 5)
        for name in (
            f"round-{number}.json",
            f"pfn--{2 * number - 1}.json",
            f"pfn--{2 * number}.json",
        )
    ]
    for name in order[:kept]:
        (tmp_path / name).write_text(whole[name])
    files = Files(tmp_path)
    files.trials(4)
    assert files.content() == whole


def test_files_that_were_lost_are_made_the_same_again(tmp_path, whole):
    names = list(whole)
    random.Random(1).shuffle(names)
    for name in names[:4]:
        (tmp_path / name).write_text(whole[name])
    files = Files(tmp_path)
    for number in range(1, 5):
        files.trials(number)
    assert files.content() == whole


def test_more_trials_go_on_with_a_study(tmp_path, whole):
    for name, text in whole.items():
        (tmp_path / name).write_text(text)
    files = Files(tmp_path)
    added = Round.read(files.round(5))
    assert set(added.values) == {"pfn--9", "pfn--10"}
    assert [trial.number for trial in added.told] == list(range(1, 9))
    assert {name: text for name, text in files.content().items() if name in whole} == whole


def test_another_seed_proposes_others(tmp_path, whole):
    other = Round.read(Files(tmp_path, STUDY | {"seed": 6}).round(1))
    assert other.values != json.loads(whole["round-1.json"])["values"]


def test_the_first_trial_is_the_entry_as_it_is_written(tmp_path):
    first = {"learning_rate": 0.001, "epochs": 3, "phi": [4]}
    made = Round.read(Files(tmp_path, STUDY | {"first": first}).round(1))
    assert made.values["pfn--1"] == first
    assert made.values["pfn--2"] != first


def test_the_journal_opens_in_optuna(tmp_path):
    import optuna
    from optuna.storages.journal import JournalFileBackend

    Files(tmp_path).round(3)
    storage = optuna.storages.JournalStorage(JournalFileBackend(str(tmp_path / "round-3.journal")))
    study = optuna.load_study(study_name=None, storage=storage)
    states = [trial.state.name for trial in study.trials]
    assert states[-2:] == ["RUNNING", "RUNNING"]
    assert set(states[:-2]) <= {"COMPLETE", "PRUNED"}
    assert len(states) == 6


def test_where_trainings_fail_a_study_looks_elsewhere():
    told: list[Trial] = []
    for number in range(1, 8):
        found = propose(SPACE, 1, number, told, 4, lambda _values: True)
        told += [trained(len(told) + n, one) for n, one in enumerate(found, start=1)]
    last = [trial for trial in told[-8:] if trial.failure]
    assert any(trial.failure for trial in told)
    assert len(last) <= 1


def test_values_that_do_not_go_together_are_never_proposed():
    found = propose(SPACE, 1, 1, [], 10, lambda values: values["phi"] == [4])
    assert all(values["phi"] == [4] for values in found)
    with pytest.raises(JetlineError, match="do not go together"):
        propose(SPACE, 1, 1, [], 1, lambda _values: False)


def test_what_mattered_is_told_by_shares():
    told: list[Trial] = []
    for number in range(1, 7):
        found = propose(SPACE, 1, number, told, 5, lambda _values: True)
        told += [trained(len(told) + n, one) for n, one in enumerate(found, start=1)]
    shares = importances(SPACE, 1, told)
    assert set(shares) == set(SPACE)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["epochs"] > 0.4
    assert shares["phi"] < 0.1
    assert shares == importances(SPACE, 1, told)
    assert importances(SPACE, 1, told[:2]) == {}
