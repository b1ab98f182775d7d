"""The Particle Transformer in a size that two CPU cores can train.

H. Qu, C. Li, S. Qian, arXiv:2202.03772, narrower and with fewer blocks; see
`jetline.models.particle_transformer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from jetline.core.classes import classes_in
from jetline.models.particle_transformer import ParticleTransformer, particle_transformer

if TYPE_CHECKING:
    import keras


class SmallParticleTransformer(ParticleTransformer):
    """3 blocks of particle attention, 2 of class attention, width 48, 4 heads, softmax.

    155,134 trainable parameters with identity, 154,822 without. The size is ours: no result
    is published for it.
    """

    architecture: Literal["particle-transformer-small"] = "particle-transformer-small"  # type: ignore[assignment]

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network."""
        n_features = 7 if self.identity == "none" else 13
        return particle_transformer(
            n_features,
            (48, 96, 48),
            (16, 16),
            heads=4,
            blocks=3,
            dropout=self.dropout,
            classes=len(classes_in(statistics)),
            pair_mass=self.pair_mass,
            spreads=self.spreads(statistics),
        )
