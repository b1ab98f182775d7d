"""Seeds that train together end as trainings of their own do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import seeds_trained
from training_inputs import make_shards

pytestmark = pytest.mark.slow

CODE = """
import sys
from jetline.training.numerics import settle_numerics
settle_numerics()
import seeds_trained
seeds_trained.main(*sys.argv[1:])
"""


@pytest.fixture(scope="module")
def on_jax(jets, tmp_path_factory):
    """What the program found, and what it printed."""
    folder = tmp_path_factory.mktemp("together")
    shards = [
        shard
        for inputs in ("particles", "images/notebook")
        for shard in make_shards(folder / inputs.partition("/")[0], *jets, inputs)
    ]
    support = str(Path(seeds_trained.__file__).parent)
    path = os.pathsep.join([support, os.environ.get("PYTHONPATH", "")])
    told = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "PYTHONPATH": path}
    run = subprocess.run(
        [sys.executable, "-c", CODE, str(folder / "found.json"), *(str(s.folder) for s in shards)],
        env=os.environ | told | {"XDG_CACHE_HOME": str(folder)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads((folder / "found.json").read_text()), run.stdout


def same(one, other):
    """Tell whether histories and weights of all seeds are equal within rounding."""
    for what in ("history", "weights"):
        assert [len(seed) for seed in one[what]] == [len(seed) for seed in other[what]]
        for own, others in zip(one[what], other[what], strict=True):
            np.testing.assert_allclose(own, others, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("network", seeds_trained.NETWORKS)
def test_each_seed_ends_as_a_training_of_its_own(on_jax, network):
    same(on_jax[0][network]["at_once"], on_jax[0][network]["alone"])
    one, other, *_ = on_jax[0][network]["at_once"]["weights"]
    assert not np.allclose(one, other)


def test_a_seed_stops_early_while_the_others_go_on(on_jax):
    assert len({len(seed) for seed in on_jax[0]["pfn"]["at_once"]["history"]}) > 1


def test_a_signal_saves_all_seeds_within_the_epoch(on_jax):
    found = on_jax[0]["signalled"]
    assert found["saved"] == [f"{seed}/epoch-0-batch-4" for seed in (1, 2, 3)]
    assert "seed 3, told to end: the checkpoint goes on after batch 4 of 5" in on_jax[1]
    same(found["resumed"], on_jax[0]["pfn"]["at_once"])


def test_seeds_that_are_behind_catch_up_alone(on_jax):
    found = on_jax[0]["validating"]
    ends = ["1/epoch-1-batch-0", "2/epoch-0-batch-5", "3/epoch-0-batch-5"]
    assert found["saved"] == ends
    same(found["resumed"], on_jax[0]["pfn"]["at_once"])


def test_a_seed_that_cannot_go_on_is_told_and_the_others_are_saved(on_jax):
    told, saved = on_jax[0]["broken"]
    assert told.startswith("seed 2, training, epoch 1\n")
    assert "first in batch 5 of 5" in told
    assert {"1/epoch-0-batch-5", "3/epoch-0-batch-5"} <= set(saved)
    assert "2/epoch-0-batch-5" not in saved
