"""A trial of a scan keeps its record alone, and one that fails is a result, not an error."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from jetline.core.errors import JetlineError
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.parts import Parts
from jetline.inputs.split import split_files
from jetline.inputs.statistics import training_statistics
from jetline.jets.formats.npz import write_jets
from jetline.jets.index import index_jets
from jetline.models import read_settings
from jetline.records.scan import Trial
from jetline.scans.points import with_values
from jetline.training.job import Request
from jetline.training.task import Classification, Validated
from jetline.training.trial import run_trial

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = {"epochs": 3, "phi": [4], "f": [4], "batch_size": 32, "architecture": "pfn"}
SPLIT = {"by": "jet", "train": 0.6, "validation": 0.2, "test": 0.2}


@pytest.fixture(scope="module")
def made(jets, tmp_path_factory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("made")
    path, index, shard = (folder / name for name in ("jets.npz", "jets.index.npz", "shard"))
    write_jets(path, jets[0][:300], jets[1][:300])
    index_jets(path, "jets").write(index)
    make_shard(Particles(), path, shard, index)
    parts = folder / "parts.npz"
    split_files([index], seed=1, source="files", **SPLIT, trained=None).write(parts)
    training_statistics([shard], Parts.read(parts)).write(folder / "statistics.json")
    return {"shards": [shard], "parts": parts, "statistics": folder / "statistics.json"}


def tried(made: dict[str, Any], folder: Path, values: dict[str, Any]) -> Trial:
    request = Request(
        run="toy",
        label="pfn--7",
        seed=1,
        architecture=read_settings("pfn--7", with_values(ENTRY, values)),
        dataset="few",
        code="0",
        **made,
    )
    tracker = SimpleNamespace(run_id=None, epoch=lambda row: None)
    run_trial(request, values, "cpu", folder, folder / "kept", lambda _: nullcontext(tracker))
    return Trial.read(folder / "trial.json")


def test_a_trial_keeps_the_best_value_of_the_validation_part_and_no_model(made, tmp_path):
    (tmp_path / ".training").mkdir()
    (tmp_path / ".training/model.keras").write_text("of a job that was killed")
    values = {"learning_rate": 0.003}
    trial = tried(made, tmp_path, values)
    assert trial.number == 7
    assert trial.values == values
    assert trial.measure == "validation_loss"
    assert 0 < trial.value == trial.loss < 1
    assert 1 <= trial.best_epoch <= trial.epochs == 3
    assert trial.failure is None
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["trial.json"]
    assert not list(tmp_path.rglob("*.keras"))
    assert not list(tmp_path.rglob("state.npz"))


def test_by_auc_the_highest_decides(made, tmp_path):
    trial = tried(made, tmp_path, {"training.early_stopping": "auc"})
    assert trial.measure == "validation_auc"
    assert 0.5 < trial.value == -trial.loss < 1


def test_a_training_that_fails_is_the_record_of_why(made, tmp_path, monkeypatch):
    measured = Classification.validate

    def dead(self, *arguments):
        return Validated(measured(self, *arguments).columns, dead=True)

    monkeypatch.setattr(Classification, "validate", dead)
    trial = tried(made, tmp_path, {"learning_rate": 0.9})
    assert trial.value is None
    assert "the network has died" in trial.failure
    assert not (tmp_path / "kept").exists()
    assert not (tmp_path / ".training").exists()


def test_what_is_no_fault_of_the_settings_stays_an_error(made, tmp_path):
    parts = made["parts"].with_name("others.npz")
    with pytest.raises(JetlineError):
        tried(made | {"parts": parts}, tmp_path, {"learning_rate": 0.003})
    assert not (tmp_path / "trial.json").exists()
