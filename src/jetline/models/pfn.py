"""The Particle Flow Network: a sum over particles of a learned map, then a learned function.

P. T. Komiske, E. M. Metodiev, J. Thaler, Energy Flow Networks: Deep Sets for Particle Jets,
JHEP 01 (2019) 121, arXiv:1810.05165, equation 1.2: F(sum_i Phi(p_i)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from jetline.core.classes import classes_in
from jetline.inputs.view import ParticleView
from jetline.models.particle_network import ParticleNetwork

if TYPE_CHECKING:
    import keras

Width = Annotated[int, Field(ge=1)]


class ParticleFlowNetwork(ParticleNetwork):
    """Phi (100, 100, 256) on each particle, F (100, 100, 100) on their sum, ReLU, softmax.

    82,458 trainable parameters without identity, 82,558 with, as in the paper. Published on
    1M training jets: AUC 0.8911 without identity (PFN), 0.9005 experimental (PFN-Ex), 0.9052
    full (PFN-ID). The paper does not print the species numbers of PFN-Ex: those given to
    `identity: experimental` are ours.
    """

    # arXiv:1810.05165, section 4; the length is ours.
    published: ClassVar = {
        "epochs": 50,
        "batch_size": 500,
        "learning_rate": 1e-3,
        "training": {"optimiser": "adam"},
    }

    architecture: Literal["pfn"] = "pfn"
    inputs: str = Field("particles", description="`particles`")
    identity: Literal["none", "experimental", "full"] = Field(
        "full",
        description="what the model is told of each particle's species: nothing, what a detector "
        "tells apart (charge and type), or all 14 species",
    )
    phi: tuple[Width, ...] = Field(
        (100, 100, 256), min_length=1, description="widths of the layers on each particle"
    )
    f: tuple[Width, ...] = Field(
        (100, 100, 100), min_length=1, description="widths of the layers on the sum"
    )

    @property
    def view(self) -> ParticleView:
        """Tensors that the network is given of each jet's particles."""
        return ParticleView("energy_flow", self.identity, further=self.features)

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network."""
        import keras

        from jetline.models.layers.dense import he_uniform_dense
        from jetline.models.layers.further import with_further
        from jetline.models.layers.inputs import particle_inputs
        from jetline.models.layers.segments import SegmentSum

        # Of what first reads the features, and of the scores, whatever is between.
        precision = keras.config.floatx()

        spreads = self.spreads(statistics)
        inputs = particle_inputs((3 if self.identity == "none" else 4) + len(spreads))
        counts, features, segments = inputs.values()
        x = with_further(features, spreads)
        for n, width in enumerate(self.phi):
            x = he_uniform_dense(f"phi_{n}", width, dtype=None if n else precision)(x)
        x = SegmentSum()(x, segments, counts)
        for n, width in enumerate(self.f):
            x = he_uniform_dense(f"f_{n}", width)(x)
        scores = he_uniform_dense("scores", len(classes_in(statistics)), "softmax", precision)(x)
        return keras.Model(inputs, scores, name="pfn")
