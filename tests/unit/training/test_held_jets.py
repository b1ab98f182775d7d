"""Batches gathered on the device are those of the host, and so is what is learned from them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import held_trainings
from jetline.inputs.dense import Sizes
from jetline.inputs.view import ParticleView
from jetline.models import read_settings
from jetline.training import holding
from jetline.training.compilations import keep_compiled
from jetline.training.device import gpus
from jetline.training.holding import hold_where_it_pays
from training_inputs import every, make_shards

CODE = """
import sys
from jetline.training.numerics import settle_numerics
settle_numerics()
import held_trainings
assert "tensorflow" not in sys.modules
held_trainings.main(*sys.argv[1:])
"""


@pytest.fixture(scope="module")
def shards(jets, tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("p"), *jets, "particles")


ON_A_GPU = """
import json, pathlib, sys
from jetline.training.device import on_device
with on_device("gpu", 1):
    import held_trainings
    from jetline.inputs.shards import open_shard
    shards = [open_shard(pathlib.Path(folder)) for folder in sys.argv[1:]]
    print(json.dumps(held_trainings.differences(held_trainings.every(shards))))
"""


def environment_of_jax(folder, **more):
    """The environment of a process with JAX, of which the folder is that of the user's caches."""
    support = str(Path(held_trainings.__file__).parent)
    path = os.pathsep.join([support, os.environ.get("PYTHONPATH", "")])
    told = {"KERAS_BACKEND": "jax", "XDG_CACHE_HOME": str(folder), "PYTHONPATH": path}
    # However fast this machine compiles.
    told["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    named = ("JAX_COMPILATION_CACHE_DIR", "JAX_PLATFORMS", "CUDA_VISIBLE_DEVICES")
    return {key: value for key, value in os.environ.items() if key not in named} | told | more


@pytest.fixture(scope="module")
def on_jax(shards, tmp_path_factory):
    """What the program found, what it printed, and the folder of the user's caches."""
    folder = tmp_path_factory.mktemp("jax")
    told = [str(folder / "found.json"), *(str(shard.folder) for shard in shards)]
    run = subprocess.run(
        [sys.executable, "-W", "error:Your input", "-c", CODE, *told],
        env=environment_of_jax(folder, JAX_PLATFORMS="cpu"),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads((folder / "found.json").read_text()), run.stdout, folder


@pytest.mark.slow
def test_batches_from_the_device_are_those_of_the_host_to_the_last_bit(on_jax):
    assert on_jax[0]["differences"] == {"flat": [], "pairs": []}


@pytest.mark.gpu
@pytest.mark.slow
@pytest.mark.skipif(not gpus(), reason="no NVIDIA GPU here")
def test_batches_from_a_gpu_are_those_of_the_host_to_the_last_bit(shards, tmp_path):
    command = [sys.executable, "-c", ON_A_GPU, *(str(shard.folder) for shard in shards)]
    run = subprocess.run(
        command, env=environment_of_jax(tmp_path), check=True, stdout=subprocess.PIPE, text=True
    )
    assert json.loads(run.stdout.splitlines()[-1]) == {"flat": [], "pairs": []}


@pytest.mark.slow
def test_a_training_on_held_jets_is_that_on_batches_of_the_host(on_jax):
    trainings = on_jax[0]["trainings"]
    np.testing.assert_allclose(trainings["held"], trainings["host"], rtol=1e-6)


@pytest.mark.slow
def test_a_training_on_held_jets_goes_on_inside_an_epoch(on_jax):
    trainings = on_jax[0]["trainings"]
    assert on_jax[0]["saved"] == ["epoch-0-batch-1", "epoch-0-batch-2"]
    np.testing.assert_allclose(trainings["resumed"], trainings["held"], rtol=1e-6)


@pytest.mark.slow
def test_an_epoch_is_compiled_for_few_shapes_and_the_next_for_none(on_jax):
    """Each training has batches of 64 jets and a shorter one, in training and in validation."""
    (held, _, _), (host, _, _) = on_jax[0]["programs"].values()
    assert 2 <= host <= 6
    assert held == 2 * host  # what gathers the batches is compiled too
    lines = on_jax[1].splitlines()[:8]
    told = [line for line in lines if line.startswith(("epoch", "compiled"))]
    kinds = ["epoch 1/3", f"compiled {held} programs", "epoch 2/3", "epoch 3/3"]
    assert all(line.startswith(kind) for line, kind in zip(told, kinds, strict=False))


@pytest.mark.slow
def test_what_is_compiled_is_kept_for_the_next_training(on_jax):
    found, printed, folder = on_jax
    assert found["programs"]["held"][1] == 0
    number, from_cache, _ = found["programs"]["host"]
    assert number == from_cache
    assert f"compiled {number} programs" in printed
    assert re.search(rf"{number} programs in [\d.]+ s, {number} of them from the cache", printed)
    assert list((folder / "jetline/compiled").glob("*/jit_train_step-*"))


@pytest.mark.slow
def test_filler_changes_nothing(on_jax):
    for name, (least, more) in on_jax[0]["filler"].items():
        assert least[-1] < least[0], name
        np.testing.assert_allclose(more, least, rtol=1e-5, err_msg=name)


@pytest.mark.slow
def test_jets_that_are_no_numbers_are_named_when_they_are_put_on_the_device(on_jax, shards):
    where = f"jet 5 of {shards[1].folder}"
    assert on_jax[0]["damaged"].startswith(f"{where}\n  found:    features that are no finite")


def test_where_compiled_programs_cannot_be_kept_none_is(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    for name in ("JAX_COMPILATION_CACHE_DIR", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"):
        monkeypatch.setenv(name, "")  # so that pytest puts it back
        monkeypatch.delenv(name)
    keep_compiled()
    assert "JAX_COMPILATION_CACHE_DIR" not in os.environ


def test_compiled_programs_are_kept_where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "/of/the/user")
    monkeypatch.setenv("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "7")
    keep_compiled()
    assert os.environ["JAX_COMPILATION_CACHE_DIR"] == "/of/the/user"
    assert os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] == "7"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("view", "most"),
    [
        (ParticleView("energy_flow", "full"), 4),
        (ParticleView("particle_cloud", "full", most=128, dense=True, pairs=True), 12),
    ],
)
@pytest.mark.parametrize("batch_size", [128, 500])
def test_a_long_training_has_few_shapes_of_batches(view, most, batch_size, bundled):
    counts = np.concatenate([(np.load(path)["X"][..., 0] > 0).sum(axis=1) for path in bundled])
    random = np.random.default_rng(1)
    sizes = {Sizes.of(random.choice(counts, batch_size), view, True) for _ in range(2000)}
    assert len(sizes) <= most
    assert len({size for one in sizes for size in one.widths}) <= 3


def test_on_a_cpu_nothing_is_held_and_nothing_said(shards, capsys):
    sample = every(shards)
    kept = hold_where_it_pays(sample, sample, read_settings("pfn", {}))
    assert all(part is sample for part in kept)
    assert not capsys.readouterr().out


@pytest.mark.slow
def test_on_a_gpu_jets_are_held_where_they_fit_and_training_leaves_them_as_they_are(on_jax):
    chosen = on_jax[0]["chosen"]
    said, *held = chosen["fits"]
    assert held == [True, True]
    assert "gathered on the GPU: the particles of the validation part, 0.00 GB" in said
    said, *held = chosen["too little"]
    assert held == [False, False]
    assert "on the host: the particles of the training part, 0.00 GB, are more than fits" in said
    said, *held = chosen["augmented"]
    assert held == [False, True]
    assert "made on the host in training: augmentation changes each" in said


@pytest.mark.parametrize(
    ("backend", "name", "reason"),
    [
        ("tensorflow", "pfn", "with tensorflow; with jax they are gathered on the GPU"),
        ("jax", "cnn", "jets are held as particles, and not as images/notebook"),
    ],
)
def test_why_a_gpu_holds_no_jets_is_said(
    backend, name, reason, shards, jets, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(holding, "has_gpu", lambda: True)
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    images = make_shards(tmp_path, jets[0][:9], jets[1][:9], "images/notebook")
    sample = every(images if name == "cnn" else shards)
    kept = hold_where_it_pays(sample, sample, read_settings(name, {}))
    assert all(part is sample for part in kept)
    assert capsys.readouterr().out == f"batches are made on the host: {reason}\n"
