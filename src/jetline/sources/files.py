"""The user's own files as a source of jets."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from jetline.sources.own_files import OwnFiles


class FilesSource(OwnFiles):
    """The user's own jet files, read where they lie."""

    key_pattern: ClassVar[str] = "files"
    species_unknown: ClassVar[bool] = True
    called: ClassVar[str] = "a jet file"

    source: Literal["files"] = Field(
        description="`files`: your own jet files, in the benchmark's format"
    )
    paths: tuple[str, ...] = Field(
        min_length=1,
        description="paths of jet files, or patterns such as `jets/*.npz`, relative to the "
        "working directory; a path that exists is taken as it is",
        examples=[["jets/*.npz"]],
    )
