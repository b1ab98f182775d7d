"""Jets drawn from a generative model of the same configuration as a source of jets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr

from jetline.core.files import short_hash
from jetline.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class DrawnSource(Source):
    """Jets drawn from an entry of `generative`, as many of each class, shuffled.

    They are of this run alone: another run with the same entry trains a model of its own. All of
    them are test jets, whatever the shares of `split`.
    """

    key_pattern: ClassVar[str] = "drawn-[0-9a-f]+"
    tests_alone: ClassVar[bool] = True

    source: Literal["drawn"] = Field(
        description="`drawn`: jets that a model of `generative` draws once it is trained"
    )
    model: str = Field(
        description="name of an entry of `generative`, whose model draws particles",
        examples=["flow"],
    )
    training_seed: int | None = Field(
        None, ge=0, description="which training of the entry draws; its first if left out"
    )
    files: int = Field(1, ge=1, le=10_000, description="number of jet files; each is one job")
    jets_per_file: int = Field(
        5000, ge=1, le=1_000_000, description="number of jets in each file, of all classes"
    )
    seed: int = Field(
        1, ge=0, description="seed of the drawing; the jets of file k depend on it and on k"
    )
    solver: Literal["euler", "midpoint", "heun"] = Field(
        "midpoint", description="method for the differential equation that takes noise to particles"
    )
    steps: int = Field(20, ge=1, le=10_000, description="number of its steps, which cost the time")
    species_steps: int = Field(
        20, ge=1, le=10_000, description="number of steps in which particles are told their species"
    )
    classes: tuple[str, ...] | None = Field(
        None,
        min_length=1,
        description="names of the classes that are drawn; all of the configuration if left out",
        examples=[["quark"]],
    )
    pt_window: tuple[float, float] | None = Field(
        None,
        description="scalar sum of pT [GeV] of the drawn jets, lowest and highest, within that of "
        "the jets trained on; theirs if left out",
        examples=[[500, 550]],
    )
    multiplicity: tuple[int, int] | None = Field(
        None,
        description="number of constituents of the drawn jets, fewest and most, likewise",
        examples=[[20, 80]],
    )

    _run: str = PrivateAttr("")

    def belong_to(self, run: str) -> None:
        """Take the name of the run, whose jets have a key of their own."""
        self._run = run

    @property
    def key(self) -> str:
        """Name of the source's folder: of the run, the entry, and how it is drawn."""
        # docs/decisions.md: Drawn jets lie beside all others
        settings = self.model_dump(mode="json", exclude={"source", "files"}, exclude_defaults=True)
        return f"drawn-{short_hash({'run': self._run} | settings)}"

    @property
    def classes_made(self) -> None:
        """Nothing that could differ: they are the configuration's."""

    def jet_files(self, _bundled: Path, /) -> dict[str, str | None]:
        """List the files; the workflow draws them."""
        return {f"jets_{number}": None for number in range(self.files)}

    def jets_in(self, files: Mapping[str, str | None], /) -> int:
        """Give the number of jets that will be drawn into some files."""
        return len(files) * self.jets_per_file

    @classmethod
    def arguments(cls, sources: Sequence[Self], /) -> list[str]:
        """List the arguments of ``jetline draw-jets``: what decides the jets beside the model."""
        source = sources[0]  # The others differ at most in their number of files.
        told: dict[str, Any] = {
            "--jets": source.jets_per_file,
            "--drawing-seed": source.seed,
            "--solver": source.solver,
            "--steps": source.steps,
            "--species-steps": source.species_steps,
        }
        if source.classes:
            told["--classes"] = ",".join(source.classes)
        for option, window in (
            ("--pt-window", source.pt_window),
            ("--multiplicity", source.multiplicity),
        ):
            if window:
                told[option] = ",".join(map(str, window))
        return [str(word) for pair in told.items() for word in pair]
