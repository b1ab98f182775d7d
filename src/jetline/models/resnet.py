"""A small residual network for jet images.

K. He, X. Zhang, S. Ren, J. Sun, Deep Residual Learning for Image Recognition, CVPR 2016,
arXiv:1512.03385: the blocks of figure 2, the form for small images of section 4.2, and a 1 x 1
convolution on the shortcut where the shape changes (option B of section 3.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from jetline.core.classes import classes_in
from jetline.models.architecture import Network

if TYPE_CHECKING:
    import keras


class ResidualNetwork(Network):
    """A convolution, residual blocks of two, the mean over pixels, softmax.

    77,234 trainable parameters on one channel with batch normalisation. No result is published on
    these jets.
    """

    kinds: ClassVar = ("images", "pictures")
    # arXiv:1512.03385 trains by momentum on other images; the cosine is arXiv:1812.01187's.
    published: ClassVar = {
        "epochs": 30,
        "batch_size": 128,
        "learning_rate": 2e-3,
        "training": {"optimiser": "adamw", "weight_decay": 1e-2, "schedule": "cosine"},
    }

    architecture: Literal["resnet"] = "resnet"
    inputs: str = Field("images/pt", description="`images/<recipe>`, or `pictures`")
    epochs: int = Field(15, ge=1, le=10_000, description="passes over the training jets, at most")
    batch_size: int = Field(128, ge=1, le=1_000_000, description="jets in one step")
    blocks: tuple[Annotated[int, Field(ge=8, multiple_of=8)], ...] = Field(
        (16, 32, 64),
        min_length=1,
        description="filters of each residual block, multiples of 8; where they change, the "
        "image is halved",
    )
    normalisation: Literal["batch", "layer", "group"] = Field(
        "batch",
        description="over the batch and the pixels, each filter by itself; over the filters and "
        "pixels of an image; or likewise in groups of 8 filters",
    )

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network."""
        import keras
        from keras import layers

        from jetline.models.layers.images import normalising_layer

        def convolution(name: str, filters: int, x: Any, size: int = 3, strides: int = 1) -> Any:
            # No bias: the normalisation that follows takes it away.
            x = layers.Conv2D(
                filters,
                size,
                strides,
                "same",
                use_bias=False,
                kernel_initializer="he_normal",
                name=name,
            )(x)
            return self._normalised(x, f"{name}_norm")

        images = keras.Input(tuple(statistics["shape"]), name="images")
        filters = self.blocks[0]
        x = layers.ReLU()(convolution("stem", filters, normalising_layer(statistics)(images)))
        for n, width in enumerate(self.blocks):
            name, strides, shortcut = f"block_{n}", 1, x
            if width != filters:
                strides, shortcut = 2, convolution(f"{name}_shortcut", width, x, size=1, strides=2)
            x = layers.ReLU()(convolution(f"{name}_first", width, x, strides=strides))
            x = layers.ReLU()(convolution(f"{name}_second", width, x) + shortcut)
            filters = width
        precision = keras.config.floatx()
        x = layers.GlobalAveragePooling2D(dtype=precision)(x)
        scores = layers.Dense(
            len(classes_in(statistics)), activation="softmax", name="scores", dtype=precision
        )(x)
        return keras.Model({"images": images}, scores, name="resnet")

    def _normalised(self, x: Any, name: str) -> Any:
        """Batch (arXiv:1502.03167), layer (1607.06450) or group (1803.08494) normalisation."""
        from keras import layers

        if self.normalisation == "batch":
            return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)
        groups = 1 if self.normalisation == "layer" else x.shape[-1] // 8
        return layers.GroupNormalization(groups, epsilon=1e-5, name=name)(x)
