"""The choice of a backend: one word, which the environment does not contradict."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jetline.core.errors import JetlineError
from jetline.training.backend import choose_backend, require_backend, require_jax


@pytest.fixture(autouse=True)
def _unset(monkeypatch):
    # Set first, so that pytest puts the variable back whatever the test does to it.
    monkeypatch.setenv("KERAS_BACKEND", "")
    monkeypatch.delenv("KERAS_BACKEND")


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_the_chosen_backend_is_that_of_keras(backend):
    choose_backend(backend)
    assert os.environ["KERAS_BACKEND"] == backend
    choose_backend(backend)


def test_a_variable_that_says_nothing_is_none(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "")
    require_backend("jax")


@pytest.mark.parametrize(
    ("variable", "remedy"),
    [("jax", "unset KERAS_BACKEND, or set `backend: jax`"), ("torch", "unset KERAS_BACKEND")],
)
def test_a_variable_that_says_otherwise_is_one_clear_error(monkeypatch, variable, remedy):
    monkeypatch.setenv("KERAS_BACKEND", variable)
    with pytest.raises(JetlineError, match=f"{variable}, where tensorflow") as caught:
        choose_backend("tensorflow")
    assert caught.value.remedy == remedy
    assert os.environ["KERAS_BACKEND"] == variable


def test_a_backend_that_is_not_installed_is_told_with_a_command_of_the_checkout(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(JetlineError, match="jax, which is not installed") as caught:
        require_backend("jax")
    assert "pip install -e '.[jax]'" in caught.value.remedy


def test_several_seeds_at_once_need_jax(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    with pytest.raises(JetlineError, match="found:    tensorflow"):
        require_jax()
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    require_jax()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["train", "predict", "score"])
def test_every_command_with_a_network_takes_the_backend_first(command, tmp_path):
    """The option decides before anything imports keras, and no other backend is loaded."""
    file = str(tmp_path / "some")
    told = {
        "train": [
            *("--run", "r", "--label", "cnn", "--settings", "{}", "--dataset", "d", "--code", "0"),
            *("--training-seed", "1", "--parts", file, "--statistics", file, "--checkpoints", file),
            *("--results", file, "--output", file, file),
        ],
        "predict": [
            *("--training", file, "--datasets", "d", "--parts", file, "--shards", file),
            *("--output", file),
        ],
        "score": ["--tagger", file, "--output", f"{file}.npz", file],
    }
    code = f"""
import sys
from jetline.cli.main import main
status = main({[command, "--backend", "jax", "--device", "cpu", *told[command]]})
import keras
print(status, keras.backend.backend(), "tensorflow" in sys.modules)
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines()[-1] == "1 jax False", run.stderr
