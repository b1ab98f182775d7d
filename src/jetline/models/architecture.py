"""What every architecture shares: its settings, and how it is built from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    import keras
    import numpy as np


Seeds = Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]

#: Parts of a batch's jets, of like multiplicity each, that have a dense form of their own.
GROUPS = 8


@dataclass(frozen=True)
class ParticleView:
    """What a particle model is given of each jet.

    Parameters
    ----------
    features : "energy_flow" or "particle_cloud"
        Which features of each particle: a name in `jetline.inputs.features.FEATURES`.
    identity : "none", "experimental" or "full"
        What is told of the species.
    most : int or None
        How many of the hardest particles are kept; None for all.
    dense : bool
        Whether the model also needs a dense form of the particles, for the search of neighbours
        or a softmax.
    pairs : bool
        Whether the model also needs the pairs of particles; it must be `dense` too.
    """

    features: Literal["energy_flow", "particle_cloud"]
    identity: Literal["none", "experimental", "full"]
    most: int | None = None
    dense: bool = False
    pairs: bool = False


class Architecture(BaseModel):
    """Settings of one entry under `architectures`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Kinds of inputs that the architecture can take.
    kinds: ClassVar[tuple[str, ...]] = ()

    #: Pixels a side of the smallest image whose convolutions and poolings leave something.
    least_pixels: ClassVar[int] = 1

    #: False: `build` gives a network, trained by gradient descent in epochs. True: `fit` takes all
    #: jets at once and gives the trained model.
    at_once: ClassVar[bool] = False

    architecture: str = Field(
        description="architecture, by the name of its file in src/jetline/models with `-` for `_`; "
        "the entry's own name if left out"
    )
    inputs: str = Field(description="`images/<recipe>`, `particles` or `observables`")
    # Never dumped: which other seeds there are decides nothing of a training.
    seeds: Seeds | None = Field(
        None, exclude=True, description="for this entry, in place of the configuration's `seeds`"
    )
    epochs: int = Field(20, ge=1, le=10_000, description="passes over the training jets, at most")
    batch_size: int = Field(500, ge=1, le=1_000_000, description="jets in one step")
    learning_rate: float = Field(1e-3, gt=0, le=1, description="of the Adam optimiser")
    patience: int = Field(
        10,
        ge=1,
        description="epochs without a lower validation loss after which training stops; "
        "the weights of the best epoch are kept in any case",
    )

    @property
    def module(self) -> str:
        """Module that defines the architecture, within the package."""
        return type(self).__module__.removeprefix("jetline.")

    @property
    def kind(self) -> Literal["images", "particles", "observables"]:
        """Kind of the inputs."""
        return self.inputs.split("/")[0]

    @property
    def view(self) -> ParticleView | None:
        """What the model is given of each jet's particles; None for images."""
        return None

    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained model.

        Parameters
        ----------
        statistics : dict
            Content of ``statistics.json``, from the training part alone.

        Returns
        -------
        keras.Model
            Ends in a softmax over (gluon, quark): (n_jets, 2). An image model takes ``images``
            (n_jets, n_y, n_phi, channels), a particle model what
            `jetline.training.batches.particle_inputs` gives for its `view`.
        """
        raise NotImplementedError

    def fit(
        self,
        training: tuple[np.ndarray, np.ndarray],
        validation: tuple[np.ndarray, np.ndarray],
        columns: list[str],
        seed: int,
    ) -> tuple[keras.Model, list[dict[str, float]]]:
        """Fit a model to all jets at once.

        Parameters
        ----------
        training, validation : (n_jets, n_columns) float32 array and (n_jets,) uint8 array
            Tables of observables, and labels. The validation part decides when to stop.
        columns : list of str
            Names of the tables' columns.
        seed : int
            Decides every random choice.

        Returns
        -------
        keras.Model
            Takes such tables and gives (gluon, quark) (n_jets, 2), as a network does.
        list of dict
            Rows of ``history.csv``, one a step of the fit; the model is that of the step with the
            lowest validation loss.
        """
        raise NotImplementedError
