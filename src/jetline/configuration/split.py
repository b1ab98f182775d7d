"""How jets are split: by shares, or by the names of files and datasets."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from jetline.core.settings import Settings

Duplicates = Annotated[
    Literal["refuse", "drop"],
    Field(
        description="jets with the same constituents, or the same but for rotation, reflection, "
        "shift or small smearing: `refuse` stops if they are in two parts (of the latter, if there "
        "are more than chance gives), "
        "`drop` leaves out all but one, which stays in the first of train, validation and test "
        "that has it; of another dataset the test jets that taggers train or validate on are left "
        "out"
    ),
]


class Split(Settings):
    """The shares of the jets that train, validate and test.

    Where they add up to less than 1, the rest of the jets is left out.
    """

    by: Literal["jet", "file"] = Field(
        "jet",
        description="what is assigned to a part: `jet` draws each jet at random, `file` assigns "
        "whole files, the first ones to training (as published for the benchmark)",
    )
    train: float = Field(
        0.8, gt=0, lt=1, description="share of the jets that taggers are trained on"
    )
    validation: float = Field(
        0.1,
        gt=0,
        lt=1,
        description="share of the jets that decide when a training stops and which epoch is best",
    )
    test: float = Field(
        0.1, gt=0, lt=1, description="share of the jets that only the evaluation uses"
    )

    duplicates: Duplicates = "refuse"

    @model_validator(mode="after")
    def _adds_up(self) -> Split:
        total = self.train + self.validation + self.test
        if total - 1 > 1e-9:
            raise ValueError(
                "shares that add up to 1, or to less if jets are to be left out; "
                f"train + validation + test, defaults included, is {total:g}"
            )
        return self

    @property
    def fractions(self) -> tuple[float, float, float]:
        """Shares of the training, validation and test part, in this order."""
        return (self.train, self.validation, self.test)


class NamedSplit(Settings):
    """A sample that is split already: each list has names of files and of datasets.

    A file is named by the end of its path, such as `train.npz` or `train/*.npz`, and is one of
    `train_on` or `test_on`; the name of a dataset stands for all its files, and before a file's,
    as in `mine/jets_0.npz`, tells whose it is. Taggers train on files of `train_on` alone; the
    validation part may be another dataset.
    """

    by: Literal["name"] = Field(
        description="`name`: each part has the files or datasets that its list names",
        examples=["name"],
    )
    train: tuple[str, ...] = Field(
        min_length=1,
        description="names of files, or of the dataset, that taggers are trained on",
        examples=[["train.npz"]],
    )
    validation: tuple[str, ...] = Field(
        min_length=1,
        description="names of files or datasets that decide when a training stops and which epoch "
        "is best",
        examples=[["validation.npz"]],
    )
    test: tuple[str, ...] = Field(
        min_length=1,
        description="names of files or datasets that only the evaluation uses",
        examples=[["test.npz"]],
    )
    duplicates: Duplicates = "refuse"


def _form_of_split(value: Any) -> str:
    """Tell by which class a split is read: names where it says so, or has a list."""
    if isinstance(value, dict):
        lists = [key for key in ("train", "validation", "test") if isinstance(value.get(key), list)]
        return "names" if lists or value.get("by") == "name" else "shares"
    return "names" if isinstance(value, NamedSplit) else "shares"


AnySplit = Annotated[
    Annotated[Split, Tag("shares")] | Annotated[NamedSplit, Tag("names")],
    Discriminator(_form_of_split),
]
