"""A set transformer: plain attention among particles, which is told nothing of pairs.

J. Lee et al., Set Transformer, ICML 2019, arXiv:1810.00825: attention of a set to itself (section
3.1) and a learned token that gathers it (section 3.2); the blocks are those of the Particle
Transformer (arXiv:2202.03772, its "ParT (plain)"), so that the two differ by the pairs alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from jetline.core.classes import classes_in
from jetline.inputs.view import ParticleView
from jetline.models.attention_network import AttentionNetwork
from jetline.models.particle_transformer import particle_transformer

if TYPE_CHECKING:
    import keras


class SetTransformer(AttentionNetwork):
    """The small Particle Transformer without pairs: the baseline of attention.

    154,634 trainable parameters with identity, 154,322 without. No result is published on these
    jets.
    """

    architecture: Literal["set-transformer"] = "set-transformer"

    @property
    def view(self) -> ParticleView:
        """Tensors that the network is given of each jet's particles."""
        return ParticleView(
            "particle_cloud", self.identity, most=128, dense=True, further=self.features
        )

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network."""
        n_features = 7 if self.identity == "none" else 13
        return particle_transformer(
            n_features,
            (48, 96, 48),
            (),
            heads=4,
            blocks=3,
            dropout=self.dropout,
            classes=len(classes_in(statistics)),
            spreads=self.spreads(statistics),
        )
