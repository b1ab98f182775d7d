"""What every step that moves a centred jet says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np


class ImageStep(ABC):
    """One step; a class that is never made an instance of.

    The option of a recipe that asks for it has the name of its module.

    Attributes
    ----------
    order : int
        Steps are taken by rising order.
    description : str
        What the step does, for the configuration's documentation.
    axes : (str, str) or None
        What the axes of the image are called afterwards, if not rapidity and azimuth;
        ``{centre}`` in them stands for what the jet is centred on.
    """

    order: ClassVar[int]
    description: ClassVar[str]
    axes: ClassVar[tuple[str, str] | None] = None

    @staticmethod
    @abstractmethod
    def move(
        constituents: np.ndarray, multiplicities: np.ndarray, y: np.ndarray, phi: np.ndarray
    ) -> None:
        """Move the constituents of jets, each of which has its centre at the origin.

        Numba compiles the function and keeps the code on disk until its file changes, so that it
        calls nothing but NumPy and `math`. Sums run in the order of the constituents.

        Parameters
        ----------
        constituents : (n_jets, M, 4) float array
            As in a valid jet file.
        multiplicities : (n_jets,) int64 array
            Constituents of each jet; what is behind them is padding.
        y, phi : (n_jets, M) float64 arrays
            Rapidity and azimuth [rad] of each constituent from the centre. Overwritten.
        """
