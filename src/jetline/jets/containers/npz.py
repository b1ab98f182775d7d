"""NumPy archives of any arrays, by a layout that tells what they are."""

from __future__ import annotations

import contextlib
import zipfile
from typing import TYPE_CHECKING, Any, ClassVar

from jetline.jets.archive import DAMAGE, array_member
from jetline.jets.containers.container import Column, Columns, Container, reading, require_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_WHOLE = "a whole .npz archive"


class NpzContainer(Container):
    """NumPy archives: the first axis of each array counts the jets."""

    endings: ClassVar = (".npz",)
    beginnings: ClassVar = (b"PK\x03\x04", b"PK\x05\x06")

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path, tree: str | None) -> Iterator[Columns]:  # noqa: ARG003
        """Open an archive; pickles in it are no columns."""
        with reading(path, _WHOLE):
            archive = zipfile.ZipFile(path)
        with archive:
            yield _NpzColumns(path, archive)


class _NpzColumns(Columns):
    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        from jetline.core.errors import JetlineError

        self._path, self._archive = path, archive
        self.described = {}
        for member in archive.namelist():
            name = member.removesuffix(".npy")
            with contextlib.suppress(JetlineError, *DAMAGE):
                array = array_member(archive, path, name)
                if array.shape:
                    self.described[name] = Column(array.dtype, array.shape[1:], array.shape[0])

    def blocks(self, names: Sequence[str], rows: int) -> Iterator[dict[str, Any]]:
        require_rows(self.described, names, self._path)
        with reading(self._path, _WHOLE):
            members = [array_member(self._archive, self._path, name).blocks(rows) for name in names]
        while True:
            with reading(self._path, _WHOLE):
                block = [next(member, None) for member in members]
            if block[0] is None:
                return
            yield dict(zip(names, block, strict=True))
