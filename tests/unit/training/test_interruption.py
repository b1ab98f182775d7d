"""An interrupted training loses nothing, and ends as an uninterrupted one does, to the bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import killing
from jetline.models import read_settings
from jetline.training.batches import Batches
from jetline.training.checkpoint import Checkpoint
from jetline.training.interruption import Interruption
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_of
from jetline.training.task import Classification
from training_inputs import STATISTICS, make_shards, some

PFN = read_settings("pfn", {"epochs": 3, "batch_size": 16, "phi": [16, 16], "f": [16]})


@pytest.fixture(scope="module")
def particles(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("p"), *jets, "particles")


def loop(shards, folder, minutes=10.0):
    jets = Jets(some(shards, 0), some(shards, 1))
    return Loop(PFN, method_of(PFN), 1, jets, STATISTICS, Checkpoint(folder), minutes)


def trained(shards, folder, minutes=10.0):
    checkpoint = Checkpoint(folder)
    with checkpoint.locked():
        return loop(shards, folder, minutes).run()


def same(one, other):
    rows = [[{**row, "seconds": 0} for row in each.progress.history] for each in (one, other)]
    weights = zip(one.model.get_weights(), other.model.get_weights(), strict=True)
    return rows[0] == rows[1] and all(np.array_equal(a, b) for a, b in weights)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_within_the_epoch(particles, tmp_path, monkeypatch, capsys, number):
    whole = trained(particles, tmp_path / "whole")
    made = Batches.__getitem__

    def signalled(self, batch):
        if len(self.sample) > 10 and batch == 4 and self.first == 0:
            os.kill(os.getpid(), number)
        return made(self, batch)

    monkeypatch.setattr(Batches, "__getitem__", signalled)
    with pytest.raises(KeyboardInterrupt):
        trained(particles, tmp_path / "parts")
    monkeypatch.undo()
    told = capsys.readouterr().out
    assert told.count("told to end: ") == 1
    assert "told to end: the checkpoint goes on after batch" in told
    (saved,) = (tmp_path / "parts").glob("epoch-*")
    assert saved.name.startswith("epoch-0-batch-")
    assert 0 < int(saved.name.rpartition("-")[2]) < 20
    assert same(whole, trained(particles, tmp_path / "parts"))


def test_a_signal_during_the_validation_keeps_the_steps_before_it(
    particles, tmp_path, monkeypatch, capsys
):
    whole = trained(particles, tmp_path / "whole")

    def validate(*_others):
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("the signal has not ended the validation")

    monkeypatch.setattr(Classification, "validate", validate)
    with pytest.raises(KeyboardInterrupt):
        trained(particles, tmp_path / "parts")
    monkeypatch.undo()
    last = "told to end: the checkpoint goes on after the last batch of epoch 1\n"
    assert last in capsys.readouterr().out
    (saved,) = (tmp_path / "parts").glob("epoch-*")
    steps = -(-len(some(particles, 0)) // 16)
    assert saved.name == f"epoch-0-batch-{steps}"
    assert same(whole, trained(particles, tmp_path / "parts"))


def test_checkpoints_by_time_change_nothing_and_two_are_kept(particles, tmp_path, monkeypatch):
    whole = trained(particles, tmp_path / "whole")
    kept = []
    save = Checkpoint.save

    def counted(self, *arguments):
        save(self, *arguments)
        kept.append(len(list(self.folder.glob("epoch-*"))))

    monkeypatch.setattr(Checkpoint, "save", counted)
    assert same(whole, trained(particles, tmp_path / "often", minutes=1e-9))
    assert len(kept) > 3 * 10
    assert max(kept) == 2


def test_a_second_signal_ends_at_once():
    with Interruption() as interruption:
        os.kill(os.getpid(), signal.SIGINT)
        assert interruption.asked == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


#: A kind of network each, with all that a training remembers between two steps.
ENTRIES = {
    "particles": {
        "architecture": "pfn",
        "phi": [16, 16],
        "f": [16],
        "training": {
            "optimiser": "radam",
            "lookahead": True,
            "weight_decay": 0.01,
            "schedule": "flat-exponential",
            "averaging": 0.9,
            "clip": 1.0,
            "label_smoothing": 0.05,
            "class_weights": "balanced",
            "double_batch_after": [2],
            "augmentation": [{"step": "rotate"}, {"step": "smear", "pt": 0.05, "angle": 0.01}],
        },
    },
    "images/notebook": {
        "architecture": "cnn",
        "training": {
            "optimiser": "adamw",
            "schedule": "plateau",
            "averaging": 0.99,
            "precision": "float16",
            "early_stopping": "auc",
        },
    },
}


@pytest.mark.parametrize("inputs", list(ENTRIES))
def test_a_training_killed_at_random_moments_ends_the_same(jets, tmp_path, inputs):
    """Six times each; `python tests/support/killing.py 100 ...` does it as often as one likes."""
    shards = [shard.folder for shard in make_shards(tmp_path, *jets, inputs)]
    entry = {"epochs": 4, "batch_size": 16, **ENTRIES[inputs]}
    told = subprocess.run(
        [sys.executable, killing.__file__, "6", tmp_path / "t", json.dumps(entry), *shards],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(["src", str(Path(__file__).parents[2] / "support")])},
    )
    assert told.returncode == 0, told.stderr
    done = json.loads(told.stdout)
    assert done["kills"] + done["terminations"] == 6
    assert done["same weights"]
    assert done["same history"]
