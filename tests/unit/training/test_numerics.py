"""Nothing in the user's home or environment changes a network without a word."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from jetline.core.errors import JetlineError
from jetline.training.device import gpus
from jetline.training.numerics import products, settle_numerics

BUILD = """
import json, sys
from jetline.training.device import on_device
with on_device("cpu", 1):
    from jetline.models import read_settings
    from jetline.training.numerics import numerics_in_force
    model = read_settings("resnet", {}).build({"shape": [33, 33, 1]})
    json.dump([model.count_params(), numerics_in_force()], sys.stdout)
"""


def started(code, home, **variables):
    """Run Python with a home and some variables."""
    names = ("KERAS_BACKEND", "KERAS_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment |= {"HOME": str(home), "JAX_PLATFORMS": "cpu"} | variables
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )


def in_force(run):
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


@pytest.fixture
def spoilt_home(tmp_path):
    """A home whose keras.json asks for all that Keras can be asked for."""
    asked = {"floatx": "float16", "epsilon": 1e-3, "backend": "torch"}
    asked |= {"image_data_format": "channels_first", "nnx_enabled": True}
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras/keras.json").write_text(json.dumps(asked))
    return tmp_path


PLAIN = {
    "backend": "tensorflow",
    "floatx": "float32",
    "dtype_policy": "float32",
    "epsilon": "1e-07",
    "image_data_format": "channels_last",
}


def test_a_keras_json_changes_no_network(spoilt_home):
    before = (spoilt_home / ".keras/keras.json").read_bytes()
    parameters, numerics = in_force(started(BUILD, spoilt_home))
    assert numerics == PLAIN
    # 77,234 are trained; the others are the moving statistics.
    assert parameters == 77_234 + 672
    assert (spoilt_home / ".keras/keras.json").read_bytes() == before


def test_neither_does_one_that_keras_home_names(spoilt_home, tmp_path):
    run = started(BUILD, tmp_path, KERAS_HOME=str(spoilt_home / ".keras"))
    assert in_force(run)[1] == PLAIN


def test_a_keras_json_that_is_none_stops_nothing(spoilt_home):
    (spoilt_home / ".keras/keras.json").write_text('{"floatx": "float8"}')
    assert in_force(started(BUILD, spoilt_home))[1] == PLAIN


def test_variables_that_decide_are_removed_and_told_and_those_that_round_are_recorded(tmp_path):
    deciding = {"KERAS_MAX_STEPS_PER_EPOCH": "1", "JAX_ENABLE_X64": "1"}
    run = started(BUILD, tmp_path, TF_ENABLE_ONEDNN_OPTS="0", KERAS_BACKEND="jax", **deciding)
    rounding = {"backend": "jax", "TF_ENABLE_ONEDNN_OPTS": "0"}
    assert in_force(run)[1] == PLAIN | rounding
    assert all(f"{name} would change the results" in run.stdout for name in deciding)
    assert not (tmp_path / ".keras").exists()


def test_another_backend_is_one_clear_error(tmp_path):
    code = "import sys; from jetline.cli.main import main; sys.exit(main(sys.argv[1:]))"
    told = ["predict", "--training", "t", "--datasets", "d", "--parts", "p", "--shards", "s"]
    told += ["--output", "o"]
    run = started(f"import sys; sys.argv[1:] = {told}\n{code}", tmp_path, KERAS_BACKEND="torch")
    assert run.returncode == 1
    assert "KERAS_BACKEND" in run.stderr
    assert "tensorflow or jax" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_backend_that_is_not_installed_is_one_clear_error(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(JetlineError, match="make setup"):
        settle_numerics()


STEPS = """
from jetline.training.device import on_device
with on_device("cpu", 1):
    import keras
    from jetline.training.steps import keras_step
    def build():
        inputs = keras.Input((2,))
        return keras.Model(inputs, keras.layers.Dense(2)(inputs))
    for precision in ("float32", "tf32", "bfloat16", "tf32", "float32"):
        model = keras_step(build, lambda _: keras.optimizers.Adam(), "mse", (), None, precision)
        assert (model.layers[1].compute_dtype == "bfloat16") == (precision == "bfloat16")
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf
            print(tf.config.experimental.tensor_float_32_execution_enabled())
        else:
            import jax
            print(jax.config.jax_default_matmul_precision == "tensorfloat32")
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_products_are_rounded_to_tf32_only_where_that_is_chosen(backend, tmp_path):
    run = started(STEPS, tmp_path, KERAS_BACKEND=backend)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split()[-5:] == ["False", "True", "False", "True", "False"]


def test_a_record_says_in_what_matrices_were_multiplied():
    assert products("tf32", "gpu 0") == "tf32"
    assert products("tf32", "cpu") == products("float32", "gpu 0") == "float32"
    assert products("bfloat16", "cpu") == "bfloat16"


PRODUCTS = """
from jetline.training.device import on_device
with on_device("gpu", 1):
    import keras, numpy as np
    from jetline.training.numerics import settle_products
    one, other = np.random.default_rng(1).normal(size=(2, 500, 500))
    for precision in ("float32", "tf32"):
        settle_products(precision)
        found = keras.ops.convert_to_numpy(keras.ops.matmul(one.astype("f"), other.astype("f")))
        print(abs(found - one @ other).max())
"""


@pytest.mark.gpu
@pytest.mark.skipif(not gpus(), reason="no NVIDIA GPU here")
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_gpu_multiplies_in_single_precision_unless_tf32_is_chosen(backend, tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    run = started(PRODUCTS, tmp_path, KERAS_BACKEND=backend, JAX_PLATFORMS="")
    assert run.returncode == 0, run.stderr
    single, rounded = map(float, run.stdout.split()[-2:])
    assert single < 1e-4 < 1e-3 < rounded


def test_the_record_says_whether_a_training_gives_the_same_bits_again(monkeypatch):
    from jetline.training.numerics import repeatability

    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "3")
    assert repeatability("cpu").endswith("as many threads (3)")
    assert repeatability("gpu 0").startswith("not to the bit")


def test_deterministic_operations_are_asked_for_before_anything_is_computed():
    code = """
from jetline.training.numerics import (
    ask_for_determinism, be_deterministic, repeatability, settle_numerics
)
ask_for_determinism()
settle_numerics()
be_deterministic()
print(repeatability("gpu 1"))
import tensorflow as tf
from tensorflow.python.framework import config
print(config.is_op_determinism_enabled())
"""
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    assert told.stdout.splitlines()[-2:] == [
        "the same bits on this kind of GPU (deterministic: true)",
        "True",
    ]
