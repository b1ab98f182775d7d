"""The course notebook's convolutional network, the first rung of the ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from jetline.errors import JetlineError
from jetline.models.architecture import Architecture

if TYPE_CHECKING:
    import keras


class Settings(Architecture):
    """Two convolutions, two poolings, one dense layer: the Keras "MNIST convnet".

    With ten classes on 28 x 28 x 1 it has 34,826 trainable parameters. The notebook trained it
    for 15 epochs in batches of 128 with Adam and reached a validation accuracy of 0.766.
    """

    kinds: ClassVar = ("images",)

    architecture: Literal["cnn"] = "cnn"
    inputs: str = Field("images/notebook", description="`images/<recipe>`")
    epochs: int = Field(15, ge=1, le=10_000, description="passes over the training jets, at most")
    batch_size: int = Field(128, ge=1, le=1_000_000, description="jets in one step")
    dropout: float = Field(0.5, ge=0, lt=1, description="share of features dropped in training")

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        return convolutional_network(statistics, 2, self.dropout)


def convolutional_network(statistics: dict[str, Any], classes: int, dropout: float) -> keras.Model:
    """Build the network.

    Parameters
    ----------
    statistics : dict
        Of the training part: ``shape`` (n_y, n_phi, channels) of one image, and what
        `normalising_layer` takes.
    classes : int
        Outputs of the softmax.
    dropout : float
        Rate before the dense layer.

    Raises
    ------
    JetlineError
        If the images are too small.
    """
    import keras
    from keras import layers

    if min(statistics["shape"][:2]) < 10:
        raise JetlineError(
            "architecture cnn",
            found=f"images of {statistics['shape'][0]} x {statistics['shape'][1]} pixels",
            expected="10 x 10 or more, which two convolutions and poolings leave something of",
            remedy="give the recipe more `pixels`",
        )
    images = keras.Input(tuple(statistics["shape"]), name="images")
    x = normalising_layer(statistics)(images)
    for filters in (32, 64):
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x), name="cnn")


def normalising_layer(statistics: dict[str, Any]) -> keras.layers.Layer:
    """What an image model does first, so that a saved model takes raw images.

    Parameters
    ----------
    statistics : dict
        Of the training part: ``largest`` pixel of each channel, by which it is divided; or
        ``mean`` and ``deviation`` of each pixel, by which it is standardised as in
        arXiv:1612.01551, section 3.2, with the deviation plus 1e-5; or neither.
    """
    import numpy as np
    from keras import layers

    if "mean" in statistics:
        variance = (np.array(statistics["deviation"]) + 1e-5) ** 2
        return layers.Normalization((1, 2, 3), mean=statistics["mean"], variance=variance.tolist())
    # A channel that is empty throughout stays so.
    largest = statistics.get("largest", [1.0] * statistics["shape"][2])
    return layers.Rescaling([1 / pixel if pixel else 1.0 for pixel in largest])
