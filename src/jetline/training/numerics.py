"""What decides the numbers of a network beside its settings: set here, or chosen and recorded.

Keras, TensorFlow and JAX read a file in the user's home and variables of the environment, by which
the same configuration would build another network, in another precision, or train on fewer jets.
"""

from __future__ import annotations

import importlib.util
import os

from jetline.core.errors import JetlineError
from jetline.training.compilations import keep_compiled

#: Backends that the networks are tested on; the first one unless the user chooses.
BACKENDS = ("tensorflow", "jax")

#: Variables that change what is computed, or in which precision, or on how many jets.
_DECIDING = (
    "KERAS_MAX_EPOCHS",
    "KERAS_MAX_STEPS_PER_EPOCH",
    "KERAS_NNX_ENABLED",
    "TF_AUTO_MIXED_PRECISION_GRAPH_REWRITE",
    "TF_ENABLE_AUTO_MIXED_PRECISION",
    "TF_SET_ONEDNN_FPMATH_MODE",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "DNNL_DEFAULT_FPMATH_MODE",
    "NVIDIA_TF32_OVERRIDE",
    "JAX_ENABLE_X64",
    "JAX_DEFAULT_DTYPE_BITS",
    "JAX_DEFAULT_MATMUL_PRECISION",
    "JAX_NUMPY_DTYPE_PROMOTION",
    "JAX_DEFAULT_PRNG_IMPL",
    "JAX_ENABLE_CUSTOM_PRNG",
    "JAX_THREEFRY_PARTITIONABLE",
)

#: Set in this process where trainings are to give the same bits each time.
_DETERMINISTIC = "JETLINE_DETERMINISTIC"

#: Variables that change the order of sums alone: the user's choice, which is recorded.
_ROUNDING = (
    "TF_DETERMINISTIC_OPS",
    "TF_CUDNN_DETERMINISTIC",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)


def settle_numerics() -> None:
    """Let nothing but the configuration and the choice of a backend decide; before keras.

    ``KERAS_BACKEND`` stays the user's choice. ``keras.json`` is neither read nor written. Variables
    that would decide a result are removed, and that is said.

    Raises
    ------
    JetlineError
        If the chosen backend is none of ours, or is not installed.
    """
    backend = os.environ.get("KERAS_BACKEND") or BACKENDS[0]
    if backend not in BACKENDS:
        raise JetlineError(
            "KERAS_BACKEND",
            found=backend,
            expected=" or ".join(BACKENDS),
            remedy=f"unset KERAS_BACKEND, or export KERAS_BACKEND={BACKENDS[0]}",
        )
    if importlib.util.find_spec(backend) is None:
        raise JetlineError(
            "KERAS_BACKEND",
            found=f"{backend}, which is not installed",
            expected="an installed backend",
            remedy="in the checkout: make setup, which installs both; or unset KERAS_BACKEND",
        )
    os.environ["KERAS_BACKEND"] = backend
    # No folder, so that Keras finds no keras.json there and cannot write one.
    os.environ["KERAS_HOME"] = os.devnull
    for name in _DECIDING:
        if os.environ.pop(name, None) is not None:
            print(f"{name} would change the results: not used", flush=True)
    if backend == "jax":
        keep_compiled()


def settle_products(precision: str) -> None:
    """Let products of float32 be float32's unless `tf32` is asked for; after keras.

    TensorFlow and JAX take TF32 on NVIDIA GPUs by themselves, 10 bits in place of 23.

    Parameters
    ----------
    precision : str
        The `precision` of a network's recipe.
    """
    import keras

    rounded = precision == "tf32"
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_tensor_float_32_execution(rounded)
    else:
        import jax

        jax.config.update("jax_default_matmul_precision", "tensorfloat32" if rounded else "float32")


def products(precision: str, device: str) -> str:
    """Tell in which numbers matrices are multiplied, as ``training.json`` has it.

    Parameters
    ----------
    precision : str
        The `precision` of a network's recipe.
    device : str
        What the training runs on: "cpu", or "gpu" and what follows.
    """
    return "float32" if precision == "tf32" and device == "cpu" else precision


def ask_for_determinism() -> None:
    """Ask JAX for the same bits each time; before a device is opened, when XLA reads its flags."""
    os.environ[_DETERMINISTIC] = "1"
    if os.environ.get("KERAS_BACKEND") == "jax":
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()


def be_deterministic() -> None:
    """Ask TensorFlow for the same bits each time; after keras, before anything is computed."""
    if os.environ.get("KERAS_BACKEND") == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def repeatability(device: str) -> str:
    """Tell whether the same training gives the same bits again, as ``training.json`` has it.

    Parameters
    ----------
    device : str
        What the training runs on: "cpu", or "gpu" and indices.
    """
    if device == "cpu":
        threads = os.environ.get("TF_NUM_INTRAOP_THREADS", "all")
        return f"the same bits on this kind of processor with as many threads ({threads})"
    if _DETERMINISTIC in os.environ:
        return "the same bits on this kind of GPU (deterministic: true)"
    return "not to the bit: sums on a GPU come in any order (deterministic: false)"


def numerics_in_force() -> dict[str, str]:
    """Tell what decides the numbers of a network in this process, as ``training.json`` has it."""
    import keras

    settings = {
        "backend": keras.config.backend(),
        "floatx": keras.config.floatx(),
        "dtype_policy": keras.config.dtype_policy().name,
        "epsilon": str(keras.config.epsilon()),
        "image_data_format": keras.config.image_data_format(),
    }
    return settings | {name: os.environ[name] for name in _ROUNDING if name in os.environ}
