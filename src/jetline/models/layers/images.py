"""The first layer of image models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def normalising_layer(statistics: dict[str, Any]) -> keras.layers.Layer:
    """Make the first layer of an image model, so that a saved model takes raw images.

    It computes in full precision.

    Parameters
    ----------
    statistics : dict
        Of the training part: ``largest`` pixel of each channel, by which it is divided; or
        ``mean`` and ``deviation`` of each pixel, by which it is standardised as in
        arXiv:1612.01551, section 3.2, with the deviation plus 1e-5; or neither.
    """
    import keras
    import numpy as np
    from keras import layers

    precision = keras.config.floatx()

    if "mean" in statistics:
        variance = (np.array(statistics["deviation"]) + 1e-5) ** 2
        return layers.Normalization(
            (1, 2, 3), mean=statistics["mean"], variance=variance.tolist(), dtype=precision
        )
    # A channel that is empty throughout stays so.
    largest = statistics.get("largest", [1.0] * statistics["shape"][2])
    scales = [1 / pixel if pixel else 1.0 for pixel in largest]
    return layers.Rescaling(scales, dtype=precision)
