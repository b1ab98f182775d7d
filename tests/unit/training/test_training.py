"""The seed determines a training completely, and an interruption does not change it."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.models import read_settings
from jetline.training.checkpoint import Checkpoint
from jetline.training.loop import Jets, Loop
from jetline.training.method import Method, method_of
from jetline.training.scores import class_scores
from jetline.training.steps import keras_step
from jetline.training.task import Validated
from training_inputs import STATISTICS, make_shards, some


@pytest.fixture(scope="module")
def images(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("i"), *jets, "images/notebook")


@pytest.fixture(scope="module")
def particles(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("p"), *jets, "particles")


CNN = read_settings("cnn", {"epochs": 3, "batch_size": 64})
PFN = read_settings("pfn", {"epochs": 3, "batch_size": 64, "phi": [16, 16], "f": [16]})


def trained(architecture, shards, folder, seed=1, statistics=STATISTICS, method=None, **more):
    checkpoint = Checkpoint(folder)
    with checkpoint.locked():
        jets = Jets(some(shards, 0), some(shards, 1))
        method = method or method_of(architecture)
        return Loop(architecture, method, seed, jets, statistics, checkpoint).run(**more)


def columns(result, *names):
    return [[row[name] for name in names] for row in result.progress.history]


@pytest.mark.parametrize("name", ["cnn", "pfn"])
def test_the_same_seed_gives_the_same_training(name, images, particles, tmp_path):
    architecture, shards = (CNN, images) if name == "cnn" else (PFN, particles)
    first, second, other = (
        columns(trained(architecture, shards, tmp_path / str(n), seed), "loss", "validation_loss")
        for n, seed in enumerate((1, 1, 2))
    )
    np.testing.assert_allclose(first, second, rtol=1e-5)
    assert np.abs(np.array(first) - np.array(other)).max() > 1e-4


class Killed(BaseException):
    """Ends a training in the middle, as a signal would."""


@pytest.mark.parametrize("name", ["cnn", "pfn"])
def test_an_interrupted_training_ends_where_an_uninterrupted_one_does(
    name, images, particles, tmp_path
):
    architecture, shards = (CNN, images) if name == "cnn" else (PFN, particles)
    whole = trained(architecture, shards, tmp_path / "whole")

    def kill(row):
        raise Killed

    for _ in range(2):
        with pytest.raises(Killed):
            trained(architecture, shards, tmp_path / "parts", on_epoch=kill)
    resumed = trained(architecture, shards, tmp_path / "parts")
    names = ("epoch", "loss", "accuracy", "validation_loss", "validation_auc")
    np.testing.assert_allclose(columns(whole, *names), columns(resumed, *names), rtol=1e-4)
    for one, other in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


def distance(labels, scores):
    return keras.ops.abs(scores[:, 1] - keras.ops.cast(labels, scores.dtype))


class Overlap:
    """Another task than the classification: of other loss, columns and choice of the best epoch."""

    decisive = "overlap"
    highest = False

    loss = staticmethod(distance)

    def metrics(self):
        return []

    def validate(self, model, validation, batch_size, view):
        scores = class_scores(model, validation, batch_size, view)[:, 1]
        return Validated({"overlap": float(np.mean(scores[validation.labels == 0]))})


def falling_rate(model, steps, multipliers):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.05, decay_steps=1, decay_rate=0.9)
    optimiser = keras.optimizers.SGD(schedule)
    optimiser.build(model.trainable_variables)
    return optimiser


half_precision = functools.partial(keras_step, precision="bfloat16")


def precisions(model):
    """Precisions in which the layers with weights compute, but for the last."""
    return {layer.compute_dtype for layer in model.layers[:-1] if layer.weights}


def test_another_task_optimiser_schedule_and_precision_are_handed_to_the_loop(images, tmp_path):
    method = Method(Overlap(), falling_rate, half_precision)
    whole = trained(CNN, images, tmp_path / "whole", method=method)
    history = whole.progress.history
    assert list(history[0]) == ["epoch", "loss", "overlap", "learning_rate", "seconds"]
    overlaps = [row["overlap"] for row in history]
    assert whole.progress.best_epoch == 1 + int(np.argmin(overlaps))
    assert isinstance(whole.model.optimizer, keras.optimizers.SGD)
    assert precisions(whole.model) == {"bfloat16"}
    # One step for each batch of 64 jets; a resumed training continues the schedule.
    steps = -(-len(some(images, 0)) // 64)
    rates = [row["learning_rate"] for row in history]
    np.testing.assert_allclose(rates, [0.05 * 0.9 ** (steps * n) for n in (1, 2, 3)], rtol=1e-5)

    def kill(row):
        raise Killed

    with pytest.raises(Killed):
        trained(CNN, images, tmp_path / "parts", method=method, on_epoch=kill)
    resumed = trained(CNN, images, tmp_path / "parts", method=method)
    assert columns(resumed, "learning_rate") == columns(whole, "learning_rate")
    assert precisions(resumed.model) == {"bfloat16"}


def test_training_stops_without_gain_and_keeps_the_best_epoch(particles, tmp_path):
    wild = read_settings(
        "pfn", {"epochs": 40, "batch_size": 64, "learning_rate": 0.05, "patience": 2}
    )
    result = trained(wild, particles, tmp_path)
    losses = [row["validation_loss"] for row in result.progress.history]
    best = int(np.argmin(losses))
    assert len(losses) < 40
    assert len(losses) == best + 1 + 2
    assert result.progress.best_epoch == best + 1
    validation = some(particles, 1)
    scores = class_scores(result.model, validation, 64, PFN.view)[:, 1].astype(np.float64)
    scores = np.clip(scores, np.finfo(np.float32).eps, 1 - np.finfo(np.float32).eps)
    correct = np.where(validation.labels == 1, scores, 1 - scores)
    assert -np.log(correct).mean() == pytest.approx(losses[best], rel=1e-5)


def test_the_epochs_loss_counts_every_training_jet_once(images, tmp_path):
    # A rate too small to move the weights: the loss of the epoch is that of the built model.
    still = read_settings(
        "cnn", {"epochs": 1, "batch_size": 64, "learning_rate": 1e-12, "dropout": 0}
    )
    result = trained(still, images, tmp_path)
    training = some(images, 0)
    assert len(training) % 64
    scores = class_scores(result.model, training, 64, None)[:, 1].astype(np.float64)
    correct = np.where(training.labels == 1, scores, 1 - scores)
    row = result.progress.history[0]
    assert row["loss"] == pytest.approx(-np.log(correct).mean(), rel=1e-4)
    assert row["accuracy"] == pytest.approx(np.mean(correct > 0.5), abs=1e-6)


def test_a_short_last_batch_costs_no_graph_in_later_epochs(images, tmp_path):
    traced = []

    def counted(labels, scores):
        traced.append(len(traced))
        return distance(labels, scores)

    class Counted(Overlap):
        loss = staticmethod(counted)

    method = Method(Counted(), falling_rate, keras_step)
    assert len(some(images, 0)) % 64
    graphs = []
    trained(CNN, images, tmp_path, method=method, on_epoch=lambda _row: graphs.append(len(traced)))
    assert graphs[0] == graphs[1] == graphs[2]


def test_a_loss_that_is_not_finite_is_one_clear_error(images, tmp_path):
    with pytest.raises(JetlineError, match="lower learning_rate"):
        trained(CNN, images, tmp_path, statistics=STATISTICS | {"largest": [1e-38]})


def interrupted(images, folder, epochs=1):
    """The newest checkpoint of a training that was killed after some epochs."""

    def kill(row):
        if row["epoch"] == epochs:
            raise Killed

    with pytest.raises(Killed):
        trained(CNN, images, folder, on_epoch=kill)
    return folder / f"epoch-{epochs}-batch-0"


def damage(path, left):
    """Cut a file off, or change a byte in its middle."""
    whole = path.read_bytes()
    if left == "changed":
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    else:
        path.write_bytes(whole[: left if left >= 1 else int(left * len(whole))])


@pytest.mark.parametrize("name", ["state.npz", "best.npz", "progress.json"])
@pytest.mark.parametrize("left", [0, 100, 0.5, "changed"])
def test_a_damaged_checkpoint_is_told_with_the_folder_to_remove(images, tmp_path, name, left):
    epoch = interrupted(images, tmp_path / "checkpoint")
    damage(epoch / name, left)
    with pytest.raises(JetlineError, match="a damaged checkpoint") as told:
        trained(CNN, images, tmp_path / "checkpoint")
    assert told.value.where == str(epoch)
    assert f"rm -r {epoch}" in told.value.remedy


def test_a_damaged_checkpoint_sets_a_training_back_to_the_one_before(images, tmp_path, capsys):
    whole = trained(CNN, images, tmp_path / "whole")
    damage(interrupted(images, tmp_path / "parts", 2) / "state.npz", 0.5)
    capsys.readouterr()
    resumed = trained(CNN, images, tmp_path / "parts")
    told = capsys.readouterr().out
    assert "epoch-2-batch-0 is damaged (state.npz has another content than was written)" in told
    assert "going on after epoch 1" in told
    names = ("loss", "accuracy", "validation_loss", "learning_rate")
    assert columns(whole, *names) == columns(resumed, *names)


def test_a_checkpoint_is_on_disk_before_it_has_its_name(images, tmp_path, monkeypatch):
    flushed = []

    def fsync(descriptor):
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        flushed.append(path.relative_to(tmp_path).as_posix())

    monkeypatch.setattr(os, "fsync", fsync)
    interrupted(images, tmp_path)
    unfinished = ".epoch-1-batch-0"
    files = [f"{unfinished}/{name}" for name in ("state.npz", "best.npz")]
    assert {unfinished, *files} <= set(flushed)
    assert any(name.startswith(f"{unfinished}/.progress") for name in flushed)
    assert flushed[-1] == "."


def test_two_processes_never_share_a_checkpoint(tmp_path):
    code = f"""
import fcntl, time
lock = open({str(tmp_path / "lock")!r}, "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        with (
            pytest.raises(JetlineError, match="another process trains"),
            Checkpoint(tmp_path).locked(),
        ):
            pass
        process.kill()
        process.wait()
    with Checkpoint(tmp_path).locked():
        pass
