"""What the networks that take further features of particles have in common: their settings."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from jetline.core.errors import JetlineError
from jetline.core.feature_names import MOST_FEATURES, NAME
from jetline.models.architecture import Network


class ParticleNetwork(Network):
    """Settings of a network that may be told more of particles than momentum and species."""

    kinds: ClassVar[tuple[str, ...]] = ("particles",)

    features: tuple[Annotated[str, Field(pattern=NAME)], ...] = Field(
        (),
        max_length=MOST_FEATURES,
        description="further features of each particle, such as impact parameters, by the names "
        "that `features` of the dataset's layout, or `feature_names` of its `.npz`, gives them",
        examples=[["d0", "dz"]],
    )

    @field_validator("features")
    @classmethod
    def _are_each_once(cls, features: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(features)) < len(features):
            raise ValueError("names, each once")
        return features

    @model_validator(mode="after")
    def _can_have_features(self) -> ParticleNetwork:
        """Refuse what would need features that nobody has."""
        if self.features and any(step.step == "split" for step in self.training.augmentation):
            raise PydanticCustomError(
                "features",
                "either `features` or the step `split` of `augmentation`: what they are of the two "
                "parts of a particle is not known",
                {"remedy": "take `split` out of `augmentation`, or leave `features` out"},
            )
        if self.features and self.start_from and self.start_from.weaver:
            raise PydanticCustomError(
                "features",
                "either `features` or weights of weaver's, which are of its own features alone",
                {"remedy": "leave `features` out, or start from a training of Jetline's"},
            )
        return self

    def spreads(self, statistics: dict[str, Any]) -> dict[str, dict[str, float]]:
        """Give centre and width of each of the further features, in their order.

        Parameters
        ----------
        statistics : dict
            As `build` takes them: ``features`` has those of the training part.

        Raises
        ------
        JetlineError
            If the jets that are trained on have no such feature.
        """
        there = statistics.get("features", {})
        missing = [name for name in self.features if name not in there]
        if missing:
            raise JetlineError(
                f"features of {self.architecture}",
                found=f"{', '.join(missing)}, where the jets that are trained on have "
                f"{', '.join(there) or 'no further features'} in every file",
                expected="features that all of them have",
                remedy="name the columns by `features` of the dataset's `layout`, save them as "
                "`features` and `feature_names` of its .npz files, or leave them out here",
            )
        return {name: there[name] for name in self.features}
