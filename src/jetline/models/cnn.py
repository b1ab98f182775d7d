"""The course notebook's convolutional network, the first rung of the ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from jetline.core.classes import classes_in
from jetline.models.architecture import Network

if TYPE_CHECKING:
    import keras


class ConvolutionalNetwork(Network):
    """Two convolutions, two poolings, one dense layer: the Keras "MNIST convnet".

    With ten classes on 28 x 28 x 1 it has 34,826 trainable parameters. The notebook trained it
    for 15 epochs in batches of 128 with Adam and reached a validation accuracy of 99.18 % on
    MNIST's digits, and of 76.6 % on quark and gluon jets.
    """

    kinds: ClassVar = ("images", "pictures")
    least_pixels: ClassVar = 10
    # The notebook's.
    published: ClassVar = {
        "epochs": 15,
        "batch_size": 128,
        "learning_rate": 1e-3,
        "training": {"optimiser": "adam"},
    }

    architecture: Literal["cnn"] = "cnn"
    inputs: str = Field("images/notebook", description="`images/<recipe>`, or `pictures`")
    epochs: int = Field(15, ge=1, le=10_000, description="passes over the training jets, at most")
    batch_size: int = Field(128, ge=1, le=1_000_000, description="jets in one step")
    dropout: float = Field(0.5, ge=0, lt=1, description="share of features dropped in training")

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network."""
        return convolutional_network(statistics, len(classes_in(statistics)), self.dropout)


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
    """
    import keras
    from keras import layers

    from jetline.models.layers.images import normalising_layer

    images = keras.Input(tuple(statistics["shape"]), name="images")
    x = normalising_layer(statistics)(images)
    for n, filters in enumerate((32, 64)):
        x = layers.Conv2D(filters, 3, activation="relu", name=f"convolution_{n}")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    # In full precision, as half of it would tie scores.
    precision = keras.config.floatx()
    scores = layers.Dense(classes, activation="softmax", name="scores", dtype=precision)(x)
    return keras.Model({"images": images}, scores, name="cnn")
