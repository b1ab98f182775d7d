"""Reading one array of an ``.npz`` archive piece by piece, checked and never unpickled.

The archive's directory is read by `zipfile` and an array's header by NumPy. What is deflated is
inflated by zlib-ng, three times as fast as zlib; the checksum is compared at the array's end.
Nothing is unpacked into a file, and nothing is believed of a size before it is plausible.
"""

from __future__ import annotations

import contextlib
import io
import math
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from zlib_ng import gzip_ng, zlib_ng

from jetline.core.errors import JetlineError
from jetline.core.limits import require_memory
from jetline.core.packing import require_plausible
from jetline.jets import mending

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What a damaged archive raises: `RuntimeError` where a member says that it is encrypted or packed
#: by an unknown method, `EOFError` where it ends early, `OSError` at an offset below nought.
DAMAGE: tuple[type[Exception], ...] = (  # type: ignore[assignment]
    zipfile.BadZipFile,
    zlib.error,
    zlib_ng.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)

#: Of a header of NumPy's; the longest that it reads without being told to has 10,000.
_HEADER_BYTES = 2**14


class _Framed(io.RawIOBase):
    """A deflated member as a gzip file: the same bytes between another header and trailer.

    Its reader compares length and checksum at the end with the trailer's, which are those of the
    archive's directory.
    """

    _HEADER = b"\x1f\x8b\x08" + bytes(7)  # RFC 1952: deflated, no name, no time

    def __init__(self, raw: io.FileIO, member: zipfile.ZipInfo) -> None:
        self._raw, self._left = raw, member.compress_size
        self._header = self._HEADER
        self._trailer = struct.pack("<II", member.CRC, member.file_size & 0xFFFFFFFF)

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        """Fill `target` with what comes next of header, member and trailer."""
        if self._header:
            part, self._header = self._header[: len(target)], self._header[len(target) :]
        elif self._left:
            read = self._raw.readinto(target[: self._left])
            if not read:
                raise EOFError("compressed data end early")
            self._left -= read
            return read
        else:
            part, self._trailer = self._trailer[: len(target)], self._trailer[len(target) :]
        target[: len(part)] = part
        return len(part)


@dataclass(frozen=True)
class Member:
    """One array of an opened archive.

    Parameters
    ----------
    archive : zipfile.ZipFile
        The archive.
    info : zipfile.ZipInfo
        The member.
    header_bytes : int
        Length of the array's header.
    shape, dtype
        The array's, as its header says; their bytes are as many as the archive has.
    fortran_order : bool
        Whether the first axis runs fastest.
    """

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    header_bytes: int
    shape: tuple[int, ...]
    dtype: np.dtype
    fortran_order: bool

    @property
    def nbytes(self) -> int:
        """Bytes of the array in memory."""
        return math.prod(self.shape) * self.dtype.itemsize

    def read(self) -> np.ndarray:
        """Read the whole array.

        Raises
        ------
        JetlineError
            If it is larger than the memory.
        """
        name = self.info.filename.removesuffix(".npy")
        require_memory(f"{self.archive.filename}, array {name}", self.nbytes)
        flat = np.empty(math.prod(self.shape), self.dtype)
        for _ in self._fill(flat, len(flat)):
            pass
        return flat.reshape(self.shape, order="F" if self.fortran_order else "C")

    def blocks(self, rows: int) -> Iterator[np.ndarray]:
        """Give consecutive rows along the first axis, in one buffer that the next block overwrites.

        The checksum is compared before the last block is given. An array in Fortran order is read
        as a whole.
        """
        if self.fortran_order:
            whole = self.read()
            for start in range(0, self.shape[0], rows):
                yield np.ascontiguousarray(whole[start : start + rows])
            return
        width = math.prod(self.shape[1:])
        flat = np.empty(min(rows, self.shape[0]) * width, self.dtype)
        for filled in self._fill(flat, self.shape[0] * width):
            yield flat[:filled].reshape(-1, *self.shape[1:])

    def _fill(self, flat: np.ndarray, values: int) -> Iterator[int]:
        """Fill the buffer again and again until all values are read; how far each time."""
        buffer = flat.view(np.uint8).data
        needed, got = values * self.dtype.itemsize, 0
        with open_member(self.archive, self.info) as stream:
            stream.read(self.header_bytes)
            while got < needed:
                wanted = min(len(buffer), needed - got)
                read = stream.readinto(buffer[:wanted])
                got += read
                if read < wanted:
                    raise EOFError(f"expected {needed} bytes got {got}")
                if got == needed and stream.read(1):  # at the end, where the checksum is compared
                    raise EOFError(f"more than the {needed} bytes expected")
                yield read // self.dtype.itemsize


@contextlib.contextmanager
def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[Any]:
    """Open a member for reading from its first byte."""
    # zipfile's own stream compares the member's header with the directory; what is not deflated,
    # it also reads.
    with archive.open(info) as plain:
        if info.compress_type != zipfile.ZIP_DEFLATED:
            yield plain
            return
    with Path(str(archive.filename)).open("rb", buffering=0) as raw:
        raw.seek(info.header_offset + 26)
        name_bytes, extra_bytes = struct.unpack("<HH", raw.read(4))
        raw.seek(name_bytes + extra_bytes, 1)
        with gzip_ng.GzipNGFile(fileobj=_Framed(raw, info), mode="rb") as stream:
            yield stream


def array_member(archive: zipfile.ZipFile, path: Path, name: str) -> Member:
    """Read the header of one array: a shape is believed only if the bytes are there.

    Raises
    ------
    JetlineError
        If the member is no array, one of Python objects, not of its declared size, or packed as
        no array is.
    """
    where = f"{path}, array {name}"
    info = archive.getinfo(f"{name}.npy")
    require_plausible(where, info, path.stat().st_size)
    with open_member(archive, info) as stream:
        counted = _Counted(stream)
        try:
            version = np.lib.format.read_magic(counted)
            read_header = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, fortran_order, dtype = read_header(counted)
        except (ValueError, KeyError) as error:
            raise JetlineError(
                where,
                found=f"no NumPy array ({error})",
                expected="an array saved by NumPy",
                remedy="save it again",
            ) from None
    if dtype.hasobject:
        raise JetlineError(
            where,
            found=f"dtype {dtype} (a pickle, which is never loaded)",
            expected="numbers",
            remedy=mending.objects(name, shape),
        )
    needed, there = dtype.itemsize * math.prod(shape), info.file_size - counted.bytes
    if needed != there:
        raise JetlineError(
            where,
            found=f"shape {shape} of {dtype}, which is {needed} bytes, over {there} bytes of data",
            expected="as many bytes as the shape declares",
            remedy="the file is damaged: fetch or make it again",
        )
    return Member(archive, info, counted.bytes, shape, dtype, fortran_order)


class _Counted:
    """A stream that counts what is read of it, in `bytes`, which are no more than a header's."""

    def __init__(self, stream: Any) -> None:
        self._stream, self.bytes = stream, 0

    def read(self, size: int = -1, /) -> bytes:
        """Read up to `size` bytes."""
        if not 0 <= size <= _HEADER_BYTES - self.bytes:
            raise ValueError(f"a header of more than {_HEADER_BYTES:,} bytes")
        content = self._stream.read(size)
        self.bytes += len(content)
        return content
