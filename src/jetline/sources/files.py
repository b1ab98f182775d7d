"""The user's own files as a source of jets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from jetline.core.files import short_hash
from jetline.jets.layouts.named import NAMED
from jetline.jets.layouts.own import LayoutName, OwnLayout
from jetline.jets.reading import format_by_name
from jetline.sources.own_files import OwnFiles

if TYPE_CHECKING:
    from collections.abc import Mapping


def _form(value: Any) -> str:
    """Tell the name of a layout from one of the user's own."""
    return "own" if isinstance(value, dict | OwnLayout) else "named"


AnyLayout = Annotated[
    Annotated[LayoutName, Tag("named")] | Annotated[OwnLayout, Tag("own")], Discriminator(_form)
]


class FilesSource(OwnFiles):
    """The user's own jet files.

    Those of the benchmark's form (`.npz`) are read where they lie. ROOT, HDF5 and Parquet files,
    and by a `layout` all files, are imported first, into `results/jets`; docs/formats.md tells how.
    """

    key_pattern: ClassVar[str] = r"files(?:-[0-9a-f]{10})?"
    species_unknown: ClassVar[bool] = True
    called: ClassVar[str] = "a jet file"

    source: Literal["files"] = Field(
        description="`files`: your own jet files, in the benchmark's format, ROOT, HDF5 or Parquet"
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
    layout: AnyLayout | None = Field(
        None,
        description="what the columns of the files are: the name of a layout, "
        + ", ".join(f"`{name}`" for name in NAMED)
        + ", or keys of your own, which may change the one that `base` names; if left out, the "
        "columns of a ROOT, HDF5 or Parquet file decide",
        examples=[{"columns": {"pt": "part_pt", "eta": "part_eta", "phi": "part_phi"}}],
    )

    @property
    def key(self) -> str:
        """``files``, and a hash of the layout and of what weights are called if there are any."""
        told = [self.layout_told, self.weights]
        return self.source if told == [None, None] else f"{self.source}-{short_hash(told)}"

    @property
    def weights_array(self) -> str | None:
        """What `weights` says."""
        return self.weights

    @property
    def layout_told(self) -> Any:
        """The layout as its name, as a dict with the fewest keys, or None."""
        if isinstance(self.layout, OwnLayout):
            return self.layout.written()
        return self.layout

    def jet_files(self, bundled: Path, /) -> dict[str, str | None]:
        """List the files, None for those that are imported.

        Raises
        ------
        JetlineError
            If a path or pattern matches no file.
        """
        files = super().jet_files(bundled)
        return {name: path if self._as_it_lies(path) else None for name, path in files.items()}

    def imported(self) -> dict[str, str]:
        """List the files that are imported."""
        files = super().jet_files(Path())
        return {name: path for name, path in files.items() if path and not self._as_it_lies(path)}

    def jets_in(self, files: Mapping[str, str | None], /) -> int:
        """Estimate the number of jets by the size of the files, wherever they lie."""
        return super().jets_in({**files, **self.imported()})

    def _as_it_lies(self, path: str | None) -> bool:
        """Whether a file is read where it lies: by its name a foreign one is not."""
        return self.layout is None and format_by_name(path or "") in (None, "npz")
