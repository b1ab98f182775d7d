"""What every format of jet files says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np


class Rows(Protocol):
    """Padded constituents that are read a block at a time.

    Attributes
    ----------
    shape : (n_jets, M, 4)
        Of all of them, as the file says; `jetline.jets.validity` has yet to believe it.
    dtype : dtype
        Likewise.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the whole array."""

    @property
    def dtype(self) -> np.dtype:
        """Type of its numbers."""

    def blocks(self, rows: int) -> Iterator[np.ndarray]:
        """Give consecutive rows along the first axis; the next block may overwrite the last."""


@dataclass(frozen=True)
class OpenedJets:
    """The content of an opened jet file, as it stands there: validating it is the reader's.

    Parameters
    ----------
    constituents : Rows
        pT [GeV], rapidity, azimuth [rad] and PDG id, padded with rows of zeros at each jet's end.
    labels : (n_jets,) array or None
        1 quark, 0 gluon; None where the file has none.
    unread : dict of tuples of int
        Shapes of the arrays that the file has beside these, by their names: nobody reads them.
    told : tuple of str
        What was understood of the file, in sentences, where that is not fixed by its format.
    identity : callable
        Gives what the constituents that have been read tell of species at most: none, experimental
        or full.
    carried : mapping of (n_jets,) arrays
        Numbers of each jet that are kept beside it.
    feature_names : tuple of str
        Names of what the file tells of constituents beside momenta and species.
    features : Rows or None
        Its numbers (n_jets, M, n_features), in the order of the constituents; what stands there for
        padding says nothing. None where there are none.
    """

    constituents: Rows
    labels: np.ndarray | None
    unread: dict[str, tuple[int, ...]] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    identity: Callable[[], str] = lambda: "full"
    carried: Mapping[str, np.ndarray] = field(default_factory=dict)
    feature_names: tuple[str, ...] = ()
    features: Rows | None = None


class JetFormat(ABC):
    """One format of jet files; a class that is never made an instance of.

    Attributes
    ----------
    endings : tuple of str
        With which names of such files end, such as ``".npz"``.
    beginnings : tuple of bytes
        With one of which the content of such files begins.
    """

    endings: ClassVar[tuple[str, ...]]
    beginnings: ClassVar[tuple[bytes, ...]]

    @classmethod
    @abstractmethod
    def opened(cls, path: Path) -> AbstractContextManager[OpenedJets]:
        """Open a file for the time of a ``with`` block.

        Raises
        ------
        JetlineError
            If the file is missing, cut off, or not of this format; in the block, too.
        """

    @classmethod
    def opened_as(
        cls,
        path: Path,
        layout: Any,  # noqa: ARG003
        classes: Sequence[str] | None,  # noqa: ARG003
    ) -> AbstractContextManager[OpenedJets]:
        """Open a file by a layout, which says nothing where the format says all itself.

        Parameters
        ----------
        path : Path
            The file.
        layout : Layout, str or None
            What its columns are; None where they tell it themselves.
        classes : sequence of str or None
            Names of the classes by number, where they are known.
        """
        return cls.opened(path)
