from __future__ import annotations

import os
import time

import pytest

from jetline.core.attempts import begin_attempt
from jetline.core.errors import JetlineError
from jetline.training.trained import describe
from snakemake_logger_plugin_jetline.logs import epochs, failure


def row(epoch: int, seconds: float = 10.0) -> str:
    """A line as a training prints it."""
    measured = {
        "epoch": epoch,
        "loss": 0.5,
        "accuracy": 0.7,
        "validation_loss": 0.4,
        "validation_accuracy": 0.7,
        "validation_auc": 0.8 + epoch / 100,
        "learning_rate": 0.001,
        "seconds": seconds,
    }
    return f"epoch {epoch}/15: {describe(measured)}\n"


def test_the_epoch_the_auc_and_the_time_left_are_read(tmp_path):
    log = tmp_path / "train.log"
    log.write_text("using the CPU\n" + row(1, 60) + row(2) + row(3) + row(4) + "\repoch 5: 10%")
    found = epochs(log, time.time())
    assert (found.done, found.all, found.quality) == (4, 15, "validation AUC 0.8400")
    # Of the last three epochs, since the first one compiles.
    assert found.left == pytest.approx(110, abs=3)
    assert str(found).startswith("epoch 4/15, validation AUC 0.8400, at most 1 min")
    assert found.summary == "4 epochs, validation AUC 0.8400"


def test_seeds_that_train_together_share_the_time_that_is_left(tmp_path):
    log = tmp_path / "train_together.log"
    log.write_text("".join(f"seed {seed}, {row(5)}" for seed in (1, 2, 3)))
    alone = tmp_path / "train.log"
    alone.write_text(row(5))
    found, one = epochs(log, time.time()), epochs(alone, time.time())
    assert (found.done, found.quality) == (one.done, one.quality)
    assert found.left == pytest.approx(3 * one.left, rel=0.05)


def test_a_loss_stands_in_for_the_auc(tmp_path):
    log = tmp_path / "train.log"
    log.write_text("epoch 1/2: loss 0.5000, validation loss 0.4000, 1.0 s\n")
    assert epochs(log, 0).quality == "validation loss 0.4000"
    log.write_text("epoch 1/2: loss 0.5000, 1.0 s\n")
    assert epochs(log, 0).quality == "loss 0.5000"
    log.write_text("epoch 1/2: spread 0.5000, 1.0 s\n")
    assert str(epochs(log, 0)).startswith("epoch 1/2, at most")


def test_nothing_is_read_of_an_earlier_attempt_or_where_nothing_is(tmp_path):
    log = tmp_path / "train.log"
    assert epochs(log, 0) is None
    log.write_text(row(3))
    os.utime(log, (1e9, 1e9))
    assert epochs(log, time.time()) is None
    log.write_bytes(b"\xff\xfe no epoch yet")
    assert epochs(log, 0) is None


def test_of_several_attempts_in_a_log_the_latest_counts(tmp_path, capsys):
    begin_attempt()
    beginning = capsys.readouterr().out
    log = tmp_path / "train.log"
    log.write_text(beginning + row(3) + "error: not enough\n" + beginning)
    assert epochs(log, 0) is None
    assert failure(log) == []
    log.write_text(log.read_text() + row(4) + "Killed\n")
    assert epochs(log, 0).done == 4
    assert failure(log)[-1] == "Killed"


def test_the_end_of_a_long_log_is_enough(tmp_path):
    log = tmp_path / "train.log"
    log.write_text("words\n" * 100_000 + row(7))
    assert epochs(log, 0).done == 7


def test_a_mistake_of_the_users_is_shown_whole_and_alone(tmp_path):
    log = tmp_path / "check.log"
    error = JetlineError("jets.npz", found="no y", expected="X and y", remedy="add it")
    log.write_text("many\n" * 50 + f"error: {error}\n")
    assert failure(log) == [*f"error: {error}".splitlines()]


def test_of_any_other_failure_the_last_lines_are_shown(tmp_path):
    log = tmp_path / "check.log"
    log.write_text("\n".join(map(str, range(100))) + "\n10%\r20%\rKilled\n\n")
    assert failure(log)[-2:] == ["99", "Killed"]
    assert len(failure(log)) == 12
    assert failure(tmp_path / "none") == []
