"""ParticleNet-Lite: the same with fewer neighbours and narrower layers.

H. Qu, L. Gouskos, arXiv:1902.08570, figure 2 (right); see `jetline.models.particlenet`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from jetline.core.classes import classes_in
from jetline.models.particlenet import ParticleNet, particlenet

if TYPE_CHECKING:
    import keras


class ParticleNetLite(ParticleNet):
    """EdgeConv (32 x 3), (64 x 3) of 7 neighbours, mean, 128, softmax.

    26,416 trainable parameters without identity, 27,004 with (26,122 of four features). Published
    on 1.6M training jets: AUC 0.9079 experimental.
    """

    # arXiv:1902.08570, section 4: as ParticleNet, with larger batches and rates.
    published: ClassVar = {**ParticleNet.published, "batch_size": 1024, "learning_rate": 5e-3}

    architecture: Literal["particlenet-lite"] = "particlenet-lite"  # type: ignore[assignment]

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network."""
        n_features = 7 if self.identity == "none" else 13
        blocks = [(7, (width,) * 3) for width in (32, 64)]
        classes, spreads = len(classes_in(statistics)), self.spreads(statistics)
        return particlenet(n_features, blocks, 128, self.dropout, classes, spreads)
