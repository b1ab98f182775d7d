"""EPiC layers: particles that know of each other by what they add up to.

E. Buhmann, G. Kasieczka, J. Thaler, arXiv:2301.08128, figure 2; with conditions in every layer, as
E. Buhmann et al., arXiv:2310.00049.
"""

from __future__ import annotations

from typing import Any

import keras

from jetline.models.layers.activation import Gelu
from jetline.models.layers.per_jet import JetRows
from jetline.models.layers.segments import SegmentMean, SegmentSum

#: By what sums over particles are multiplied, so that they are of the size of means.
_OF_SUMS = 0.02


def epic_network(
    name: str, inputs: int, outputs: int, conditions: int, layers: int, width: int, jet_width: int
) -> keras.Model:
    """Build a network of EPiC layers on flat particles.

    What a layer is told of the jet is mapped once for the jet, not for each particle.

    Parameters
    ----------
    name : str
        Of the network.
    inputs, outputs : int
        Values of each particle that it takes and gives.
    conditions : int
        Values of each jet that it is told.
    layers, width, jet_width : int
        Number of layers, and values between them of each particle and of each jet.

    Returns
    -------
    keras.Model
        Takes ``conditions`` (n_jets, conditions), ``counts`` (n_jets,), ``particles``
        (n_particles, inputs) and ``segments`` (n_particles,); gives (n_particles, outputs), at
        first zeros.
    """
    taken = {
        "conditions": keras.Input((conditions,), name="conditions"),
        "counts": keras.Input((), name="counts"),
        "particles": keras.Input((inputs,), name="particles"),
        "segments": keras.Input((), dtype="int32", name="segments"),
    }
    told, counts, particles, segments = taken.values()
    told = Gelu()(_dense(width, "told")(told))
    rows = keras.layers.Add()(
        [_dense(width, "first")(particles), JetRows()(_dense(width, "first_told")(told), segments)]
    )
    rows = Gelu()(rows)
    jets = Gelu()(_dense(jet_width, "jets")(_pooled(rows, told, segments, counts)))
    for n in range(layers):
        pooled = keras.layers.Concatenate()([_pooled(rows, told, segments, counts), jets])
        change = _dense(jet_width, f"jets_{n}")(Gelu()(_dense(width, f"pooled_{n}")(pooled)))
        jets = keras.layers.Add()([jets, change])
        of_jet = _dense(width, f"of_jet_{n}")(keras.layers.Concatenate()([jets, told]))
        mixed = keras.layers.Add()([_dense(width, f"rows_{n}")(rows), JetRows()(of_jet, segments)])
        rows = keras.layers.Add()([rows, _dense(width, f"change_{n}")(Gelu()(mixed))])
    given = keras.layers.Dense(outputs, kernel_initializer="zeros", name="given")(Gelu()(rows))
    return keras.Model(taken, given, name=name)


def _pooled(rows: Any, told: Any, segments: Any, counts: Any) -> Any:
    """Give mean and scaled sum over each jet's particles, and what is told of the jet."""
    sums = keras.layers.Rescaling(_OF_SUMS)(SegmentSum()(rows, segments, counts))
    mean = SegmentMean()(rows, segments, counts)
    return keras.layers.Concatenate()([mean, sums, told])


def _dense(width: int, name: str) -> keras.layers.Layer:
    return keras.layers.Dense(width, name=name)
