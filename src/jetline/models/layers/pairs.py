"""Layers over pairs of particles of the same jet, and the dense scores they become."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from jetline.models.layers.activation import Gelu
from jetline.models.layers.normalisation import RowNormalization
from jetline.models.layers.precision import FullPrecision
from jetline.models.layers.segments import to_dense

#: Added to the score of what must not be attended to.
_NEVER = -1e9
#: Smallest argument of the logarithms of pairs, as in arXiv:2202.03772's code.
_LEAST = 1e-8


@keras.saving.register_keras_serializable("jetline")
class PairFeatures(FullPrecision):
    """ln kT, ln z, ln dR and ln m2 of pairs: arXiv:2202.03772, equations 3 to 6.

    The squared mass of two massless particles is 2 pT1 pT2 (cosh d-eta - cos d-phi), computed as
    4 pT1 pT2 (sinh2(d-eta / 2) + sin2(d-phi / 2)), which loses no digits where E2 - p2, the form
    in the authors' code, loses all of single precision's. ln m2 by that form may be given instead
    (`jetline.inputs.pair_mass`). No gradient flows through them.
    """

    def call(self, pt: Any, points: Any, pairs: Any, mass: Any = None) -> Any:
        """Compute.

        Parameters
        ----------
        pt : (n_particles,) float tensor
            Transverse momenta [GeV].
        points : (n_particles, 2) float tensor
            Pseudorapidity and azimuth.
        pairs : (n_pairs, 2) int32 tensor
            As `jetline.inputs.dense.pair_places` gives them.
        mass : (n_pairs,) float tensor, optional
            ln m2 to take.

        Returns
        -------
        (n_pairs, 4) float tensor
        """
        momenta = ops.stop_gradient(ops.concatenate([pt[:, None], points], axis=1))
        momenta = to_dense(momenta, pairs)
        one, other = momenta[:, 0], momenta[:, 1]
        d_eta, d_phi = one[:, 1] - other[:, 1], one[:, 2] - other[:, 2]
        # Azimuths are relative to the jet axis, so that no difference needs wrapping.
        distance = ops.sqrt(ops.square(d_eta) + ops.square(d_phi))
        softer = ops.minimum(one[:, 0], other[:, 0])
        total = ops.maximum(one[:, 0] + other[:, 0], _LEAST)
        angle = ops.square(ops.sinh(d_eta / 2)) + ops.square(ops.sin(d_phi / 2))
        values = [softer * distance, softer / total, distance]
        if mass is None:
            values.append(4 * one[:, 0] * other[:, 0] * angle)
        logarithms = ops.log(ops.maximum(ops.stack(values, axis=1), _LEAST))
        if mass is None:
            return logarithms
        return ops.concatenate([logarithms, ops.cast(mass, logarithms.dtype)[:, None]], axis=1)

    def compute_output_shape(
        self, pt_shape: Any, points_shape: Any, pairs_shape: Any, mass_shape: Any = None
    ) -> Any:
        """Give the shape of the features."""
        return (pairs_shape[0], 4)


@keras.saving.register_keras_serializable("jetline")
class RealPairs(layers.Layer):
    """Tell pairs of particles (1) from padding (0)."""

    def call(self, pairs: Any, pt: Any) -> Any:
        """Give 1 or 0 for each pair, (n_pairs,)."""
        return ops.cast(pairs[:, 0] < ops.shape(pt)[0], self.compute_dtype)

    def compute_output_shape(self, pairs_shape: Any, pt_shape: Any) -> Any:
        """Give the shape of the weights."""
        return pairs_shape[:1]


@keras.saving.register_keras_serializable("jetline")
class PairScores(layers.Layer):
    """Dense scores of pairs, which also keep places without particle from being attended to."""

    def call(self, values: Any, places: Any, rows: Any) -> Any:
        """Make a list of (n_group, heads, width, width) float tensors, one for each group.

        Parameters
        ----------
        values : (n_pairs, heads) float tensor
            One value a pair and head.
        places : list of (n_group * width * width,) int32 tensors
            As `jetline.inputs.dense.pair_places` gives them, along one axis.
        rows : list of (n_group, width) tensors
            Only their shapes are used.
        """
        never = ops.full_like(values[:1], _never(values.dtype))
        extended = ops.concatenate([values, never])
        heads, scores = values.shape[-1], []
        for group, here in zip(places, rows, strict=True):
            jets, width = ops.shape(here)[0], ops.shape(here)[1]
            dense = ops.reshape(ops.take(extended, group, axis=0), (jets, width, width, heads))
            scores.append(ops.transpose(dense, (0, 3, 1, 2)))
        return scores

    def compute_output_spec(self, values: Any, places: Any, rows: Any) -> Any:
        """Give the spec of one tensor for each group."""
        shape = (None, values.shape[-1], None, None)
        return [keras.KerasTensor(shape, values.dtype) for _ in places]


@keras.saving.register_keras_serializable("jetline")
class PlaceScores(layers.Layer):
    """Dense scores that only keep places without particle from being attended to."""

    def call(self, rows: Any, features: Any) -> Any:
        """Make a list of (n_group, 1, 1, width) float tensors, of `rows` and all `features`."""
        n = ops.shape(features)[0]
        never = ops.cast(_never(self.compute_dtype), self.compute_dtype)
        return [ops.where(here < n, 0, never)[:, None, None, :] for here in rows]

    def compute_output_spec(self, rows: Any, features: Any) -> Any:
        """Give the spec of one tensor for each group."""
        return [keras.KerasTensor((r.shape[0], 1, 1, r.shape[1]), self.compute_dtype) for r in rows]


def _never(dtype: Any) -> float:
    """Give what is added to such a score: finite in float16 too, whose largest is 65,504."""
    half = keras.backend.standardize_dtype(dtype) == "float16"
    return float(np.finfo(np.float16).min) / 2 if half else _NEVER


def pair_embedding(x: Any, real: Any, widths: tuple[int, ...]) -> Any:
    """Apply linear layer, batch normalisation and GELU for each width, on each pair."""
    x = RowNormalization(name="pair_norm")(x, real)
    for n, width in enumerate(widths):
        x = layers.Dense(width, name=f"pair_{n}")(x)
        x = RowNormalization(name=f"pair_{n}_norm")(x, real)
        x = Gelu()(x)
    return x
