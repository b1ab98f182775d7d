"""Forms of a training that are timed: ours, padded Keras, EnergyFlow's (weaver's: `torch_forms`).

Each function runs in a process of its own (`side_by_side`), because the packages need different
versions of Keras and their own threads. It returns two functions, "training" and "inference", which
take the number of a chunk of jets and process it in batches of the given size. Ours starts from the
shard's flat particles and computes features and pairs; the others start from padded tensors in
memory. Ours also returns "feed", which only makes the batches, and "facts", which counts what
it computes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from arithmetic import of_ours, of_tensorflow

if TYPE_CHECKING:
    import keras

    from jetline.inputs.sample import JetSample
    from jetline.models.architecture import Network

Calls = dict[str, Callable[[int], Any]]

SAMPLE = sorted((Path(__file__).parents[1] / "resources/sample").glob("*.npz"))

#: Widths of EnergyFlow's networks as they were published.
WIDTHS = ((100, 100, 256), (100, 100, 100))


def chosen_jets(chunks: tuple[int, int], available: int) -> np.ndarray:
    """Choose (n_chunks, n_jets) of the bundled jets, the same for all forms.

    Where there are too few each is taken several times.
    """
    once = np.random.default_rng(1).permutation(available)
    return np.resize(once, tuple(chunks))


def require_device(package: str, sees_gpu: bool, device: str) -> None:
    """Refuse to measure a package on another device than is asked for.

    Raises
    ------
    RuntimeError
        Tells what it sees.
    """
    if sees_gpu != (device == "gpu"):
        raise RuntimeError(f"{package} sees {'a' if sees_gpu else 'no'} GPU")


def ours(
    name: str,
    chunks: tuple[int, int],
    batch: int,
    threads: int,
    held: bool = True,
    precision: str = "float32",
    device: str = "cpu",
) -> Calls:
    """Prepare our network on what its shards hold.

    Parameters
    ----------
    name : str
        Architecture.
    chunks : (int, int)
        How many chunks, and jets in each.
    batch : int
        Jets in one step.
    threads : int
        Threads that it may use.
    held : bool
        Whether the jets are held on the device, as on a GPU; with JAX and particles alone.
    precision : str
        As the configuration's `training: {precision: ...}`.
    device : "cpu" or "gpu"
        What it has to run on.
    """
    settings, sample, built = prepared(name, threads, held, precision, device)
    import keras

    from jetline.training.batches import Batches
    from jetline.training.losses import cross_entropy

    jets, model = chosen_jets(chunks, len(sample)), built()

    def train(number: int) -> None:
        batches = Batches(sample, jets[number], batch, settings.view)
        stream, steps = batches.stream(), batches.steps
        model.fit(stream, steps_per_epoch=steps, shuffle=False, verbose=0)

    def infer(number: int) -> None:
        batches = Batches(sample, jets[number], batch, settings.view)
        model.predict(batches.stream(), steps=batches.steps, verbose=0)

    def feed(number: int) -> None:
        *_, last = Batches(sample, jets[number], batch, settings.view).feed()
        keras.tree.map_structure(np.asarray, last)  # waits for what a device still does

    def facts(number: int) -> dict[str, float]:
        return of_ours(model, Batches(sample, jets[number], batch, settings.view)[0], cross_entropy)

    return {"training": train, "inference": infer, "feed": feed, "facts": facts}


def prepared(
    name: str, threads: int, held: bool, precision: str, device: str
) -> tuple[Network, JetSample, Callable[[], keras.Model]]:
    """Give the settings of our network, all bundled jets, and what builds and compiles it."""
    from jetline.training.device import limit_threads

    limit_threads(threads)
    from jetline.training.numerics import settle_numerics

    settle_numerics()
    import keras

    from jetline.models import read_settings, settings_class
    from jetline.training.feed import has_gpu
    from jetline.training.holding import hold
    from jetline.training.losses import cross_entropy
    from jetline.training.steps import keras_step

    require_device(keras.backend.backend(), has_gpu(), device)
    told = {"identity": "full"} if "identity" in settings_class(name).model_fields else {}
    settings = read_settings(name, {**told, "training": {"precision": precision}})
    sample, statistics = _jets_for(settings)
    if held and settings.view and keras.backend.backend() == "jax":
        sample = hold(sample, settings.view)
    return (
        settings,
        sample,
        lambda: keras_step(
            lambda: settings.build(statistics),
            lambda model: keras.optimizers.Adam(),
            cross_entropy,
            [],
            settings.view,
            precision,
        ),
    )


def _jets_for(settings: Network) -> tuple[JetSample, dict[str, Any]]:
    """Make shards of all bundled jets for a network; give them with the inputs' statistics."""
    from jetline.inputs.making import make_scratch_shards, read_inputs
    from jetline.inputs.sample import JetSample

    inputs = read_inputs(settings.inputs)
    shards = make_scratch_shards(inputs, SAMPLE, Path(tempfile.mkdtemp()))
    sample = JetSample.choose(shards, [np.arange(len(shard)) for shard in shards])
    images = shards[0].arrays.get("images")
    if images is None:
        return sample, {}
    # The largest pixel decides no time.
    return sample, {"shape": images.shape[1:], "largest": [1.0] * images.shape[-1]}


def padded_jets(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Compute padded features (n_jets, M, 3 or 4) of EnergyFlow's networks, and labels."""
    from jetline.inputs.features import pfn_features

    particles, counts, labels = bundled()
    real = np.arange(counts.max()) < counts[:, None]
    rows = pfn_features(particles, counts, "none" if name == "efn" else "full")
    features = np.zeros((*real.shape, rows.shape[1]), np.float32)
    features[real] = rows
    return features, labels


def bundled() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read flat particles, multiplicities and labels of all bundled jets."""
    from jetline.inputs.kinds.particles import flatten
    from jetline.jets.reading import read_jets

    jets = [read_jets(path) for path in SAMPLE]
    flat, offsets = zip(*(flatten(part.constituents) for part in jets), strict=True)
    counts = np.concatenate([np.diff(part) for part in offsets])
    return np.concatenate(flat), counts, np.concatenate([part.labels for part in jets])


def padded(name: str, chunks: tuple[int, int], batch: int, threads: int) -> Calls:
    """Prepare a Particle Flow Network of ordinary Keras layers, on padded jets with a mask."""
    from jetline.training.device import limit_threads

    limit_threads(threads)
    import keras
    from keras import layers, ops

    features, labels = padded_jets(name)
    mask = (features[..., :1] > 0).astype("float32")
    particles, present = keras.Input(features.shape[1:]), keras.Input(mask.shape[1:])
    x = particles
    for width in WIDTHS[0]:
        x = layers.Dense(width, activation="relu", kernel_initializer="he_uniform")(x)
    x = ops.sum(x * present, axis=1)
    for width in WIDTHS[1]:
        x = layers.Dense(width, activation="relu", kernel_initializer="he_uniform")(x)
    model = keras.Model([particles, present], layers.Dense(2, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    chosen = chosen_jets(chunks, len(labels))
    given = [([features[jets], mask[jets]], labels[jets]) for jets in chosen]
    return {
        "training": lambda number: model.fit(*given[number], batch_size=batch, verbose=0),
        "inference": lambda number: model.predict(given[number][0], batch_size=batch, verbose=0),
    }


def energyflow(
    name: str,
    chunks: tuple[int, int],
    batch: int,
    threads: int,
    tuned: bool = True,
    precision: str = "float32",
    device: str = "cpu",
) -> Calls:
    """Prepare EnergyFlow's own Energy Flow or Particle Flow Network, which needs Keras 2.

    Parameters
    ----------
    tuned : bool
        Whether it is given arrays, as its users do, so that each epoch waits for the thread that
        tunes TensorFlow's pipeline; otherwise it is given a pipeline that is not tuned.
    precision, device
        As for `ours`.
    """
    from jetline.training.device import limit_threads

    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    limit_threads(threads)
    # First what may be missing.
    from energyflow.archs import EFN, PFN  # isort: skip
    import tensorflow as tf
    import tf_keras

    require_device("tensorflow", bool(tf.config.list_physical_devices("GPU")), device)
    tf.config.experimental.enable_tensor_float_32_execution(precision == "tf32")
    if precision == "bfloat16":
        tf_keras.mixed_precision.set_global_policy("mixed_bfloat16")
    features, labels = padded_jets(name)
    classes = np.eye(2, dtype=np.float32)[labels]
    widths = {"Phi_sizes": WIDTHS[0], "F_sizes": WIDTHS[1], "summary": False}
    if name == "efn":
        model = EFN(input_dim=2, **widths)
    else:
        model = PFN(input_dim=features.shape[2], **widths)
    given = []
    for jets in chosen_jets(chunks, len(labels)):
        x = features[jets]
        given.append(([x[..., 0], x[..., 1:]] if name == "efn" else x, classes[jets]))
    options = {"batch_size": batch, "verbose": 0}
    facts = {"facts": lambda number: of_tensorflow()}
    if tuned:
        return facts | {
            "training": lambda number: model.fit(*given[number], epochs=1, **options),
            "inference": lambda number: model.predict(given[number][0], **options),
        }
    pipelines = [_untuned(*arrays, batch) for arrays in given]
    return facts | {
        "training": lambda number: model.model.fit(pipelines[number], epochs=1, verbose=0),
        "inference": lambda number: model.model.predict(pipelines[number], verbose=0),
    }


def _untuned(features: Any, classes: np.ndarray, batch: int):
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    inputs = tuple(features) if isinstance(features, list) else features
    pipeline = tf.data.Dataset.from_tensor_slices((inputs, classes)).batch(batch)
    return pipeline.prefetch(2).with_options(options)
