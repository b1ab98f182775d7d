"""Forms of a training in PyTorch that are timed: weaver-core's networks, and EnergyFlow's layers.

As in `training_forms`, each runs in a process of its own. All batches lie on the device, padded,
before anything is timed.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from arithmetic import of_torch
from training_forms import WIDTHS, bundled, chosen_jets, padded_jets, require_device

if TYPE_CHECKING:
    from collections.abc import Callable

    from training_forms import Calls

#: Largest number of constituents that weaver's networks are given.
MOST = 128

#: EdgeConv blocks, width of the last layer; widths of particles and pairs, heads, blocks.
_PARTICLENETS = {
    "particlenet": ([(16, (width,) * 3) for width in (64, 128, 256)], 256),
    "particlenet-lite": ([(7, (width,) * 3) for width in (32, 64)], 128),
}
_TRANSFORMERS = {
    "particle-transformer": ((128, 512, 128), (64, 64, 64), 8, 8),
    "particle-transformer-small": ((48, 96, 48), (16, 16), 4, 3),
}
#: Networks that weaver-core has too.
WEAVERS = (*_PARTICLENETS, *_TRANSFORMERS)


def weaver(
    name: str,
    chunks: tuple[int, int],
    batch: int,
    threads: int,
    trim: bool = True,
    compiled: bool = False,
    precision: str = "float32",
    device: str = "cpu",
) -> Calls:
    """Prepare weaver-core's ParticleNet or Particle Transformer, which trims after five steps.

    Parameters
    ----------
    trim : bool
        Whether a batch is padded to its largest jet instead of 128 constituents.
    compiled : bool
        Whether the network is compiled, as ``weaver --compile`` does.
    precision : str
        "float32", "tf32", or "bfloat16", which is ``weaver --use-amp``.
    device : "cpu" or "gpu"
        What it has to run on.
    """
    jets = chosen_jets(chunks, len(bundled()[1]))
    batches = [_weaver_batches(name, chosen, batch) for chosen in jets]
    options = {"use_amp": precision == "bfloat16", "compile_model": compiled}
    model = weaver_network(name, trim, **options)

    def logits(model: Any, features: torch.Tensor, others: torch.Tensor, mask: torch.Tensor):
        if name in _PARTICLENETS:
            return model(others, features, mask)
        return model(features, others, mask)

    return _calls(model, batches, logits, threads, compiled, precision, device)


def weaver_network(name: str, trim: bool, **options: bool) -> torch.nn.Module:
    """Build a network of weaver-core, with further options of its own where they are asked for."""
    from weaver.nn.model.ParticleNet import ParticleNet
    from weaver.nn.model.ParticleTransformer import ParticleTransformer

    options = {key: value for key, value in options.items() if value}
    if name in _PARTICLENETS:
        blocks, width = _PARTICLENETS[name]
        fixed = {"use_fusion": False, "use_fts_bn": True, "use_counts": True, "trim": trim}
        layers = {"conv_params": blocks, "fc_params": [(width, 0.1)]}
        return ParticleNet(13, 2, **layers, **fixed, **options)
    embed, pairs, heads, blocks = _TRANSFORMERS[name]
    fixed = {"pair_input_dim": 4, "use_pre_activation_pair": False, "fc_params": [], "version": 1}
    widths = {"embed_dims": embed, "pair_embed_dims": pairs, "num_heads": heads}
    return ParticleTransformer(13, 2, num_layers=blocks, trim=trim, **widths, **fixed, **options)


class PaddedFlow(torch.nn.Module):
    """EnergyFlow's networks layer by layer: Phi on padded particles, a sum, F, logits."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.weighted = name == "efn"
        phi, f = ((2 if self.weighted else 4, *WIDTHS[0]), (WIDTHS[0][-1], *WIDTHS[1]))
        self.phi, self.f = _layers(phi), _layers(f)
        self.last = torch.nn.Linear(f[-1], 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give the logits (n_jets, 2) of features (n_jets, M, 3 or 4)."""
        weight = x[..., :1] if self.weighted else (x[..., :1] > 0).to(x.dtype)
        summed = (weight * self.phi(x[..., 1:] if self.weighted else x)).sum(1)
        return self.last(self.f(summed))


def _layers(widths: tuple[int, ...]) -> torch.nn.Sequential:
    pairs = itertools.pairwise(widths)
    made = [(torch.nn.Linear(one, other), torch.nn.ReLU()) for one, other in pairs]
    return torch.nn.Sequential(*(layer for both in made for layer in both))


def flow(
    name: str,
    chunks: tuple[int, int],
    batch: int,
    threads: int,
    compiled: bool = False,
    precision: str = "float32",
    device: str = "cpu",
) -> Calls:
    """Prepare EnergyFlow's network written in PyTorch; arguments as for `weaver`."""
    features, labels = padded_jets(name)
    batches = []
    for chosen in chosen_jets(chunks, len(labels)):
        parts = np.split(chosen, range(batch, len(chosen), batch))
        given = [(features[part], labels[part].astype(np.int64)) for part in parts]
        batches.append([tuple(map(torch.from_numpy, pair)) for pair in given])
    call = lambda model, x: model(x)  # noqa: E731
    return _calls(PaddedFlow(name), batches, call, threads, compiled, precision, device)


def _calls(
    plain: torch.nn.Module,
    batches: list[list[tuple]],
    logits: Callable[..., torch.Tensor],
    threads: int,
    compiled: bool,
    precision: str,
    device: str,
) -> Calls:
    """Prepare training and inference of a network on batches (inputs..., classes)."""
    torch.set_num_threads(threads)
    require_device("torch", torch.cuda.is_available(), device)
    place = torch.device("cuda" if device == "gpu" else "cpu")
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    batches = [[tuple(one.to(place) for one in given) for given in chunk] for chunk in batches]
    plain = plain.to(place)
    model = torch.compile(plain) if compiled else plain
    optimiser = torch.optim.Adam(plain.parameters(), fused=device == "gpu")
    loss = torch.nn.CrossEntropyLoss()
    half = precision == "bfloat16"

    def lost(network: Any, given: tuple, labels: torch.Tensor) -> torch.Tensor:
        with torch.autocast(place.type, torch.bfloat16, enabled=half):
            return loss(logits(network, *given).float(), labels)

    def scores(network: Any, given: tuple) -> torch.Tensor:
        with torch.inference_mode(), torch.autocast(place.type, torch.bfloat16, enabled=half):
            return logits(network, *given).float().softmax(1)

    def wait() -> None:
        if place.type == "cuda":
            torch.cuda.synchronize()

    def train(number: int) -> None:
        plain.train()
        for *given, labels in batches[number]:
            optimiser.zero_grad()
            lost(model, given, labels).backward()
            optimiser.step()
        wait()

    def infer(number: int) -> None:
        plain.eval()
        # Scores come back to the host, as ours do.
        for one in [scores(model, given) for *given, _ in batches[number]]:
            one.cpu()

    def facts(number: int) -> dict[str, float | None]:
        *given, labels = batches[number][0]

        def step() -> None:
            plain.train()
            lost(plain, given, labels).backward()

        def forward() -> None:
            plain.eval()
            with torch.no_grad():
                lost(plain, given, labels)

        return of_torch(step, forward, len(labels), place)

    return {"training": train, "inference": infer, "facts": facts}


def momenta(particles: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Compute px, py, pz and E of massless particles, relative to the jet axis.

    The features of pairs do not change by that, and both sides use the same float32 angles.
    """
    pt, y, phi = particles[:, 0].astype(np.float64), *features[:, -2:].astype(np.float64).T
    return pt[:, None] * np.stack([np.cos(phi), np.sin(phi), np.sinh(y), np.cosh(y)], axis=1)


def _weaver_batches(name: str, jets: np.ndarray, batch: int) -> list[tuple]:
    """Make padded features, coordinates or momenta, mask and labels of each batch."""
    from jetline.inputs.features import cloud_features

    particles, counts, labels = bundled()
    starts = np.cumsum(counts) - counts
    batches = []
    for chosen in np.split(jets, range(batch, len(jets), batch)):
        rows = np.concatenate([np.arange(counts[jet]) + starts[jet] for jet in chosen])
        features = cloud_features(particles[rows], counts[chosen], "full")
        coordinates = features[:, -2:]
        others = coordinates if name in _PARTICLENETS else momenta(particles[rows], features)
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
