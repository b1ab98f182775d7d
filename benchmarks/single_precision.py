"""Measure the errors of ParticleNet and the Particle Transformer in single precision.

The networks are the published ones with random weights and running statistics, in evaluation mode,
on bundled jets. Our logits in float32 (TensorFlow) and weaver-core's in float32 are compared with
weaver-core's in float64, in units of the standard deviation of the logits. Prints quantiles over
jets for docs/performance.md.
Needs weaver-core and PyTorch: the extra `bench`.

    python benchmarks/single_precision.py [--jets 1000]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import keras
import numpy as np
import torch
from recorded_jets import ROOT
from references import padded, randomise
from torch_forms import momenta, weaver_network

from jetline.inputs.features import cloud_features
from jetline.inputs.kinds.particles import Particles
from jetline.inputs.making import make_shard
from jetline.inputs.sample import JetSample
from jetline.inputs.shards import open_shard
from jetline.inputs.tensors import particle_tensors
from jetline.models import read_settings
from jetline.training.weaver.weights import from_weaver

BATCH = 50
QUANTILES = (0.5, 0.9, 0.99, 1)


def weaver_logits(name: str, network: torch.nn.Module, sample: JetSample, precision) -> np.ndarray:
    """Compute (n_jets, 2) float64 quark and gluon logits of weaver's network."""
    shard = sample.shards[0]
    found = []
    for first in range(0, len(sample), BATCH):
        offsets = shard.arrays["offsets"][first : first + BATCH + 1]
        particles = shard.arrays["particles"][offsets[0] : offsets[-1]]
        counts = np.diff(offsets)
        features = cloud_features(particles, counts, "full")
        others = features[:, -2:] if name == "particlenet" else momenta(particles, features)
        x, other = (padded(values, counts).to(precision) for values in (features, others))
        mask = torch.from_numpy(np.arange(counts.max()) < counts[:, None])[:, None]
        given = (other, x) if name == "particlenet" else (x, other)
        with torch.inference_mode():
            found.append(network(*given, mask).double().numpy())
    return np.concatenate(found)


def our_logits(name: str, network: torch.nn.Module, sample: JetSample) -> np.ndarray:
    """Compute (n_jets, 2) quark and gluon logits of our network with the same weights."""
    settings = read_settings(name, {"identity": "full"})
    model = settings.build({})
    from_weaver(model, {key: value.numpy() for key, value in network.state_dict().items()})
    logits = keras.Model(model.input, model.get_layer("logits").output)
    found = [
        logits.predict_on_batch(
            particle_tensors(sample, np.arange(first, first + BATCH), settings.view, compiled=False)
        )
        for first in range(0, len(sample), BATCH)
    ]
    return np.concatenate(found)[:, ::-1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jets", type=int, default=1000, help=f"a multiple of {BATCH}")
    n_jets = parser.parse_args().jets
    with tempfile.TemporaryDirectory() as folder:
        make_shard(Particles(), ROOT / "resources/sample/QG_jets_0.npz", Path(folder))
        sample = JetSample.choose([open_shard(Path(folder))], [np.arange(n_jets)])
        columns = " | ".join(f"{100 * quantile:g} %" for quantile in QUANTILES)
        print(f"| network | float32 of | {columns} |")
        print("|---|---|" + "---|" * len(QUANTILES))
        for name in ("particlenet", "particle-transformer"):
            network = weaver_network(name, trim=False)
            randomise(network, 3)
            exact = weaver_logits(name, network, sample, torch.float64)
            ours = our_logits(name, network, sample)
            theirs = weaver_logits(name, network.float(), sample, torch.float32)
            for label, logits in (("ours", ours), ("weaver", theirs)):
                distance = np.abs(logits - exact).max(axis=1) / exact.std()
                values = " | ".join(f"{v:.1e}" for v in np.quantile(distance, QUANTILES))
                print(f"| {name} | {label} | {values} |", flush=True)


if __name__ == "__main__":
    main()
