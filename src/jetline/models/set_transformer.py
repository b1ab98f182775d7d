"""A set transformer: plain attention among particles, which is told nothing of pairs.

J. Lee et al., Set Transformer, ICML 2019, arXiv:1810.00825: attention of a set to itself (section
3.1) and a learned token that gathers it (section 3.2); the blocks are those of the Particle
Transformer (arXiv:2202.03772, its "ParT (plain)"), so that the two differ by the pairs alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from jetline.inputs.view import ParticleView
from jetline.models.architecture import Network
from jetline.models.particle_transformer import particle_transformer

if TYPE_CHECKING:
    import keras


class SetTransformer(Network):
    """The small Particle Transformer without pairs: the baseline of attention.

    154,634 trainable parameters with identity, 154,322 without. No result is published on these
    jets.
    """

    kinds: ClassVar = ("particles",)

    architecture: Literal["set-transformer"] = "set-transformer"
    inputs: str = Field("particles", description="`particles`")
    identity: Literal["none", "experimental", "full"] = Field(
        "full",
        description="what the model is told of each particle's species: nothing, charge and type, "
        "or with the hadrons told apart",
    )
    batch_size: int = Field(64, ge=1, le=1_000_000, description="jets in one step")
    dropout: float = Field(
        0.1,
        ge=0,
        lt=1,
        description="share of features and of attention dropped in training, in the blocks of "
        "particle attention",
    )

    @property
    def view(self) -> ParticleView:
        """Tensors that the network is given of each jet's particles."""
        return ParticleView("particle_cloud", self.identity, most=128, dense=True)

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network."""
        n_features = 7 if self.identity == "none" else 13
        return particle_transformer(
            n_features, (48, 96, 48), (), heads=4, blocks=3, dropout=self.dropout
        )
