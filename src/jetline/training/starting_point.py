"""The file of weights that a training starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.models.starting_point import StartFrom


@dataclass(frozen=True)
class StartingPoint:
    """Where a training starts that does not start from random weights.

    Parameters
    ----------
    settings : StartFrom
        What is made of the weights.
    weights : Path
        A ``model.keras``, or a file of weaver's.
    sha256 : str
        Of this file.
    """

    settings: StartFrom
    weights: Path
    sha256: str
