"""The convolutional network for jet images in colour.

P. T. Komiske, E. M. Metodiev, M. D. Schwartz, Deep learning in color: towards automated
quark/gluon jet discrimination, JHEP 01 (2017) 110, arXiv:1612.01551, section 3.3 and figure 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from jetline.core.classes import classes_in
from jetline.models.architecture import Network

if TYPE_CHECKING:
    import keras


class ColorConvolutionalNetwork(Network):
    """Convolutions 8 x 8, 4 x 4, 4 x 4 of 64 filters, pooled 2 x 2, dense 64, ReLU, softmax.

    147,842 trainable parameters on three channels of 33 x 33 pixels, without zeros around the
    images. The paper's jets are not the benchmark's; it was trained on these with an AUC of
    0.8781, with two channels, in arXiv:1810.05165.

    Our one deviation: the channels are scaled, not standardised pixel by pixel (`images/color`).
    A pixel that few training jets reach is thereby multiplied by hundreds; on 40,000 jets the
    network then learned nothing.
    """

    kinds: ClassVar = ("images", "pictures")
    least_pixels: ClassVar = 33
    # arXiv:1612.01551, section 3.3.
    published: ClassVar = {
        "epochs": 50,
        "batch_size": 128,
        "learning_rate": 1e-3,
        "training": {"optimiser": "adam"},
    }

    architecture: Literal["cnn-paper"] = "cnn-paper"
    inputs: str = Field("images/color-scaled", description="`images/<recipe>`, or `pictures`")
    epochs: int = Field(50, ge=1, le=10_000, description="passes over the training jets, at most")
    batch_size: int = Field(128, ge=1, le=1_000_000, description="jets in one step")
    patience: int = Field(
        5,
        ge=1,
        description="epochs without a lower validation loss after which training stops; "
        "the weights of the best epoch are kept in any case",
    )

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network."""
        import keras
        from keras import layers

        from jetline.models.layers.images import normalising_layer

        images = keras.Input(tuple(statistics["shape"]), name="images")
        x = normalising_layer(statistics)(images)
        for n, (size, dropout) in enumerate(((8, 0.25), (4, 0.5), (4, 0.5))):
            x = layers.Conv2D(
                64,
                size,
                activation="relu",
                kernel_initializer="he_uniform",
                name=f"convolution_{n}",
            )(x)
            x = layers.MaxPooling2D(2)(x)
            x = layers.SpatialDropout2D(dropout)(x)
        x = layers.Dense(64, activation="relu", kernel_initializer="he_uniform", name="hidden")(
            layers.Flatten()(x)
        )
        x = layers.Dropout(0.5)(x)
        scores = layers.Dense(
            len(classes_in(statistics)),
            activation="softmax",
            kernel_initializer="he_uniform",
            name="scores",
            dtype=keras.config.floatx(),
        )(x)
        return keras.Model({"images": images}, scores, name="cnn_paper")
