"""Training: the seed decides everything, and an interruption nothing."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.models import read_settings
from jetline.training.checkpoint import Checkpoint
from jetline.training.loop import train
from jetline.training.method import method_of
from jetline.training.prediction import quark_scores
from training_inputs import STATISTICS, make_shards, some


@pytest.fixture(scope="module")
def images(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("i"), *jets, "images/notebook")


@pytest.fixture(scope="module")
def particles(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("p"), *jets, "particles")


CNN = read_settings("cnn", {"epochs": 3, "batch_size": 64})
PFN = read_settings("pfn", {"epochs": 3, "batch_size": 64, "phi": [16, 16], "f": [16]})


def trained(architecture, shards, folder, seed=1, statistics=STATISTICS, **more):
    checkpoint = Checkpoint(folder)
    with checkpoint.locked():
        samples = some(shards, 0), some(shards, 1)
        method = method_of(architecture)
        return train(architecture, method, seed, *samples, statistics, checkpoint, **more)


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
    scores = quark_scores(result.model, validation, 64, PFN.view).astype(np.float64)
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
    scores = quark_scores(result.model, training, 64, None).astype(np.float64)
    correct = np.where(training.labels == 1, scores, 1 - scores)
    row = result.progress.history[0]
    assert row["loss"] == pytest.approx(-np.log(correct).mean(), rel=1e-4)
    assert row["accuracy"] == pytest.approx(np.mean(correct > 0.5), abs=1e-6)


def test_a_loss_that_is_not_finite_is_one_clear_error(images, tmp_path):
    with pytest.raises(JetlineError, match="lower learning_rate"):
        trained(CNN, images, tmp_path, statistics=STATISTICS | {"largest": [1e-38]})


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
