"""The Energy Flow Network: a sum over particles, weighted by energy, of a map of the angles.

P. T. Komiske, E. M. Metodiev, J. Thaler, Energy Flow Networks: Deep Sets for Particle Jets,
JHEP 01 (2019) 121, arXiv:1810.05165, equation 1.3: F(sum_i z_i Phi(y_i, phi_i)), which is infrared
and collinear safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from jetline.core.classes import classes_in
from jetline.inputs.view import ParticleView
from jetline.models.architecture import Network

if TYPE_CHECKING:
    import keras

Width = Annotated[int, Field(ge=1)]


class EnergyFlowNetwork(Network):
    """Phi (100, 100, 256) on each particle's angles, F (100, 100, 100), ReLU, softmax.

    82,358 trainable parameters, as in the paper. Published on 1M training jets: AUC 0.8824. It is
    told no species: a sum that is safe cannot know them.
    """

    kinds: ClassVar = ("particles",)
    # arXiv:1810.05165, section 4; the length is ours.
    published: ClassVar = {
        "epochs": 50,
        "batch_size": 500,
        "learning_rate": 1e-3,
        "training": {"optimiser": "adam"},
    }

    architecture: Literal["efn"] = "efn"
    inputs: str = Field("particles", description="`particles`")
    phi: tuple[Width, ...] = Field(
        (100, 100, 256), min_length=1, description="widths of the layers on each particle"
    )
    f: tuple[Width, ...] = Field(
        (100, 100, 100), min_length=1, description="widths of the layers on the sum"
    )

    @model_validator(mode="before")
    @classmethod
    def _is_safe(cls, values: Any) -> Any:
        if isinstance(values, dict) and "features" in values:
            raise PydanticCustomError(
                "features",
                "no `features`: with more than angles in it, the sum weighted by energy is not "
                "infrared and collinear safe",
                {"remedy": "leave them out, or take the architecture pfn"},
            )
        return values

    @property
    def view(self) -> ParticleView:
        """Tensors that the network is given of each jet's particles."""
        return ParticleView("energy_flow", "none")

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network."""
        import keras

        from jetline.models.layers.dense import he_uniform_dense
        from jetline.models.layers.inputs import particle_inputs
        from jetline.models.layers.segments import SegmentSum

        # Of what first reads the features, and of the scores, whatever is between.
        precision = keras.config.floatx()

        inputs = particle_inputs(3)
        counts, features, segments = inputs.values()
        x = features[:, 1:]
        for n, width in enumerate(self.phi):
            x = he_uniform_dense(f"phi_{n}", width, dtype=None if n else precision)(x)
        x = SegmentSum()(features[:, :1] * x, segments, counts)
        for n, width in enumerate(self.f):
            x = he_uniform_dense(f"f_{n}", width)(x)
        scores = he_uniform_dense("scores", len(classes_in(statistics)), "softmax", precision)(x)
        return keras.Model(inputs, scores, name="efn")
