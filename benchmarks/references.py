"""Record outputs of weaver-core's ParticleNet and Particle Transformer for the tests.

The networks are small, with the options of the published ones, in evaluation mode and float64;
their random weights and running statistics make the logits differ between jets. The inputs are
bundled jets of chosen multiplicities. Writes tests/references/<architecture>.npz: particles,
multiplicities, features, weights, logits (quark, gluon), gradients of quark minus gluon with
respect to the features, and the logits in float32.

Needs weaver-core and PyTorch:

    python benchmarks/references.py
"""

from __future__ import annotations

import numpy as np
import torch
from recorded_jets import recorded_jets, write_reference
from torch_forms import momenta
from weaver.nn.model.ParticleNet import ParticleNet
from weaver.nn.model.ParticleTransformer import ParticleTransformer

from jetline.inputs.features import cloud_features


def particlenet() -> torch.nn.Module:
    """Build a ParticleNet with a shortcut that has weights and one that has none."""
    blocks = [(16, (12, 12, 12)), (16, (16, 16, 16)), (16, (16, 16, 16))]
    fixed = {"use_fusion": False, "use_fts_bn": True, "use_counts": True, "trim": False}
    return ParticleNet(13, 2, conv_params=blocks, fc_params=[(24, 0.1)], **fixed)


def particle_transformer() -> torch.nn.Module:
    """Build a narrow Particle Transformer with all kinds of layers."""
    return ParticleTransformer(
        13,
        2,
        pair_input_dim=4,
        pair_extra_dim=0,
        use_pre_activation_pair=False,
        remove_self_pair=False,
        embed_dims=(16, 32, 16),
        pair_embed_dims=(8, 8),
        num_heads=4,
        num_layers=2,
        num_cls_layers=2,
        fc_params=[],
        version=1,
        trim=False,
        for_inference=False,
    )


def randomise(model: torch.nn.Module, seed: int) -> None:
    """Draw all weights and running statistics, exact in float32."""
    random = np.random.default_rng(seed)
    state = model.state_dict()
    for name, old in state.items():
        if name.endswith("num_batches_tracked"):
            continue
        if name.endswith("running_var"):
            new = random.uniform(0.5, 2, old.shape)
        elif name.endswith(("running_mean", "bias")):
            new = random.normal(0, 0.3, old.shape)
        elif old.ndim > 1:
            new = random.normal(0, 1.5 / np.sqrt(old.shape[1]), old.shape)
        else:
            new = random.normal(1, 0.3, old.shape)
        state[name] = torch.from_numpy(new.astype(np.float32).astype(np.float64))
    model.double().load_state_dict(state)
    model.eval()


def padded(values: np.ndarray, counts: np.ndarray) -> torch.Tensor:
    """Pad flat rows to (n_jets, channels, most constituents) float64."""
    real = np.arange(counts.max()) < counts[:, None]
    result = np.zeros((*real.shape, values.shape[1]))
    result[real] = values
    return torch.from_numpy(result.transpose(0, 2, 1).copy())


def record(name: str, model: torch.nn.Module, seed: int) -> None:
    """Run the reference and write its file."""
    randomise(model, seed)
    particles, counts = recorded_jets()
    features = cloud_features(particles, counts, "full")
    real = np.arange(counts.max()) < counts[:, None]
    mask = torch.from_numpy(real)[:, None]
    x = padded(features, counts)
    other = x[:, -2:] if name == "particlenet" else padded(momenta(particles, features), counts)

    def logits(x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        if name == "particlenet":
            return model(other, x, mask)
        return model(x, other, mask)

    x.requires_grad_()
    output = logits(x, other)
    (output[:, 0] - output[:, 1]).sum().backward()
    gradients = x.grad.numpy().transpose(0, 2, 1)[real]
    weights = {
        f"weaver/{key}": value.numpy().astype(np.float32)
        for key, value in model.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    model.float()
    single = logits(x.detach().float(), other.float()).detach().numpy()
    output = output.detach().numpy()
    write_reference(
        name,
        output,
        single,
        particles=particles,
        multiplicities=counts,
        features=features,
        gradients=gradients,
        **weights,
    )


if __name__ == "__main__":
    record("particlenet", particlenet(), 1)
    record("particle_transformer", particle_transformer(), 2)
