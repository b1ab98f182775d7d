"""A training over two devices ends as one on a single device does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import devices_trained
from jetline.core.errors import JetlineError
from jetline.training.parallel import over_devices
from training_inputs import make_shards

CODE = """
import sys
from jetline.training.numerics import settle_numerics
settle_numerics()
import devices_trained
devices_trained.main(*sys.argv[1:])
"""


@pytest.fixture(scope="module")
def on_jax(jets, tmp_path_factory):
    """What the program found where the CPU is two devices to JAX, and what it printed."""
    folder = tmp_path_factory.mktemp("devices")
    shards = [
        shard
        for inputs in ("particles", "images/notebook")
        for shard in make_shards(folder / inputs.partition("/")[0], *jets, inputs)
    ]
    support = str(Path(devices_trained.__file__).parent)
    path = os.pathsep.join([support, os.environ.get("PYTHONPATH", "")])
    told = {
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
        "PYTHONPATH": path,
        "XDG_CACHE_HOME": str(folder),
    }
    run = subprocess.run(
        [sys.executable, "-c", CODE, str(folder / "found.json"), *(str(s.folder) for s in shards)],
        env=os.environ | told,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "Warning" not in run.stderr
    return json.loads((folder / "found.json").read_text()), run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("network", devices_trained.NETWORKS)
def test_two_devices_give_the_figures_of_one(on_jax, network):
    # No epoch, and no validation part, has a number of jets that divides by two.
    one, two = (on_jax[0][network][devices] for devices in "12")
    assert (one["devices"], two["devices"]) == ([1], [2])
    np.testing.assert_allclose(one["history"], two["history"], rtol=1e-5)
    # Where a gradient is zero but for rounding, Adam still takes a whole step.
    np.testing.assert_allclose(one["weights"], two["weights"], atol=1e-3)
    np.testing.assert_allclose(one["scores"], two["scores"], atol=1e-4)


@pytest.mark.slow
def test_a_saved_tagger_scores_on_one_device_as_it_did_on_two(on_jax):
    found = on_jax[0]["particlenet-lite"]
    np.testing.assert_allclose(found["2"]["scores"], found["loaded"], atol=1e-6)


@pytest.mark.slow
def test_an_interrupted_training_over_two_devices_ends_as_a_whole_one(on_jax):
    (saved,) = on_jax[0]["resumed"]["saved"]
    assert saved.startswith("epoch-0-batch-")
    for what in ("history", "weights", "scores"):
        assert on_jax[0]["resumed"][what] == on_jax[0]["pfn"]["2"][what]


@pytest.mark.slow
def test_where_there_are_fewer_devices_a_cpu_trains_alone_and_says_so(on_jax):
    assert on_jax[0]["more"] == on_jax[0]["pfn"]["1"]
    assert "gpus: 8, but there is none: the CPU computes whole batches" in on_jax[1]


def test_another_backend_is_one_clear_error():
    with pytest.raises(JetlineError, match="backend jax"), over_devices(2):
        pass


def test_one_device_is_no_distribution_on_any_backend():
    import keras

    with over_devices(1):
        assert keras.distribution.distribution() is None
