"""Forms of a training that `training_speed.py` times: ours, padded Keras, EnergyFlow's, weaver's.

Each function runs in a process of its own, because the packages need different versions of Keras
and their own threads. It returns two functions, "training" and "inference", which take the number
of a chunk of jets and process it in batches of the given size. Ours starts from the shard's flat
particles and computes features and pairs; the others start from padded tensors in memory. Ours also
returns "feed", which only makes the batches.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

Calls = dict[str, Callable[[int], None]]

SAMPLE = sorted((Path(__file__).parents[1] / "resources/sample").glob("*.npz"))
#: Largest number of constituents that weaver's networks are given.
MOST = 128


def ours(name: str, chunks: np.ndarray, batch: int, threads: int, held: bool = True) -> Calls:
    """Prepare our network on flat particles.

    Parameters
    ----------
    name : str
        Architecture.
    chunks : (n_chunks, n_jets) integer array
        Bundled jets of each chunk.
    batch : int
        Jets in one step.
    threads : int
        Threads that it may use.
    held : bool
        Whether the jets are held on the device, as on a GPU; with JAX alone.
    """
    from jetline.training.device import limit_threads

    limit_threads(threads)
    from jetline.training.numerics import settle_numerics

    settle_numerics()
    import keras

    from jetline.inputs.kinds.particles import Particles
    from jetline.inputs.making import make_shard
    from jetline.inputs.sample import JetSample
    from jetline.inputs.shards import open_shard
    from jetline.models import read_settings
    from jetline.training.batches import Batches
    from jetline.training.holding import hold
    from jetline.training.losses import cross_entropy
    from jetline.training.scores import jit_compile

    folder = Path(tempfile.mkdtemp())
    shards = []
    for path in SAMPLE:
        make_shard(Particles(), path, folder / path.stem)
        shards.append(open_shard(folder / path.stem))
    sample = JetSample.choose(shards, [np.arange(len(shard)) for shard in shards])
    settings = read_settings(name, {"identity": "full"})
    if held and keras.backend.backend() == "jax":
        sample = hold(sample, settings.view)
    model = settings.build({})
    model.compile("adam", cross_entropy, jit_compile=jit_compile(settings.view))

    def train(number: int) -> None:
        batches = Batches(sample, chunks[number], batch, settings.view)
        stream, steps = batches.stream(), batches.steps
        model.fit(stream, steps_per_epoch=steps, shuffle=False, verbose=0)

    def infer(number: int) -> None:
        batches = Batches(sample, chunks[number], batch, settings.view)
        model.predict(batches.stream(), steps=batches.steps, verbose=0)

    def feed(number: int) -> None:
        *_, last = Batches(sample, chunks[number], batch, settings.view).feed()
        keras.tree.map_structure(np.asarray, last)  # waits for what a device still does

    return {"training": train, "inference": infer, "feed": feed}


def _padded_jets() -> tuple[np.ndarray, np.ndarray]:
    """Compute padded features (n_jets, M, 4) of the Particle Flow Network, and labels."""
    from jetline.inputs.features import pfn_features

    particles, counts, labels = _bundled()
    real = np.arange(counts.max()) < counts[:, None]
    features = np.zeros((*real.shape, 4), np.float32)
    features[real] = pfn_features(particles, counts, "full")
    return features, labels


def _bundled() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read flat particles, multiplicities and labels of all bundled jets."""
    from jetline.inputs.kinds.particles import flatten
    from jetline.jets.reading import read_jets

    jets = [read_jets(path) for path in SAMPLE]
    flat, offsets = zip(*(flatten(part.constituents) for part in jets), strict=True)
    counts = np.concatenate([np.diff(part) for part in offsets])
    return np.concatenate(flat), counts, np.concatenate([part.labels for part in jets])


def padded(name: str, chunks: np.ndarray, batch: int, threads: int) -> Calls:
    """Prepare a Particle Flow Network of ordinary Keras layers, on padded jets with a mask."""
    from jetline.training.device import limit_threads

    limit_threads(threads)
    import keras
    from keras import layers, ops

    features, labels = _padded_jets()
    mask = (features[..., :1] > 0).astype("float32")
    particles, present = keras.Input(features.shape[1:]), keras.Input(mask.shape[1:])
    x = particles
    for width in (100, 100, 256):
        x = layers.Dense(width, activation="relu", kernel_initializer="he_uniform")(x)
    x = ops.sum(x * present, axis=1)
    for width in (100, 100, 100):
        x = layers.Dense(width, activation="relu", kernel_initializer="he_uniform")(x)
    model = keras.Model([particles, present], layers.Dense(2, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    given = [([features[jets], mask[jets]], labels[jets]) for jets in chunks]
    return {
        "training": lambda number: model.fit(*given[number], batch_size=batch, verbose=0),
        "inference": lambda number: model.predict(given[number][0], batch_size=batch, verbose=0),
    }


def energyflow(
    name: str, chunks: np.ndarray, batch: int, threads: int, tuned: bool = True
) -> Calls:
    """Prepare EnergyFlow's own Particle Flow Network, which needs Keras 2.

    Parameters
    ----------
    tuned : bool
        Whether it is given arrays, as its users do, so that each epoch waits for the thread that
        tunes TensorFlow's pipeline; otherwise it is given a pipeline that is not tuned.
    """
    from jetline.training.device import limit_threads

    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    limit_threads(threads)
    from energyflow.archs import PFN

    features, labels = _padded_jets()
    classes = np.eye(2, dtype=np.float32)[labels]
    widths = {"Phi_sizes": (100, 100, 256), "F_sizes": (100, 100, 100)}
    model = PFN(input_dim=features.shape[2], summary=False, **widths)
    given = [(features[jets], classes[jets]) for jets in chunks]
    options = {"batch_size": batch, "verbose": 0}
    calls = {
        "training": lambda number: model.fit(*given[number], epochs=1, **options),
        "inference": lambda number: model.predict(given[number][0], **options),
    }
    if tuned:
        return calls
    pipelines = [_untuned(*arrays, batch) for arrays in given]
    return {
        "training": lambda number: model.model.fit(pipelines[number], epochs=1, verbose=0),
        "inference": lambda number: model.model.predict(pipelines[number], verbose=0),
    }


def _untuned(features: np.ndarray, classes: np.ndarray, batch: int):
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    pipeline = tf.data.Dataset.from_tensor_slices((features, classes)).batch(batch)
    return pipeline.prefetch(2).with_options(options)


def weaver(name: str, chunks: np.ndarray, batch: int, threads: int, trim: bool = True) -> Calls:
    """Prepare weaver-core's ParticleNet or Particle Transformer, which trims after five steps.

    Parameters
    ----------
    trim : bool
        Whether a batch is padded to its largest jet instead of 128 constituents.
    """
    import torch

    torch.set_num_threads(threads)
    batches = [_weaver_batches(name, jets, batch) for jets in chunks]
    model = weaver_network(name, trim)
    optimiser = torch.optim.Adam(model.parameters())
    loss = torch.nn.CrossEntropyLoss()

    def logits(features: torch.Tensor, others: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if name == "particlenet":
            return model(others, features, mask)
        return model(features, others, mask)

    def train(number: int) -> None:
        model.train()
        for *given, labels in batches[number]:
            optimiser.zero_grad()
            loss(logits(*given), labels).backward()
            optimiser.step()

    def infer(number: int) -> None:
        model.eval()
        with torch.inference_mode():
            for *given, _ in batches[number]:
                logits(*given).softmax(1)

    return {"training": train, "inference": infer}


def weaver_network(name: str, trim: bool):
    """Build a network of weaver-core."""
    from weaver.nn.model.ParticleNet import ParticleNet
    from weaver.nn.model.ParticleTransformer import ParticleTransformer

    if name == "particlenet":
        blocks = [(16, (width,) * 3) for width in (64, 128, 256)]
        fixed = {"use_fusion": False, "use_fts_bn": True, "use_counts": True, "trim": trim}
        return ParticleNet(13, 2, conv_params=blocks, fc_params=[(256, 0.1)], **fixed)
    fixed = {"pair_input_dim": 4, "use_pre_activation_pair": False, "fc_params": [], "version": 1}
    return ParticleTransformer(13, 2, trim=trim, **fixed)


def _weaver_batches(name: str, jets: np.ndarray, batch: int) -> list[tuple]:
    """Make padded features, coordinates or momenta, mask and labels of each batch."""
    import torch
    from references import momenta

    from jetline.inputs.features import cloud_features

    particles, counts, labels = _bundled()
    starts = np.cumsum(counts) - counts
    batches = []
    for chosen in np.split(jets, range(batch, len(jets), batch)):
        rows = np.concatenate([np.arange(counts[jet]) + starts[jet] for jet in chosen])
        features = cloud_features(particles[rows], counts[chosen], "full")
        coordinates = features[:, -2:]
        others = coordinates if name == "particlenet" else momenta(particles[rows], features)
        place = np.concatenate([np.arange(counts[jet]) for jet in chosen])
        kept = np.minimum(counts[chosen], MOST)
        real = np.arange(MOST) < kept[:, None]
        given = []
        for values in (features, others):
            whole = np.zeros((len(chosen), MOST, values.shape[1]), np.float32)
            whole[real] = values[place < MOST]
            given.append(torch.from_numpy(whole.transpose(0, 2, 1).copy()))
        classes = torch.from_numpy(1 - labels[chosen].astype(np.int64))
        batches.append((*given, torch.from_numpy(real[:, None].copy()), classes))
    return batches
