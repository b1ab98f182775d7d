"""A layout of the user's own: written out, or a named one with some keys changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, model_validator

from jetline.jets.layouts.layout import Layout
from jetline.jets.layouts.named import NAMED

if TYPE_CHECKING:
    LayoutName = str
else:
    LayoutName = Literal[tuple(NAMED)]

#: Either key has to be there.
_REQUIRED = {"anyOf": [{"required": ["columns"]}, {"required": ["base"]}]}


def _either_is_required(schema: dict[str, Any]) -> None:
    schema.pop("required", None)
    schema.update(_REQUIRED)


class OwnLayout(Layout):
    """How the jets stand in a file of your own.

    A column is named as the file names it: a branch of ROOT, a column of Parquet, the path of a
    dataset of HDF5, an array of an `.npz`; with the field of a compound dataset or of records after
    it (`tracks/pt`). `[2]` after a name picks the feature of this number from an array of several,
    `[0:800:4]` every fourth one; `E_*` stands for the columns `E_0`, `E_1` and so on. A column
    whose name ends with `?` is used if the file has it.

    Where a row of the file is an event, columns of constituents are lists of lists, or `index`
    names a table; then labels and what is carried are of jets, or of events.

    With `base` the other keys, and those of `columns`, change a named layout; `null` takes a key
    of it away.
    """

    model_config: ClassVar = ConfigDict(json_schema_extra=_either_is_required)

    base: LayoutName | None = Field(
        None,
        description="name of the layout that the other keys change",
        examples=["jetclass"],
    )

    @model_validator(mode="before")
    @classmethod
    def _on_its_base(cls, told: Any) -> Any:
        """Fill in what the named layout says and the user does not."""
        if not isinstance(told, dict) or told.get("base") is None:
            return told
        if told["base"] not in list(NAMED):
            # Refused for its name alone, not for what it leaves to the base.
            return {"columns": NAMED["benchmark"].columns, **told}
        base = NAMED[told["base"]].model_dump(exclude_defaults=True)
        columns = told.get("columns", {})
        if isinstance(columns, dict):
            columns = base["columns"] | columns
        return _with_label(base, told) | told | {"columns": columns}

    def written(self) -> dict[str, Any]:
        """Write the layout down with the fewest keys, as JSON has them.

        Returns
        -------
        dict
            What is not at its default, or, with a base, not as there; `null` where the base has a
            key that this has not.
        """
        if self.base is None:
            return self.model_dump(mode="json", exclude_defaults=True)
        mine, base = (one.model_dump(mode="json") for one in (self, NAMED[self.base]))
        names, base_names = mine.pop("columns"), base.pop("columns")
        base = _with_label(base, mine)
        changed = {key: value for key, value in mine.items() if value != base.get(key)}
        columns = {key: name for key, name in names.items() if name != base_names[key]}
        return changed | ({"columns": columns} if columns else {})

    @property
    def called(self) -> str:
        """What messages call it."""
        if self.base is None:
            return super().called
        changed = ", ".join(key for key in self.written() if key != "base")
        return f"{self.base} with {changed} of your own" if changed else self.base


def _with_label(base: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a base says of its label where another one is told."""
    if told.get("label", base.get("label")) == base.get("label"):
        return base
    return base | {"label_values": {}, "other_labels": "refuse", "label_of_file": {}}
