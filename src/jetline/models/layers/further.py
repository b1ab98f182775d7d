"""Further features of particles, brought to a common size inside a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
from keras import ops

if TYPE_CHECKING:
    from collections.abc import Mapping


@keras.saving.register_keras_serializable("jetline")
class FurtherFeatures(keras.layers.Layer):
    """arcsinh of the distance of a feature from its centre, in widths, for the first features.

    Linear within a width and logarithmic beyond: of an impact parameter a thousand widths away 7.6
    is left, which no layer is carried away by, and nothing is cut off. The others stay as they are.
    Centres and widths are weights that are not trained, so that whoever starts from a network takes
    them over with what it has learned.

    Parameters
    ----------
    number : int
        How many features are meant.
    """

    def __init__(self, number: int, **kwargs: Any) -> None:
        # In full precision, whatever the network computes in: half of it has no small lengths.
        super().__init__(autocast=False, **kwargs)
        self.number = number

    def build(self, rows_shape: Any) -> None:
        """Make the weights."""
        told = {"shape": (self.number,), "trainable": False, "autocast": False}
        self.centre = self.add_weight(name="centre", initializer="zeros", **told)
        self.width = self.add_weight(name="width", initializer="ones", **told)

    def call(self, rows: Any) -> Any:
        """Normalise (n_rows, n_features) features."""
        values = ops.cast(rows, self.variable_dtype)
        further = ops.arcsinh((values[:, : self.number] - self.centre) / self.width)
        return ops.cast(ops.concatenate([further, values[:, self.number :]], axis=-1), rows.dtype)

    def compute_output_spec(self, rows: Any) -> Any:
        """Give the spec of the rows."""
        return keras.KerasTensor(rows.shape, rows.dtype)

    def get_config(self) -> dict[str, Any]:
        """Describe the layer."""
        return super().get_config() | {"number": self.number}


def with_further(features: Any, spreads: Mapping[str, Mapping[str, float]]) -> Any:
    """Normalise further features, which stand before the others; without any, change nothing.

    Parameters
    ----------
    features : (n_particles, n_features) tensor
    spreads : mapping
        ``centre`` and ``width`` of each further feature, in their order.
    """
    if not spreads:
        return features
    layer = FurtherFeatures(len(spreads), name="further")
    normalised = layer(features)
    layer.centre.assign([spread["centre"] for spread in spreads.values()])
    layer.width.assign([spread["width"] for spread in spreads.values()])
    return normalised
