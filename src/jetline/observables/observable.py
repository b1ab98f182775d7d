"""What an observable of single jets is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from jetline.jets.kinematics import Frame


@dataclass(frozen=True)
class Observable:
    """An observable of single jets.

    Parameters
    ----------
    label : str
        What a table or an axis calls it.
    unit : str
        Empty for a pure number.
    definition : str
        Its formula, and where it comes from.
    compute : callable
        Gives an (n_jets,) float64 array for the jets of a `Frame`.
    """

    label: str
    unit: str
    definition: str
    compute: Callable[[Frame], np.ndarray]
