"""The configuration's classes: a tree of typed settings, which says all that may stand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self, Union

from pydantic import Field, SerializeAsAny, field_validator, model_validator

from jetline.configuration.split import AnySplit, NamedSplit, Split
from jetline.core.classes import QUARK_GLUON
from jetline.core.settings import Settings
from jetline.explanation.settings import Explain
from jetline.inputs.folds import MOST
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.recipe import ImageRecipe
from jetline.models.architecture import Architecture, Network, Seeds
from jetline.sources import SOURCES

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)]

ClassName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=20)]

if TYPE_CHECKING:
    from jetline.sources.source import Source

    AnySource = Source
else:
    #: A source of any class that is registered; its key `source` tells which.
    AnySource = Annotated[Union[tuple(SOURCES.values())], Field(discriminator="source")]  # noqa: UP007


class Configuration(Settings):
    """One comparison: which jets, and which taggers."""

    run: Name = Field(
        description="name of this comparison, whose results are written to `results/runs/<run>`",
        examples=["demo"],
    )
    seed: int = Field(
        1,
        ge=0,
        description="seed of the random split of the jets and of the resampling of test jets",
    )
    classes: Annotated[tuple[ClassName, ...], Field(min_length=2, max_length=50)] = Field(
        QUARK_GLUON,
        description="names of the classes of jets in the order of their numbers, which are the "
        "labels, from 0; the last is the signal, where there are two",
        examples=[["gluon", "quark", "w", "z", "top"]],
    )
    datasets: dict[Name, AnySource] = Field(
        min_length=1,
        description="lists of jet files by a name of your choice, each list from one source",
        examples=[{"demo": {"source": "sample"}}],
    )
    train_on: Name = Field(
        description="name of the dataset that all taggers are trained on", examples=["demo"]
    )
    test_on: tuple[Name, ...] = Field(
        min_length=1,
        description="names of the datasets whose test parts all taggers are evaluated on; one with "
        "quark or gluon jets alone is reported by accuracy and scores, as all else needs both",
        examples=[["demo"]],
    )
    split: AnySplit = Field(
        Split(), description="training, validation and test jets: shares, or names of files"
    )
    flatten: tuple[Literal["pt", "rapidity"], ...] = Field(
        (),
        description="observables in which the training jets of all classes are weighted to the "
        "same spectrum, so that taggers learn nothing from it; decided by the training part "
        "alone, and figures of merit keep the jets' own weights",
        examples=[["pt"]],
    )
    folds: int = Field(
        1,
        ge=1,
        le=MOST,
        description="parts that the jets are dealt into (`by: jet` at random, `by: file` whole "
        "files in turn), with a tagger each for every entry and seed: it tests on its part, "
        "validates on the next and trains on the others, so that every jet is scored by a tagger "
        "that has not seen it; `split` then has no shares; 1: no folds, otherwise 3 or more",
        examples=[5],
    )
    device: Literal["auto", "cpu", "gpu"] = Field(
        "auto",
        description="processor that trainings run on: `auto` takes a GPU if there is one, `gpu` "
        "stops with an error if there is none",
    )
    # Never dumped: it decides no result.
    trainings_per_gpu: int = Field(
        1,
        ge=1,
        le=64,
        exclude=True,
        description="how many trainings, or predictions, share one GPU, each with its share of the "
        "memory; docs/gpu.md says how to choose",
    )
    backend: Literal["tensorflow", "jax"] = Field(
        "tensorflow",
        description="what computes the networks: another one trains everything again, since it "
        "rounds otherwise; the environment's KERAS_BACKEND has to be the same, or unset",
    )
    # Never dumped: Snakemake itself reruns what another image has made.
    container: str | None = Field(
        None,
        pattern=r"^\S+$",
        exclude=True,
        description="image that steps run in with `--sdm apptainer`: a file, or an address that "
        "Apptainer can pull; `container/build` makes one (docs/clusters.md)",
        examples=["jetline.sif"],
    )
    checkpoint_minutes: float = Field(
        10,
        gt=0,
        le=1440,
        description="time after which a training saves its state within an epoch too: no more than "
        "that is lost when the machine stops; a signal to end loses nothing",
    )
    deterministic: bool = Field(
        False,
        description="choose, where the backend has several ways of computing, the one that gives "
        "the same bits each time; on a GPU that takes longer, on a CPU with the same number of "
        "threads trainings are the same without it",
    )
    seeds: Seeds = Field(
        (1,),
        description="seeds of the trainings: each architecture is trained once with each of them",
        examples=[[1, 2]],
    )
    # Never dumped: together or not, the seeds' trainings are the same.
    seeds_together: bool = Field(
        False,
        exclude=True,
        description="train the seeds of each network in one process, all at each step (`backend: "
        "jax`): on a GPU that small networks leave idle; the trainings are the same within "
        "rounding; docs/gpu.md says what cannot be trained so",
    )
    recipes: dict[Name, ImageRecipe] = Field(
        {},
        description="recipes of jet images beside the built-in ones, by a name of your choice; an "
        "architecture takes one by `inputs: images/<name>`",
        examples=[{"fine": {"pixels": 65}}],
    )
    explain: Explain | None = Field(
        None,
        description="keys that say how much is explained of what each tagger decides on, or `{}`; "
        "nothing is if left out",
        examples=[{"jets": 200}],
    )
    export: Literal["onnx"] | None = Field(None, description="`onnx`: export and compare taggers")
    # Never dumped: nothing else depends on it.
    cards: bool = Field(
        False,
        exclude=True,
        description="make of each tagger a folder to take away, with a card that says what it was "
        "trained on, what it reaches on each dataset of `test_on`, and for which jets",
    )
    architectures: dict[Name, SerializeAsAny[Architecture]] = Field(
        min_length=1,
        description="taggers to train and compare, by a name of your choice",
        examples=[{"pfn": {"inputs": "particles", "identity": "full"}}],
    )

    generative: dict[Name, SerializeAsAny[Architecture]] = Field(
        {},
        description="generative models to train on the training part of `train_on`, by a name of "
        "your choice; a dataset with `source: drawn` draws jets from one (docs/generative.md)",
        examples=[{"flow": {"architecture": "flow-matching"}}],
    )

    @model_validator(mode="after")
    def _of_this_run(self) -> Self:
        """Tell jets that are of a run alone of which."""
        for source in self.datasets.values():
            source.belong_to(self.run)
        return self

    @field_validator("classes")
    @classmethod
    def _classes_once(cls, classes: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse a class that is named twice, or as figures of merit call all others."""
        if len(set(classes)) < len(classes) or {"rest", "unlabelled"} & set(classes):
            raise ValueError("each class once, and none called `rest` or `unlabelled`")
        return classes

    @property
    def trainings(self) -> list[tuple[str, int]]:
        """Label and seed of each training."""
        return [(label, seed) for label in self.architectures for seed in self.seeds_of(label)]

    def seeds_of(self, label: str) -> tuple[int, ...]:
        """Seeds of an entry's trainings."""
        return self.entries[label].seeds or self.seeds

    @property
    def entries(self) -> dict[str, Architecture]:
        """All that is trained by its name: taggers and generative models."""
        return {**self.generative, **self.architectures}

    @property
    def labels_together(self) -> list[str]:
        """Entries whose seeds train together: networks that have the configuration's `seeds`."""
        several = self.seeds_together and len(self.seeds) > 1
        return [
            label
            for label, one in self.architectures.items()
            if several
            and isinstance(one, Network)
            and one.seeds_together
            and self.seeds_of(label) == self.seeds
        ]

    @property
    def dealt(self) -> str:
        """Dataset that is dealt into folds; empty if there are none."""
        return self.train_on if self.folds > 1 else ""

    @property
    def used_datasets(self) -> list[str]:
        """Datasets of the run, each once, first that which the taggers train on."""
        named = self.split.validation if isinstance(self.split, NamedSplit) else ()
        validating = [name for name in named if name in self.datasets]
        return list(dict.fromkeys([self.train_on, *self.test_on, *validating]))

    @property
    def jet_datasets(self) -> list[str]:
        """Datasets of jets among them, which are measured and compared with the benchmark."""
        return [name for name in self.used_datasets if self.datasets[name].holds == "jets"]

    @property
    def all_recipes(self) -> dict[str, ImageRecipe]:
        """Recipes by name, the built-in ones included."""
        return {**RECIPES, **self.recipes}
