"""How a network is trained: the settings under `training` of an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import Field, ValidationInfo, field_validator

from jetline.core.settings import Settings
from jetline.inputs.augmentation import AUGMENTATION_STEPS

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

    from jetline.inputs.augmentation.augmentation_step import AugmentationStep

    AnyStep = AugmentationStep
else:
    #: A step of any class that is registered; its key `step` tells which.
    AnyStep = Annotated[Union[tuple(AUGMENTATION_STEPS.values())], Field(discriminator="step")]  # noqa: UP007


class TrainingRecipe(Settings):
    """How a network is trained, beside epochs, batch size, rate and patience.

    `training: published` is the recipe of the architecture's paper, which also sets the entry's
    epochs, batch size, learning rate and patience; keys that the entry names itself stay its own:
    `training: {recipe: published, precision: bfloat16}`.
    """

    recipe: Literal["published"] | None = Field(
        None,
        exclude=True,
        description="`published`: all keys that are not named are those of the architecture's "
        "paper, where they would else be the defaults below",
    )
    optimiser: Literal["adam", "adamw", "lion", "radam"] = Field(
        "adam",
        description="`adam`, `lion` (with a rate of a third or less of Adam's) and `radam` "
        "(Adam whose first steps are small); `adamw` is `adam` with a `weight_decay`, 0.01 if "
        "none is named",
    )
    lookahead: bool = Field(
        False,
        description="after each 6 steps go only half of the way that they went "
        "(arXiv:1907.08610), around any optimiser",
    )
    weight_decay: float = Field(
        0,
        validate_default=True,
        ge=0,
        lt=1,
        description="share of each weight, times the learning rate, that a step takes off; biases "
        "and normalisations are left alone",
    )
    schedule: Literal[
        "constant", "warm-up", "cosine", "one-cycle", "flat-exponential", "plateau"
    ] = Field(
        "constant",
        description="of the learning rate: `warm-up` rises to it over `warm_up` and stays; "
        "`cosine` rises likewise and falls to 0 as a cosine; `one-cycle` rises from a tenth over "
        "the first 40 %, falls to a tenth over the next 40 % and to nothing at the end; "
        "`flat-exponential` stays for 70 % and falls exponentially to 1 %; `plateau` is divided by "
        "5 after each half of `patience` without gain",
    )
    warm_up: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="share of the training over which `warm-up` and `cosine` let the rate rise",
    )
    clip: float | None = Field(
        None,
        gt=0,
        description="largest norm of the gradient of all weights together; a longer one is "
        "shortened to it",
    )
    averaging: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="keep an average of the weights, each step's with this share of the one "
        "before, such as 0.999; the average is what is validated and saved",
    )
    precision: Literal["float32", "tf32", "bfloat16", "float16"] = Field(
        "float32",
        description="of products of matrices and what lies between layers; weights, "
        "normalisations, softmax, loss and ln m2 of pairs stay in float32, and with `float16` "
        "the loss is scaled. `tf32`: float32 whose products an NVIDIA GPU (A100 and later) rounds "
        "to 10 bits, which is faster; on a CPU it is `float32`",
    )
    label_smoothing: float = Field(
        0, ge=0, lt=1, description="share of each label that is given to all classes alike"
    )
    double_batch_after: tuple[int, ...] = Field(
        (),
        description="epochs after which batches are twice as large, in place of a lower rate "
        "(arXiv:1711.00489)",
        examples=[[10, 15]],
    )
    class_weights: Literal["equal", "balanced"] | dict[str, float] = Field(
        "equal",
        description="weight of each class's jets in the loss; `balanced`: as if the training part "
        "had as many of each",
        examples=[{"gluon": 1.0, "quark": 2.0}],
    )
    early_stopping: Literal["loss", "auc"] = Field(
        "loss",
        description="of the validation part: what tells the best epoch, and when `patience` is "
        "over",
    )
    augmentation: tuple[AnyStep, ...] = Field(
        (),
        description="steps that change the training jets, drawn anew in each epoch, in this order; "
        "validation and test jets stay as they are",
        examples=[[{"step": "rotate"}, {"step": "smear", "pt": 0.02}]],
    )

    @field_validator("weight_decay")
    @classmethod
    def _decays(cls, decay: float, info: ValidationInfo) -> float:
        return 0.01 if info.data.get("optimiser") == "adamw" and not decay else decay

    @field_validator("double_batch_after")
    @classmethod
    def _rise(cls, epochs: tuple[int, ...]) -> tuple[int, ...]:
        if any(a >= b for a, b in zip((0, *epochs), epochs, strict=False)):
            raise ValueError("rising numbers of epochs, from 1")
        if len(epochs) > 6:
            raise ValueError("at most six doublings")
        return epochs

    @field_validator("class_weights")
    @classmethod
    def _weigh_all(cls, weights: Any) -> Any:
        if isinstance(weights, dict) and (len(weights) < 2 or min(weights.values()) <= 0):
            raise ValueError("a weight above 0 for each of the classes")
        return weights

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Let a configuration write `published` in place of the keys."""
        return {"anyOf": [{"const": "published"}, handler(schema)]}
