"""The published benchmark as a source of jets."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field

from jetline.sources.source import Source
from jetline.sources.zenodo.catalogue import file_named, sample_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Jets in each file.
_JETS = 100_000


class ZenodoSource(Source):
    """The benchmark's own files, downloaded from Zenodo: 100,000 jets and about 100 MB each."""

    key_pattern: ClassVar[str] = "zenodo-(pythia|herwig)(-withbc)?"

    source: Literal["zenodo"] = Field(
        description="`zenodo`: the published benchmark; each file is verified by its sha256"
    )
    sample: Literal["pythia", "pythia-withbc", "herwig", "herwig-withbc"] = Field(
        description="one of the benchmark's four samples; only those with `withbc` have charm and "
        "bottom jets, and jets of two samples are never mixed",
        examples=["pythia"],
    )
    files: int = Field(
        20, ge=1, le=20, description="number of files to take, from the first of the sample on"
    )
    mirrors: tuple[str, ...] = Field(
        (),
        description="base addresses and local folders where the files are looked for before "
        "Zenodo, in this order",
        examples=[["/data/zenodo"]],
    )

    @property
    def key(self) -> str:
        """Name of the source's folder: that of the sample."""
        return f"zenodo-{self.sample}"

    def jet_files(self, _bundled: Path, /) -> dict[str, str | None]:
        """List the files, under the benchmark's own names; the workflow downloads them."""
        files = sample_files(self.sample)[: self.files]
        return {file.name.removesuffix(".npz"): None for file in files}

    def jets_in(self, files: Mapping[str, str | None], /) -> int:
        """Give the number of jets in some of the benchmark's files."""
        return len(files) * _JETS

    @classmethod
    def arguments(cls, sources: Sequence[Self], /) -> list[str]:
        """List the arguments of ``jetline download``: how many files there are, and the mirrors."""
        mirrors = dict.fromkeys(mirror for source in sources for mirror in source.mirrors)
        files = max((source.files for source in sources), default=1)
        return ["--files", str(files), "--mirrors", *mirrors]

    def sha256(self, name: str, /) -> str | None:
        """Return the sha256 of a file of the benchmark."""
        return file_named(f"{name}.npz").sha256
