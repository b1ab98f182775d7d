"""What a shard holds, and what it was made of: ``manifest.json``."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from jetline.records.record import Record


class _Sparse(Record):
    """A record that leaves out what is None."""

    @model_serializer(mode="wrap")
    def _told(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if value is not None}


class SavedArray(_Sparse):
    """One array or table of a shard.

    Attributes
    ----------
    shape : list of int
        Of the array.
    dtype : str
        Of its numbers.
    xxh3_128 : str
        XXH3 of the file, 128 bits in hexadecimal digits.
    columns : list of str or None
        Names of the columns, if it is a table.
    names : list of str or None
        Names along the last axis of an array, where a user has given them.
    """

    shape: list[int]
    dtype: str
    xxh3_128: str
    columns: list[str] | None = None
    names: list[str] | None = None

    @model_validator(mode="after")
    def _is_named_throughout(self) -> SavedArray:
        if self.names is not None and self.shape[-1:] != [len(self.names)]:
            raise ValueError(f"{len(self.names)} names for an array of shape {self.shape}")
        return self


class JetSource(Record):
    """The jet file that a shard was made from, and its SHA-256."""

    file: str
    sha256: str


class Manifest(_Sparse):
    """The content of a shard.

    Attributes
    ----------
    source : JetSource
        What it was made from.
    jets : dict
        Jets of each label that occurs; 255 stands for a missing one.
    arrays : dict
        Its arrays and tables by name, the labels among them.
    jetline : str
        Version of this package.
    inputs : str
        What the arrays are: `images/<recipe>`, `particles` or another kind of inputs.
    recipe : dict or None
        For images: settings of the recipe.
    identity : str or None
        For images: what they tell of the particles' species.
    """

    what: ClassVar[str] = "the manifest of a shard, written when all its arrays are there"
    remedy: ClassVar[str] = "remove the shard's folder and run the workflow again"

    source: JetSource
    jets: dict[str, int]
    arrays: dict[str, SavedArray]
    jetline: str
    inputs: str
    recipe: dict[str, Any] | None = None
    identity: str | None = None
