"""Record outputs of EnergyFlow's Energy Flow and Particle Flow Networks for the tests.

The networks are small, with the options of the published ones, in float64; their random weights
make the logits differ between jets. The inputs are bundled jets of chosen multiplicities, prepared
as for EnergyFlow's training and padded with zeros. Writes tests/references/<architecture>.npz:
particles, multiplicities, features, weights, logits (gluon, quark), gradients of quark minus gluon
with respect to the features, and the logits in float32.

Needs EnergyFlow and tf-keras:

    python benchmarks/energyflow_references.py
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf
import tf_keras
from energyflow.archs import EFN, PFN
from energyflow.utils import remap_pids
from recorded_jets import recorded_jets, write_reference

WIDTHS = {"Phi_sizes": (10, 12, 16), "F_sizes": (12, 10)}


def prepared(particles: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Compute z, angles about the pT-weighted centroid and EnergyFlow's species of flat particles.

    Computed in float64 and rounded to the (n_particles, 4) float32 that both sides start from.
    """
    jets = np.split(particles.astype(np.float64), np.cumsum(counts)[:-1])
    for jet in jets:
        jet[:, 1:3] -= np.average(jet[:, 1:3], axis=0, weights=jet[:, 0])
        jet[:, 0] /= jet[:, 0].sum()
        remap_pids(jet[None], pid_i=3)
    return np.concatenate(jets).astype(np.float32)


def randomise(model: tf_keras.Model, given: list[tf.Tensor], real: np.ndarray, seed: int) -> None:
    """Draw weights, exact in float32, with which each neuron is active for only some of the rows.

    Weights that are drawn without regard to the scale of the inputs give an EFN that does not
    depend on the small angles, and a PFN that is linear in the multiplicity.
    """
    random = np.random.default_rng(seed)
    for layer in model.layers:
        if not layer.weights:
            continue
        kernel, bias = (random.normal(size=weight.shape) for weight in layer.weights)
        layer.set_weights([kernel, np.zeros_like(bias)])
        values = tf_keras.Model(model.inputs, layer.output)(given).numpy()
        values = values[real] if values.ndim == 3 else values
        scale = values.std(axis=0)
        new = kernel / scale, bias / 4 - values.mean(axis=0) / scale
        layer.set_weights([weight.astype(np.float32) for weight in new])


def network(name: str, precision: str) -> tf_keras.Model:
    """Build EnergyFlow's network in a precision, up to the logits."""
    tf_keras.backend.set_floatx(precision)
    options = {**WIDTHS, "summary": False, "compile": False}
    built = EFN(input_dim=2, **options) if name == "efn" else PFN(input_dim=4, **options)
    # The last tensor is the softmax.
    return tf_keras.Model(built.inputs, built.tensors[-2])


def record(name: str, seed: int) -> None:
    """Run the reference and write its file."""
    particles, counts = recorded_jets()
    features = prepared(particles, counts)
    if name == "efn":
        features = features[:, :3]
    real = np.arange(counts.max()) < counts[:, None]

    def inputs(precision: str) -> list[tf.Tensor]:
        x = np.zeros((*real.shape, features.shape[1]), precision)
        x[real] = features
        # EnergyFlow's EFN takes two inputs: the weights z, and the angles that they weight.
        parts = [x[..., 0], x[..., 1:]] if name == "efn" else [x]
        return [tf.constant(part) for part in parts]

    model, given = network(name, "float64"), inputs("float64")
    randomise(model, given, real, seed)
    with tf.GradientTape() as tape:
        tape.watch(given)
        output = model(given)
        difference = tf.reduce_sum(output[:, 1] - output[:, 0])
    slopes = [part.numpy()[real] for part in tape.gradient(difference, given)]
    weights = {
        f"energyflow/{weight.name.removesuffix(':0')}": weight.numpy().astype(np.float32)
        for weight in model.weights
    }
    model = network(name, "float32")
    model.set_weights(list(weights.values()))
    output, single = output.numpy(), model(inputs("float32")).numpy()
    write_reference(
        name,
        output,
        single,
        particles=particles,
        multiplicities=counts,
        features=features,
        gradients=np.column_stack(slopes),
        **weights,
    )


if __name__ == "__main__":
    record("efn", 1)
    record("pfn", 2)
