"""What every container of columns says of itself, and what is read from it."""

from __future__ import annotations

import contextlib
import importlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from jetline.core.errors import JetlineError
from jetline.core.limits import limit_of
from jetline.jets.foreign import refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np

#: Of one row, or of what a file packs together and can only be unpacked at once [bytes].
LARGEST_PIECE = 2**30


@dataclass(frozen=True)
class Column:
    """A column, before it is read.

    Parameters
    ----------
    dtype : dtype
        Of its numbers.
    shape : tuple of int or None
        Of one row; None where rows differ in length.
    rows : int
        How many there are.
    """

    dtype: np.dtype
    shape: tuple[int | None, ...]
    rows: int

    def __str__(self) -> str:
        lengths = ", ".join("*" if length is None else str(length) for length in self.shape)
        what = "text" if self.dtype.kind == "U" else self.dtype
        return f"{what} ({', '.join(filter(None, [str(self.rows), lengths]))})"


@dataclass(frozen=True)
class Jagged:
    """Rows of different lengths.

    Parameters
    ----------
    values : (n_values,) array or Jagged
        One row after the other; rows of lists where each row is a list of such.
    counts : (n_rows,) int64 array
        Length of each row.
    """

    values: Any
    counts: np.ndarray

    def __len__(self) -> int:
        return len(self.counts)


class Columns(ABC):
    """The columns of an opened file.

    Attributes
    ----------
    described : dict
        Each column that has numbers or text, by its name.
    """

    described: Mapping[str, Column]

    @abstractmethod
    def blocks(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        """Give consecutive rows of some columns, which have as many.

        Parameters
        ----------
        names : sequence of str
            Of `described`.
        rows : int
            Rows in a block; fewer in some.

        Yields
        ------
        dict
            By name, (n, ...) array or `Jagged`.

        Raises
        ------
        JetlineError
            If the file is cut off or damaged.
        """


class Container(ABC):
    """One kind of file that has columns; a class that is never made an instance of.

    Attributes
    ----------
    endings, beginnings : tuple
        As `jetline.jets.formats.jet_format.JetFormat` has them.
    packages : tuple of str
        What has to be installed to read it, which need not be.
    """

    endings: ClassVar[tuple[str, ...]]
    beginnings: ClassVar[tuple[bytes, ...]]
    packages: ClassVar[tuple[str, ...]] = ()

    @classmethod
    @abstractmethod
    def opened(cls, path: Path, tree: str | None) -> AbstractContextManager[Columns]:
        """Open a file for the time of a ``with`` block.

        Parameters
        ----------
        path : Path
            The file.
        tree : str or None
            Which of several tables of the file; None where there is one.

        Raises
        ------
        JetlineError
            If the file is missing, cut off, or has no such table.
        """

    @classmethod
    def require_packages(cls, path: Path) -> None:
        """Make sure that what reads, or writes, the file is installed.

        Raises
        ------
        JetlineError
            If it is not.
        """
        for package in cls.packages:
            try:
                importlib.import_module(package)
            except ImportError:
                raise JetlineError(
                    str(path),
                    found=f"the package {package} is not installed, which such files need",
                    expected=" and ".join(cls.packages),
                    remedy="install what reads and writes foreign files, in the checkout: "
                    "pip install -e '.[formats]'",
                ) from None


@contextlib.contextmanager
def reading(path: Path, what: str) -> Iterator[None]:
    """Tell whatever a foreign reader raises about a file that it cannot read as one error.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it ought to be, such as ``"a whole ROOT file"``.
    """
    try:
        yield
    except (JetlineError, MemoryError):
        raise
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise refused(path, error) from None
    except Exception as error:  # noqa: BLE001 - each of these libraries raises its own
        if limit := limit_of(error, path):
            raise limit from None
        told = " ".join(str(error).split())[:160]
        raise JetlineError(
            str(path),
            found=f"a file that is cut off or damaged ({type(error).__name__}: {told})",
            expected=what,
            remedy="fetch or make it again, and compare its size with the original's",
        ) from None


def in_turn(blocks: Iterator[Any], path: Path, what: str) -> Iterator[Any]:
    """Give what an iterator of a foreign reader gives; its errors as `reading` tells them."""
    while True:
        with reading(path, what):
            block = next(blocks, None)
        if block is None:
            return
        yield block


def require_rows(described: Mapping[str, Column], names: Sequence[str], path: Path) -> int:
    """Give the number of rows that columns have.

    Raises
    ------
    JetlineError
        If they have not as many.
    """
    rows = {name: described[name].rows for name in names}
    if len(set(rows.values())) > 1:
        told = ", ".join(f"{name} {number}" for name, number in rows.items())
        raise JetlineError(
            f"{path}, columns",
            found=f"unequal numbers of rows: {told}",
            expected="a row of each for every jet",
            remedy="name columns of the same jets in `layout`, or make the file again",
        )
    return next(iter(rows.values()))
