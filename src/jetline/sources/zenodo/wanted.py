"""What is told of a file that is to be fetched."""

from __future__ import annotations

from typing import Protocol


class Wanted(Protocol):
    """A file that is to be fetched: its name, its size [bytes] if known, its sha256, where it is.

    `jetline.sources.zenodo.catalogue.ZenodoFile` is one.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def size(self) -> int | None: ...  # noqa: D102
    @property
    def sha256(self) -> str: ...  # noqa: D102
    @property
    def address(self) -> str: ...  # noqa: D102
