"""Weights that a training starts from: the settings under `start_from` of an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from jetline.core.settings import Settings

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema


class StartFrom(Settings):
    """Weights that a training starts from, in place of random ones, to be tuned to other jets.

    One of `entry`, `training` and `weaver` says whose; `start_from: pfn-big` is short for
    `start_from: {entry: pfn-big}`. Layers are matched by name; those that are missing there, or
    have another shape, are made new, and the log names them. The log also lists the names of the
    layers that are taken over.
    """

    entry: str | None = Field(
        None,
        description="another entry of this configuration: its training of the same seed, or its "
        "only one, is done first",
        examples=["pfn"],
    )
    training: str | None = Field(
        None,
        description="folder of a finished training of another configuration, such as "
        "`results/runs/big/trainings/pfn/seed-1`",
        examples=["big/trainings/pfn/seed-1"],
    )
    weaver: str | None = Field(
        None,
        description="file of weights that weaver-core trained, a `state_dict` saved by PyTorch; "
        "for ParticleNet and the Particle Transformer",
        examples=["net.pt"],
    )
    freeze: tuple[str, ...] = Field(
        (),
        description="names of layers, or beginnings of names, that stay as they are taken over, "
        "statistics of their normalisations included",
        examples=[["phi"]],
    )
    head_rate: float = Field(
        1,
        gt=0,
        le=1000,
        description="by what the learning rate is multiplied for the layers that are made new, "
        "or, where none is, for the last layer",
        examples=[10.0],
    )
    unchecked_jets: bool = Field(
        False,
        description="whether to start even where it cannot be known that the weights have not "
        "been trained on jets which validate or test here, as of weaver's files; if they have, "
        "the tagger looks better than it is",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"entry": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _says_where(self) -> StartFrom:
        if sum(one is not None for one in (self.entry, self.training, self.weaver)) != 1:
            raise ValueError("one of entry, training and weaver")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Let a configuration write the name of an entry in place of the keys."""
        return {"anyOf": [{"type": "string"}, handler(schema)]}
