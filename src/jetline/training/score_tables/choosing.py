"""Which kind of file scores are written to, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jetline.core.errors import JetlineError
from jetline.jets.containers import CONTAINERS
from jetline.training.score_tables import SCORE_TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.training.score_tables.score_table import ScoreTable


def score_table_of(output: Path) -> type[ScoreTable]:
    """Give the kind of file that a name tells; what writes it is installed.

    Raises
    ------
    JetlineError
        If the name ends otherwise than such files do, or a package is missing.
    """
    for name, kind in SCORE_TABLES.items():
        container = CONTAINERS[name]
        if output.name.lower().endswith(container.endings):
            container.require_packages(output)
            return kind
    raise JetlineError(
        f"--output {output}",
        found=f"a name that ends in {output.suffix}" if output.suffix else "a name of no kind",
        expected="scores.npz, scores.parquet, scores.root or scores.h5, which decides the format",
        remedy="change the end of the name",
    )
