"""Reading one array of an ``.npz`` archive piece by piece, checked and never unpickled.

The archive's directory is read by `zipfile` and an array's header by NumPy. What is deflated is
inflated by ISA-L, several times faster than zlib; the checksum is compared at the end of the array.
"""

from __future__ import annotations

import contextlib
import math
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from isal import igzip_lib, isal_zlib

from jetline.errors import JetlineError

_COMPRESSED = 1 << 18  # bytes read from the disk at a time
_INFLATED = 1 << 18  # bytes inflated at a time, which a processor's cache holds

#: What a damaged archive raises: `RuntimeError` where a member says that it is encrypted or packed
#: by an unknown method, `EOFError` where it ends early, `OSError` at an offset below nought.
DAMAGE = (
    zipfile.BadZipFile,
    zipfile.zlib.error,
    isal_zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


class Inflating:
    """A deflated member as a stream that ends with an error unless the checksum is right.

    Parameters
    ----------
    raw : binary file
        The archive, at the member's first compressed byte.
    member : zipfile.ZipInfo
        The archive's directory entry.
    """

    def __init__(self, raw: BinaryIO, member: zipfile.ZipInfo) -> None:
        self._raw, self._member = raw, member
        self._left = member.compress_size
        self._inflate = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE)
        self._checksum = 0
        self._piece = memoryview(b"")

    def readinto(self, target: memoryview) -> int:
        """Fill `target` as far as the member goes; the number of bytes."""
        filled = 0
        while filled < len(target):
            if not self._piece and not self._next():
                break
            taken = self._piece[: len(target) - filled]
            target[filled : filled + len(taken)] = taken
            self._piece = self._piece[len(taken) :]
            filled += len(taken)
        return filled

    def read(self, size: int) -> bytes:
        """At most `size` bytes, fewer only at the end."""
        target = bytearray(size)
        return bytes(target[: self.readinto(memoryview(target))])

    def _next(self) -> bool:
        """Inflate the next piece; False at the end."""
        piece = b""
        while not piece and not self._inflate.eof:
            compressed = b""
            if self._inflate.needs_input:
                compressed = self._raw.read(min(self._left, _COMPRESSED))
                self._left -= len(compressed)
                if not compressed:
                    raise EOFError("compressed data end early")
            piece = self._inflate.decompress(compressed, _INFLATED)
        if not piece and self._checksum != self._member.CRC:
            raise zipfile.BadZipFile(f"bad checksum of {self._member.filename}")
        self._checksum = isal_zlib.crc32(piece, self._checksum)
        self._piece = memoryview(piece)
        return bool(piece)


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

    def read(self) -> np.ndarray:
        """The whole array."""
        flat = np.empty(math.prod(self.shape), self.dtype)
        for _ in self._fill(flat, len(flat)):
            pass
        return flat.reshape(self.shape, order="F" if self.fortran_order else "C")

    def blocks(self, rows: int) -> Iterator[np.ndarray]:
        """Consecutive rows along the first axis, in one buffer that the next block overwrites.

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
        buffer = memoryview(flat).cast("B")
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
def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[BinaryIO | Inflating]:
    """Open a member for reading from its first byte."""
    # zipfile's own stream compares the member's header with the directory; what is not deflated,
    # it also reads.
    with archive.open(info) as plain:
        if info.compress_type != zipfile.ZIP_DEFLATED:
            yield plain
            return
    with Path(archive.filename).open("rb", buffering=0) as raw:
        raw.seek(info.header_offset + 26)
        name_bytes, extra_bytes = struct.unpack("<HH", raw.read(4))
        raw.seek(name_bytes + extra_bytes, 1)
        yield Inflating(raw, info)


def array_member(archive: zipfile.ZipFile, path: Path, name: str) -> Member:
    """Read the header of one array: a shape is believed only if the bytes are there.

    Raises
    ------
    JetlineError
        If the member is no array of numbers, or not of its declared size.
    """
    where = f"{path}, array {name}"
    info = archive.getinfo(f"{name}.npy")
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
    if dtype.kind not in "fiub":
        pickled = " (a pickle, which is never loaded)" if dtype.hasobject else ""
        raise JetlineError(
            where,
            found=f"dtype {dtype}{pickled}",
            expected="floating-point numbers",
            remedy="convert the array to float32 or float64 and save it again",
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
    """A stream that counts what is read of it."""

    def __init__(self, stream: BinaryIO | Inflating) -> None:
        self._stream, self.bytes = stream, 0

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        self.bytes += len(content)
        return content
