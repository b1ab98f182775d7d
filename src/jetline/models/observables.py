"""Gradient boosting on observables of the jets, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from jetline.inputs.kinds.observables import COLUMNS
from jetline.models.architecture import Architecture

if TYPE_CHECKING:
    Observable = str
else:
    Observable = Literal[tuple(COLUMNS)]


class BoostedTrees(Architecture):
    """Boosted decision trees on observables of the jets, such as multiplicity and mass.

    Trees are added one after the other, each fitted to the gradient of the log loss of all before
    it (J. H. Friedman, Annals of Statistics 29 (2001) 1189), on histograms of the observables
    (scikit-learn's HistGradientBoostingClassifier). The report adds a table of cuts on each of the
    observables alone. Others got an AUC of 0.865 from five observables of 400,000 jets.
    """

    kinds: ClassVar = ("observables",)
    trainer: ClassVar = "boosting"

    architecture: Literal["observables"] = "observables"
    inputs: str = Field("observables", description="`observables`")
    observables: tuple[Observable, ...] = Field(
        tuple(COLUMNS), min_length=1, description="what the trees are told of a jet"
    )
    epochs: int = Field(1000, ge=1, le=10_000, description="trees, at most")
    batch_size: int = Field(5000, ge=1, le=1_000_000, description="jets scored in one step")
    learning_rate: float = Field(0.05, gt=0, le=1, description="share of each tree that is added")
    patience: int = Field(
        20,
        ge=1,
        description="trees without a lower validation loss after which training stops; those up "
        "to the lowest loss are kept in any case",
    )
    leaves: int = Field(15, ge=2, le=255, description="of one tree, at most")
    observables_per_split: float = Field(
        0.5,
        gt=0,
        le=1,
        description="share of the observables, drawn anew by the training's seed, among which "
        "each split is chosen; with all of them the seed decides nothing",
    )

    @field_validator("observables")
    @classmethod
    def _each_once(cls, observables: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse an observable that is named twice."""
        if len(set(observables)) < len(observables):
            raise ValueError("each observable once")
        return observables
