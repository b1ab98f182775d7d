"""What all records have in common: one JSON file, checked when it is read."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from jetline.core.errors import JetlineError
from jetline.core.files import read_json, write_json


class Record(BaseModel):
    """A JSON file that one stage writes and another reads.

    Subclasses say in `what` what the file is, and in `remedy` what makes it anew.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: ClassVar[str] = "a file written by jetline"
    remedy: ClassVar[str] = "remove it and run the step that makes it again"

    def write(self, path: Path, *, flushed: bool = True) -> None:
        """Write the record as JSON, whole or not at all.

        Parameters
        ----------
        path : Path
            The file; its folder is created if missing.
        flushed : bool
            Whether to wait until the disk has it.
        """
        write_json(Path(path), self.model_dump(mode="json"), flushed=flushed)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote.

        Raises
        ------
        JetlineError
            If the file is missing, no JSON, or not of this version: names the first wrong key.
        """
        content = read_json(Path(path))
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise JetlineError(
                str(path) + (f", {place}" if place else ""),
                found=f"{first['msg'][:1].lower()}{first['msg'][1:]}",
                expected=f"{cls.what}, of this version of jetline",
                remedy=cls.remedy,
            ) from None
