"""What all architectures have in common: their settings."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.models.starting_point import StartFrom
from jetline.models.training_recipe import TrainingRecipe

if TYPE_CHECKING:
    import keras

    from jetline.inputs.view import ParticleView


Seeds = Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]


class Architecture(BaseModel):
    """Settings of one entry under `architectures` in the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Kinds of inputs that the architecture can take.
    kinds: ClassVar[tuple[str, ...]] = ()

    #: Pixels a side of the smallest image whose convolutions and poolings leave something.
    least_pixels: ClassVar[int] = 1

    #: What trains it: the name of a module in `jetline.training.trainers`.
    trainer: ClassVar[str]

    #: Whether a GPU trains and scores it faster: it is given none otherwise.
    on_gpu: ClassVar[bool] = False

    architecture: str = Field(
        description="architecture, by the name of its file in src/jetline/models with `-` for `_`; "
        "the entry's own name if left out"
    )
    inputs: str = Field(description="`images/<recipe>`, `particles`, `observables` or `pictures`")
    # Never dumped: which other seeds there are decides nothing of a training.
    seeds: Seeds | None = Field(
        None, exclude=True, description="for this entry, in place of the configuration's `seeds`"
    )
    seeds_together: bool = Field(
        True,
        exclude=True,
        description="`false`: train the seeds of this entry one by one, also where the "
        "configuration's `seeds_together` says otherwise",
    )
    # Nor is a scan: each of its trainings has the values that it was chosen for.
    scan: dict[str, Any] | None = Field(
        None,
        exclude=True,
        description="values of settings to try, of which the best on the validation part becomes "
        "this entry: a `grid`, or a `space` that Optuna studies",
        examples=[{"grid": {"learning_rate": [0.001, 0.003]}}],
    )
    training_jets: int | None = Field(
        None,
        ge=1,
        description="how many jets of the training part to train on, drawn by the training's seed; "
        "of one seed the fewer are among the more, so that entries of rising numbers tell what "
        "more jets bring; all if left out. Statistics that normalise the inputs are those of the "
        "whole part in any case",
        examples=[10000],
    )
    epochs: int = Field(20, ge=1, le=10_000, description="passes over the training jets, at most")
    batch_size: int = Field(500, ge=1, le=1_000_000, description="jets in one step")
    learning_rate: float = Field(
        1e-3, gt=0, le=1, description="of the optimiser; the largest, where it changes"
    )
    patience: int = Field(
        10,
        ge=1,
        description="epochs without a lower validation loss after which training stops; "
        "the weights of the best epoch are kept in any case",
    )

    @property
    def modules(self) -> tuple[str, ...]:
        """Names, within jetline, of the modules that define the architecture and train it.

        Nothing imports them by name where all trainings begin (`jetline.training.job`), so that a
        code version has to be told of them.
        """
        own = type(self).__module__.removeprefix("jetline.")
        return own, f"training.trainers.{self.trainer.replace('-', '_')}"

    @property
    def kind(self) -> str:
        """Name of the kind of inputs."""
        return self.inputs.partition("/")[0]

    @property
    def view(self) -> ParticleView | None:
        """Tensors that the model is given of each jet's particles; None for other inputs."""
        return None

    @property
    def gpus_to_train(self) -> int:
        """How many GPUs one training takes."""
        return int(self.on_gpu)

    @property
    def untrainable_together(self) -> str | None:
        """Why several seeds cannot train together in one process; None where they can."""
        return "no network, of which steps could be taken together"


class Network(Architecture):
    """Settings of a network, which is trained by gradient descent in epochs."""

    trainer: ClassVar[str] = "gradient-descent"
    on_gpu: ClassVar[bool] = True

    #: Of the paper: `epochs`, `batch_size` and `learning_rate` of the entry, and what `training`
    #: has beside them; None where nobody has published a recipe.
    published: ClassVar[dict[str, Any] | None] = None

    training: TrainingRecipe = Field(
        TrainingRecipe(),
        description="how it is trained; `published`: as in the paper",
        examples=["published"],
    )

    gpus: Literal[1, 2, 4, 8] = Field(
        1,
        description="on how many GPUs each of its trainings runs, every one with its part of each "
        "batch (`backend: jax`): for a network that is too large for one; docs/large-networks.md",
    )

    start_from: StartFrom | None = Field(
        None,
        description="name of another entry, or keys, that say from which weights training starts; "
        "from random ones if left out",
        examples=["pfn"],
    )

    @property
    def gpus_to_train(self) -> int:
        """How many GPUs one training takes."""
        return self.gpus

    @property
    def untrainable_together(self) -> str | None:
        """Why several seeds cannot train together; None where they can."""
        if self.gpus > 1:
            return f"gpus: {self.gpus}, on which one seed trains at a time"
        if self.training_jets is not None:
            return f"training_jets: {self.training_jets}, of which each seed draws its own"
        if self.start_from is not None:
            return "start_from, by which each seed has weights of its own to start from"
        if self.training.augmentation:
            return "augmentation, which is done on the host, for one seed at a time"
        if self.training.precision == "float16":
            return "precision: float16, whose scale of the loss each seed halves at other steps"
        if self.view and self.view.pair_mass == "weaver":
            return "pair_mass: weaver, which is computed on the host, for one seed at a time"
        return None

    @property
    def modules(self) -> tuple[str, ...]:
        """Modules that define and train the network: a step of augmentation if it is asked for."""
        steps = dict.fromkeys(step.step for step in self.training.augmentation)
        return (*super().modules, *map(AUGMENTATION_STEPS.module, steps))

    @model_validator(mode="before")
    @classmethod
    def _as_published(cls, values: Any) -> Any:
        """Put the paper's recipe below what the entry names itself."""
        told = values.get("training") if isinstance(values, dict) else None
        told = {"recipe": told} if told == "published" else told
        if not (isinstance(told, dict) and told.get("recipe") == "published"):
            return values
        if cls.published is None:
            raise ValueError("keys of a recipe of your own, as none is published")
        entry = dict(cls.published)
        training = {**entry.pop("training"), **told, "recipe": None}
        # The whole schedule is run through; the best epoch is kept in any case.
        entry["patience"] = values.get("epochs", entry["epochs"])
        return {**entry, **values, "training": training}

    @abstractmethod
    def build(self, statistics: dict[str, Any]) -> keras.Model:
        """Build the untrained network.

        Parameters
        ----------
        statistics : dict
            Of ``inputs`` in ``statistics.json``: names of the `classes`, two if left out, and what
            is known of the training part.

        Returns
        -------
        keras.Model
            Takes a dictionary of exactly the tensors that
            the `tensors` of the kind of inputs make: ``images`` (n_jets, n_y, n_phi,
            channels), or the tensors of particles that `view` asks for. Ends in a softmax over
            the classes: (n_jets, n_classes).
        """
