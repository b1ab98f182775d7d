"""The block `scan` of an entry: a grid of settings, or a study of a space of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator

from jetline.core.settings import Settings

#: Points of a grid, and trials of a study, at most: each is a training of its own.
MOST_POINTS = 2000
MOST_TRIALS = 1000


class Range(Settings):
    """Values of a setting between two ends."""

    low: int | float = Field(description="lowest value", examples=[1e-4])
    high: int | float = Field(description="highest value", examples=[1e-2])
    log: bool = Field(
        False, description="whether each factor, and not each difference, is equally likely"
    )

    @model_validator(mode="after")
    def _rises(self) -> Range:
        if self.low >= self.high:
            raise ValueError("a `low` below `high`")
        if self.log and self.low <= 0:
            raise ValueError("a `low` above 0, where `log` is true")
        return self


def _form_of_values(values: Any) -> str | None:
    if isinstance(values, list):
        return "list"
    return "range" if isinstance(values, dict | Range) else None


#: What a study may try of one setting.
Choice = Annotated[
    Annotated[list[Any], Tag("list")] | Annotated[Range, Tag("range")],
    Discriminator(_form_of_values),
]


class Grid(Settings):
    """Every combination of some values of settings, trained side by side with the first seed.

    The best of them on the validation part becomes the entry, which is then trained with all its
    seeds and compared with the others.
    """

    grid: dict[str, list[Any]] = Field(
        min_length=1,
        description="values of each setting, by its key within the entry; one within `training` "
        "is `training.<key>`",
        examples=[{"learning_rate": [1e-3, 3e-3], "training.schedule": ["constant", "cosine"]}],
    )


class Study(Settings):
    """Values of settings that Optuna proposes (extra `scan`), learning from the trials before.

    Trials are trained in rounds with the first seed. The best of them on the validation part
    becomes the entry, which is then trained with all its seeds and compared with the others.
    """

    space: dict[str, Choice] = Field(
        min_length=1,
        description="of each setting, by its key within the entry, a list of values or a range; "
        "one within `training` is `training.<key>`",
        examples=[{"learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}}],
    )
    trials: int = Field(30, ge=1, le=MOST_TRIALS, description="number of trainings")
    at_once: int = Field(
        4,
        ge=1,
        le=100,
        description="trials of a round, which are proposed together and trained side by side; the "
        "next round learns from them",
    )
    seed: int = Field(1, ge=0, description="seed of what is proposed")


#: Where the two forms of `scan` are told apart.
FORMS: dict[str, type[Grid] | type[Study]] = {"grid": Grid, "space": Study}


def form_of(scan: dict[str, Any]) -> type[Grid] | type[Study]:
    """Give the class that a block `scan` is read by."""
    return next((FORMS[key] for key in FORMS if key in scan), Grid)


def read_scan(scan: dict[str, Any]) -> Grid | Study:
    """Validate a block `scan`.

    Raises
    ------
    pydantic.ValidationError
        If a key or value is wrong.
    """
    return form_of(scan).model_validate(scan)
