"""The user's own files as a source of jets."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from jetline.core.files import short_hash
from jetline.sources.own_files import OwnFiles


class FilesSource(OwnFiles):
    """The user's own jet files, read where they lie."""

    key_pattern: ClassVar[str] = "files(?:-[0-9a-f]{10})?"
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
    weights: str | None = Field(
        None,
        min_length=1,
        description="name of the array with the weight of each jet (n_jets,), in training, figures "
        "of merit and validation; without it all count the same",
        examples=["weights"],
    )

    @property
    def key(self) -> str:
        """`files`; with weights, which the index of each file holds, their name tells it apart."""
        return "files" if self.weights is None else f"files-{short_hash(self.weights)}"

    @property
    def weights_array(self) -> str | None:
        """What `weights` says."""
        return self.weights
