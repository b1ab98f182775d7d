"""Scores as a dataset of HDF5."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from jetline.core.files import atomic
from jetline.training.score_tables.score_table import ScoreTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jetline.training.score_tables.score_table import ScoredBlock, ScoredJets

#: Of the dataset: where salt writes its scores, and puma looks for them.
_DATASET = "jets"

#: Rows that are packed together, some 200 kB.
_CHUNK = 10_000


class _Stream(io.RawIOBase):
    """What HDF5 writes to: it is not told of a write that fails, such as on a full disk.

    The library cannot close a file that it cannot write to, and ends the process with it.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self._raw = path.open("w+b", buffering=0)
        self._error: OSError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int | None:
        return self._raw.readinto(target)

    def seek(self, place: int, whence: int = 0, /) -> int:
        return self._raw.seek(place, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def write(self, content: Any) -> int:
        left = memoryview(content)
        with self._kept():
            while left and not self._error:
                left = left[self._raw.write(left) :]
        return len(content)

    def truncate(self, size: int | None = None) -> int:
        with self._kept():
            self._raw.truncate(size)
        return size or 0

    def close(self) -> None:
        self._raw.close()
        super().close()

    @contextlib.contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._error = self._error or error

    def require_written(self) -> None:
        """Raise what a write has failed of."""
        if self._error:
            raise self._error


class Hdf5Scores(ScoreTable):
    """One compound dataset ``jets``, so that a row stays together and one line makes a table of it.

    ``label`` is -1 where there is none, ``file`` the number of a name in the dataset ``files``;
    tagger and classes are attributes of the file. It is packed by gzip, which every HDF5 library
    unpacks.
    """

    @classmethod
    @contextlib.contextmanager
    def written(cls, output: Path, scored: ScoredJets) -> Iterator[Callable[[ScoredBlock], None]]:
        """Write each block behind those before."""
        # Only now: it need not be installed.
        import h5py

        dtype = np.dtype(list(scored.numbers.items()))
        with atomic(output) as temporary, contextlib.closing(_Stream(temporary)) as stream:
            with h5py.File(stream, "w") as file:
                file.attrs.update(scored.told)
                # No attribute, which may have 64 kB.
                file.create_dataset("files", data=list(scored.files), dtype=h5py.string_dtype())
                table = file.create_dataset(
                    _DATASET,
                    shape=(0,),
                    maxshape=(None,),
                    dtype=dtype,
                    chunks=(_CHUNK,),
                    compression="gzip",
                    compression_opts=1,
                    shuffle=True,
                )

                def write(block: ScoredBlock) -> None:
                    rows = np.empty(len(block), dtype)
                    for name, values in scored.in_numbers(block).items():
                        rows[name] = values
                    start = len(table)
                    table.resize(start + len(block), axis=0)
                    table[start:] = rows
                    stream.require_written()

                yield write
            stream.require_written()
