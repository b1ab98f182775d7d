"""A training that cannot go on says what happened, where, and what to change."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest

from jetline.core.errors import JetlineError
from jetline.models import read_settings
from jetline.training.batches import Batches
from jetline.training.checkpoint import Checkpoint
from jetline.training.feed import Feed
from jetline.training.loop import Jets, Loop
from jetline.training.method import method_of
from jetline.training.task import Classification, Validated
from training_inputs import STATISTICS, make_shards, some

CNN = read_settings("cnn", {"epochs": 5, "batch_size": 32})
PFN = read_settings("pfn", {"epochs": 2, "batch_size": 32, "phi": [8], "f": [8]})


@pytest.fixture
def images(jets, tmp_path):
    return make_shards(tmp_path, *jets, "images/notebook")


@pytest.fixture
def particles(jets, tmp_path):
    return make_shards(tmp_path, *jets, "particles")


def train(shards, folder, network=CNN, statistics=STATISTICS):
    checkpoint = Checkpoint(folder / "checkpoint")
    jets = Jets(some(shards, 0), some(shards, 1))
    with checkpoint.locked():
        return Loop(network, method_of(network), 1, jets, statistics, checkpoint).run()


def spoil(shard, row):
    """Let a particle of one jet of an opened shard have a momentum that is no number."""
    shard.arrays["particles"] = np.array(shard.arrays["particles"])
    shard.arrays["particles"][shard.arrays["offsets"][row], 0] = np.nan


@pytest.mark.parametrize("row", [0, 1])
def test_a_value_that_is_no_number_is_told_with_its_jet(particles, tmp_path, row):
    """Of a jet that trains, and of one that validates."""
    spoil(particles[1], row)
    with pytest.raises(JetlineError) as told:
        train(particles, tmp_path, PFN)
    assert told.value.where == f"jet {row} of {particles[1].folder}"
    assert told.value.found == "features that are no finite numbers"


def test_a_network_that_overflows_is_told_with_its_layer(images, tmp_path):
    with pytest.raises(JetlineError) as told:
        train(images, tmp_path, statistics=STATISTICS | {"largest": [1e-38]})
    assert re.search(
        r"first in batch \d of 7, layer rescaling\w*, in all 32 jets", told.value.found
    )


def test_a_dead_network_is_an_error(images, tmp_path, monkeypatch):
    """In three epochs in a row, or where the best of all is one of these."""
    validate = Classification.validate

    def dead(self, *arguments):
        return Validated(validate(self, *arguments).columns, dead=True)

    monkeypatch.setattr(Classification, "validate", dead)
    with pytest.raises(JetlineError, match="the network has died") as told:
        train(images, tmp_path)
    assert told.value.where == "training, epoch 3"
    short = read_settings("cnn", {"epochs": 1, "batch_size": 32})
    with pytest.raises(JetlineError, match="the network has died"):
        train(images, tmp_path / "short", short)


def test_equal_scores_are_seen_as_a_dead_network(images):
    class Constant:
        def predict(self, _batches, **_options):
            return np.full((len(some(images, 1)), 2), 0.5, np.float32)

    assert Classification().validate(Constant(), some(images, 1), 32, None).dead


def test_too_large_a_batch_is_told_with_one_that_fits(images, tmp_path, monkeypatch):
    stream = Batches.stream

    def limited(self, *arguments):
        if self.batch_size > 9:
            raise MemoryError
        return stream(self, *arguments)

    monkeypatch.setattr(Batches, "stream", limited)
    with pytest.raises(JetlineError) as told:
        train(images, tmp_path)
    assert told.value.where == "training, batches of 32 jets"
    assert "`batch_size: 8`" in told.value.remedy


@pytest.mark.parametrize("threads", [1, 4])
def test_a_feed_keeps_the_order_and_passes_errors_on(threads):
    def make(number):
        time.sleep(0.001 * (number % 3))
        if number == 50:
            raise RuntimeError("in the making")
        return number

    assert list(Feed(make, range(50), threads)) == list(range(50))
    feed = Feed(make, range(100), threads)
    with pytest.raises(RuntimeError, match="in the making"), feed.errors():
        list(feed)


@pytest.mark.parametrize("threads", [1, 4])
def test_a_feed_that_is_left_makes_no_more(threads):
    made = []
    for number in Feed(made.append, range(1000), threads):
        assert number is None
        if len(made) > 5:
            break
    count = len(made)
    assert count < 30
    time.sleep(0.05)
    assert len(made) == count


def test_a_feed_measures_the_waiting():
    feed = Feed(lambda _number: time.sleep(0.05), range(3), 1)
    list(feed)
    assert feed.waited >= 0.1
