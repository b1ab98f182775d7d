"""The bundled sample as a source of jets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from jetline.core.errors import JetlineError
from jetline.sources.source import Source


class SampleSource(Source):
    """The bundled sample: 20,000 jets in four files."""

    key_pattern: ClassVar[str] = "sample"

    source: Literal["sample"] = Field(
        description="`sample`: the jets in resources/sample, which come with the workflow"
    )

    def jet_files(self, bundled: Path, /) -> dict[str, str | None]:
        """List the bundled files, by paths relative to the working directory.

        Snakemake compares paths as text: absolute ones would rerun everything when the checkout and
        its results move together.

        Raises
        ------
        JetlineError
            If the folder has no jet files.
        """
        paths = sorted(Path(bundled).glob("*.npz"))
        if not paths:
            raise JetlineError(
                f"bundled sample in {bundled}",
                found="no jet files",
                expected="QG_jets_0.npz to QG_jets_3.npz",
                remedy="check out the whole repository again: git checkout -- resources",
            )
        # docs/decisions.md: The bundled sample has relative paths
        return {path.stem: os.path.relpath(path) for path in paths}
