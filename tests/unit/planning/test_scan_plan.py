"""What the rules of scans read and are told: all trials are known before the first is trained."""

from __future__ import annotations

import importlib.util
import json
import shlex
from types import SimpleNamespace

import pytest

from jetline.configuration.reading import read_configuration
from jetline.configuration.scans import entry_of
from jetline.core.errors import JetlineError
from jetline.planning import paths
from jetline.planning.arguments import Arguments
from jetline.planning.plan import Plan
from jetline.planning.scans import Scans
from jetline.planning.starts import Starts

STUDY = {
    "space": {"learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}, "epochs": [5, 20]},
    "trials": 5,
    "at_once": 2,
    "seed": 9,
}
GRID = {"grid": {"learning_rate": ["1e-3", 0.01], "training.clip": [None, 1.0]}}
FOLDER = "results/runs/scanned/scans"


def scans_of(root, **study) -> Scans:
    return Scans(plan_of(root, **study))


def plan_of(root, **study) -> Plan:
    values = {
        "run": "scanned",
        "datasets": {"demo": {"source": "sample"}},
        "train_on": "demo",
        "test_on": ["demo"],
        "seeds": [4, 5],
        "architectures": {
            "pfn": {"scan": GRID, "training": "published"},
            "efn": {"scan": STUDY | study, "seeds": [7, 8]},
            "cnn": {"inputs": "images/pt"},
        },
    }
    return Plan(read_configuration(values), root / "resources/sample")


@pytest.fixture
def scans(root) -> Scans:
    return scans_of(root)


def of(label: str, **wildcards) -> SimpleNamespace:
    return SimpleNamespace(label=label, **wildcards)


def given(*chosen: str) -> SimpleNamespace:
    return SimpleNamespace(chosen=list(chosen))


def test_a_grid_has_a_training_for_each_point_with_its_values_as_arguments(scans):
    assert scans.trials(of("pfn")) == [f"{FOLDER}/pfn/trials/{n}/trial.json" for n in range(1, 5)]
    assert scans.round_of(of("pfn", trial="2")) == []
    told = shlex.split(scans.values(of("pfn", trial="2"), given()))
    assert told[0] == "--chosen"
    assert json.loads(told[1]) == {
        "values": {"pfn--2": {"learning_rate": 0.001, "training.clip": 1.0}}
    }
    with pytest.raises(JetlineError, match="trial 5 of pfn"):
        scans.values(of("pfn", trial="5"), given())


def test_a_study_has_rounds_each_of_what_the_one_before_gave(scans):
    assert len(scans.trials(of("efn"))) == 5
    rounds = [scans.round_of(of("efn", trial=str(n))) for n in range(1, 6)]
    assert rounds == [[f"{FOLDER}/efn/round-{n}.json"] for n in (1, 1, 2, 2, 3)]
    assert scans.rounds_before(of("efn", round="1")) == []
    assert scans.trials_before(of("efn", round="1")) == []
    assert scans.rounds_before(of("efn", round="3")) == [f"{FOLDER}/efn/round-2.json"]
    assert scans.trials_before(of("efn", round="3")) == [
        f"{FOLDER}/efn/trials/{n}/trial.json" for n in (3, 4)
    ]
    assert scans.values(of("efn", trial="4"), given("a b")) == "--chosen '@a b'"


def test_more_trials_change_nothing_of_those_that_there_are(root, scans):
    more = scans_of(root, trials=50)
    assert more.study(of("efn")) == scans.study(of("efn"))
    assert more.trials(of("efn"))[:5] == scans.trials(of("efn"))


def test_the_entry_as_it_is_written_is_tried_first_where_the_space_has_it(root, scans):
    assert json.loads(scans.study(of("efn")))["first"] == {"learning_rate": 0.001, "epochs": 20}
    other = scans_of(root, space={"epochs": [5, 6]})
    assert json.loads(other.study(of("efn")))["first"] is None


def test_trials_have_the_first_seed_of_their_entry(scans):
    assert scans.seed(of("pfn")) == 4
    assert scans.seed(of("efn")) == 7


def test_a_trial_starts_from_what_its_entry_starts_from(root):
    values = {
        "run": "scanned",
        "datasets": {"demo": {"source": "sample"}},
        "train_on": "demo",
        "test_on": ["demo"],
        "seeds": [4, 5],
        "architectures": {
            "big": {"architecture": "pfn", "scan": GRID},
            "pfn": {"scan": GRID, "start_from": "big"},
        },
    }
    plan = Plan(read_configuration(values), root / "resources/sample")
    training = Scans(plan).training_of(of("pfn", trial="2"))
    files = Starts(plan).files(training)
    assert files[0] == "results/runs/scanned/trainings/big/seed-4/model.keras"
    assert entry_of(plan.configuration.architectures["pfn"])["start_from"] == {"entry": "big"}


def test_what_is_scanned_is_trained_with_the_best_and_nothing_else_is(root, scans):
    assert scans.best(of("pfn", seed="4")) == [f"{FOLDER}/pfn/best.json"]
    assert scans.best(of("cnn", seed="4")) == []
    assert scans.chosen(of("cnn", seed="4"), given()) == ""
    told = Arguments(plan_of(root))
    # The paper's recipe stays where a value is put over it, and defaults are found later.
    settings = json.loads(told.settings(of("pfn", seed="4")))
    assert settings["training"]["optimiser"]
    assert "phi" not in settings


def test_the_kept_configuration_makes_the_same_run_again(root):
    plan = plan_of(root)
    kept = json.loads(Arguments(plan).configuration(None))
    again = read_configuration(kept)
    assert again.trainings == plan.configuration.trainings
    assert again.architectures["efn"].scan == plan.configuration.architectures["efn"].scan
    assert again.architectures == plan.configuration.architectures
    assert Arguments(Plan(again, root / "resources/sample")).configuration(None) == json.dumps(kept)
    assert "phi" not in kept["architectures"]["pfn"]


def test_checkpoints_of_trials_lie_beside_those_of_trainings_below_any_prefix():
    trial = f"taggers/{FOLDER}/pfn/trials/3/trial.json"
    expected = "taggers/results/runs/scanned/checkpoints/scans/pfn/trials/3"
    assert paths.trial_checkpoints_of(trial) == expected


def test_a_study_without_optuna_is_told_with_the_command_that_helps(root, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "optuna" else found(name)
    )
    with pytest.raises(JetlineError, match="optuna") as caught:
        scans_of(root)
    assert "pip install -e '.[scan]'" in caught.value.remedy


def test_a_target_without_a_scan_is_one_clear_error(scans):
    with pytest.raises(JetlineError, match="needs a scan of cnn"):
        scans.trials(of("cnn"))
    with pytest.raises(JetlineError, match="needs a scan of pfn"):
        scans.study(of("pfn"))
