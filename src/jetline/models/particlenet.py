"""ParticleNet: convolutions over each particle's nearest neighbours.

H. Qu, L. Gouskos, ParticleNet: Jet Tagging via Particle Clouds, Phys. Rev. D 101 (2020) 056019,
arXiv:1902.08570: EdgeConv of section 2.2, the network of figure 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from jetline.core.classes import classes_in
from jetline.inputs.view import ParticleView
from jetline.models.particle_network import ParticleNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import keras


class ParticleNet(ParticleNetwork):
    """EdgeConv (64 x 3), (128 x 3), (256 x 3) of 16 neighbours, mean, 256, softmax.

    366,160 trainable parameters without identity, 367,324 with. Published on 1.6M training jets:
    AUC 0.9014 without identity, 0.9116 experimental.
    """

    # arXiv:1902.08570, section 4.
    published: ClassVar = {
        "epochs": 20,
        "batch_size": 384,
        "learning_rate": 3e-3,
        "training": {"optimiser": "adamw", "weight_decay": 1e-4, "schedule": "one-cycle"},
    }

    architecture: Literal["particlenet"] = "particlenet"
    inputs: str = Field("particles", description="`particles`")
    identity: Literal["none", "experimental", "full"] = Field(
        "full",
        description="what the model is told of each particle's species: nothing, charge and type, "
        "or with the hadrons told apart",
    )
    batch_size: int = Field(128, ge=1, le=1_000_000, description="jets in one step")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of features dropped in training")

    @property
    def view(self) -> ParticleView:
        """Tensors that the network is given of each jet's particles."""
        return ParticleView(
            "particle_cloud", self.identity, most=128, dense=True, further=self.features
        )

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network."""
        n_features = 7 if self.identity == "none" else 13
        blocks = [(16, (width,) * 3) for width in (64, 128, 256)]
        classes, spreads = len(classes_in(statistics)), self.spreads(statistics)
        return particlenet(n_features, blocks, 256, self.dropout, classes, spreads)


def particlenet(
    n_features: int,
    blocks: Sequence[tuple[int, tuple[int, ...]]],
    width: int,
    dropout: float,
    classes: int = 2,
    spreads: Mapping[str, Mapping[str, float]] | None = None,
) -> keras.Model:
    """Build a network of this kind.

    Parameters
    ----------
    n_features : int
        Features of a particle, further ones left out; the last two are its coordinates.
    blocks : sequence of (int, tuple of int)
        Of each EdgeConv: neighbours, and widths of its layers.
    width : int
        Of the layer on the mean over particles.
    dropout : float
        Rate after it.
    classes : int
        Scores of a jet.
    spreads : mapping, optional
        Further features, as `with_further` takes them.
    """
    import keras

    from jetline.models.layers.further import with_further
    from jetline.models.layers.graph import EdgeConvolution, Neighbours
    from jetline.models.layers.inputs import by_group, particle_inputs
    from jetline.models.layers.normalisation import RowNormalization
    from jetline.models.layers.segments import InGroups, RealRows, SegmentMean

    spreads = spreads or {}
    inputs = particle_inputs(n_features + len(spreads), dense=True)
    counts, features = inputs["counts"], inputs["features"]
    segments, slots = inputs["segments"], inputs["slots"]

    rows = [InGroups()(group, counts) for group in by_group(inputs, "rows")]
    real = RealRows()(segments, counts)
    x = RowNormalization(name="input_norm")(with_further(features, spreads), real)
    points = features[:, -2:]
    for n, (k, widths) in enumerate(blocks):
        neighbours = Neighbours(k)(points, slots, rows)
        x = points = EdgeConvolution(widths, name=f"edge_{n}")(x, neighbours, real)
    x = SegmentMean()(x, segments, counts)
    x = keras.layers.Dense(width, activation="relu", name="hidden")(x)
    x = keras.layers.Dropout(dropout)(x)
    precision = keras.config.floatx()
    logits = keras.layers.Dense(classes, name="logits", dtype=precision)(x)
    scores = keras.layers.Activation("softmax", dtype="float32")(logits)
    return keras.Model(inputs, scores, name="particlenet")
