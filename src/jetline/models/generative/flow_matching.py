"""Flow matching on particle clouds: a way from noise to jets, one particle beside the other.

Kinematics along straight paths (Y. Lipman et al., arXiv:2210.02747), by a network of EPiC layers
(E. Buhmann et al., arXiv:2310.00049); then species, a few at a time, by a second such network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from jetline.core.classes import classes_in
from jetline.inputs.view import N_SPECIES, ParticleView
from jetline.models.generative.generative_model import GenerativeModel

if TYPE_CHECKING:
    import keras


Width = Annotated[int, Field(ge=1)]


class FlowMatching(GenerativeModel):
    """Particle clouds by flow matching, told class, momentum, rapidity and multiplicity.

    These are drawn first, from tables of the training part's jets. Species are drawn after the
    kinematics, by a network of their own: in one loss with them they take weight from it.
    """

    kinds: ClassVar = ("particles",)

    architecture: Literal["flow-matching"] = "flow-matching"
    inputs: str = Field("particles", description="`particles`")
    identity: Literal["none", "full"] = Field(
        "full",
        description="species of the drawn particles: of none, all particles are photons; or of all "
        "14 species",
    )
    layers: int = Field(6, ge=1, le=50, description="EPiC layers of the kinematics")
    width: Width = Field(96, description="values between them of each particle")
    jet_width: Width = Field(32, description="values between them of each jet")
    species_layers: int = Field(3, ge=1, le=50, description="EPiC layers of the species")

    @property
    def view(self) -> ParticleView:
        """Tensors that the network is given of each jet's particles."""
        return ParticleView("generation", self.identity, labelled=True)

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network.

        Parameters
        ----------
        statistics : dict
            With `spectra`, as `jetline.models.layers.spectra.tabulate` gives them.
        """
        import keras

        from jetline.models.layers.epic import epic_network
        from jetline.models.layers.inputs import particle_inputs
        from jetline.models.layers.likelihoods import MeanSquare, OverHidden, Surprise
        from jetline.models.layers.noise import Masked, StraightPath, Waves
        from jetline.models.layers.per_jet import Parts
        from jetline.models.layers.segments import SegmentMean, SegmentSum
        from jetline.models.layers.spectra import Spectra

        classes, sizes = len(classes_in(statistics)), (self.width, self.jet_width)
        inputs = {"classes": keras.Input((), dtype="int32", name="classes"), **particle_inputs(6)}
        labels, counts, features, segments = inputs.values()
        kinematics, known, of_jet = Parts(name="parts")(features)
        spectra = Spectra(classes, name="spectra")
        told = spectra(labels, SegmentMean()(of_jet, segments, counts), counts)
        spectra.fill(statistics["spectra"])

        on_way, velocity, time = StraightPath(name="path")(kinematics, segments, counts)
        waves = Waves(WAVES, name="waves")(time)
        conditions = keras.layers.Concatenate()([told, waves])
        flow = epic_network("flow", 3, 3, classes + 3 + 2 * WAVES, self.layers, *sizes)
        found = flow(_given(conditions, counts, on_way, segments))
        loss = SegmentMean()(MeanSquare()(found, velocity), segments, counts)
        if self.identity == "full":
            seen, hidden = Masked(N_SPECIES, name="masked")(known, segments, counts)
            width = 3 + N_SPECIES + 1
            naming = epic_network(
                "species", width, N_SPECIES, classes + 3, self.species_layers, *sizes
            )
            rows = keras.layers.Concatenate()([kinematics, seen])
            logits = naming(_given(told, counts, rows, segments))
            sums = SegmentSum()(Surprise()(logits, known, hidden), segments, counts)
            loss = keras.layers.Add()([loss, OverHidden()(sums)])
        return keras.Model(inputs, loss, name="flow_matching")


#: Waves in which the time of the flow is told.
WAVES = 8


def _given(conditions: Any, counts: Any, particles: Any, segments: Any) -> dict[str, Any]:
    return {
        "conditions": conditions,
        "counts": counts,
        "particles": particles,
        "segments": segments,
    }
