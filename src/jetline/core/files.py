"""Files that are either whole or absent, and their hashes."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from xxhash import xxh3_128

from jetline.core.errors import JetlineError
from jetline.core.limits import limit_of
from jetline.core.packing import require_plausible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

#: Bytes of a name to which there is room to add, up to the 255 of most file systems.
_LONG_NAME = 220

#: Of a JSON file [bytes]; those that are written have some kB, seldom some MB.
_LARGEST_JSON = 2**28


def flush(path: Path) -> None:
    """Wait until the disk has a file's content, or the names in a folder.

    Only what was flushed before a rename is sure to be there after it if the power fails.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems cannot flush a folder.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def atomic(path: Path, *, flushed: bool = True) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes the name only if the block succeeds.

    The file is flushed to disk before the rename, and its folder after it, unless `flushed` is
    false because a hash of its content is compared before it is used; it is removed if the block
    raises. An `OSError` of the temporary file names `path`.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays last: Keras chooses by it. A name of any length leaves room for the rest.
    stem, suffix = path.stem, path.suffix
    if len(os.fsencode(path.name)) > _LONG_NAME:
        stem, suffix = short_hash(path.name), suffix if len(os.fsencode(suffix)) < 20 else ""
    temporary = path.with_name(f".{stem}.{os.getpid()}.part{suffix}")
    try:
        yield temporary
        if flushed:
            flush(temporary)
        temporary.replace(path)
        if flushed:
            flush(path.parent)
    except OSError as error:
        # A full disk is told without a name; the temporary one tells a reader nothing.
        if error.filename is None or str(error.filename) == str(temporary):
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str, *, flushed: bool = True) -> None:
    """Write UTF-8 text atomically, as `atomic` does."""
    with atomic(path, flushed=flushed) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any, *, flushed: bool = True) -> None:
    """Write JSON as `atomic` does, with sorted keys; NaN and infinity are refused."""
    text = json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n"
    write_text(path, text, flushed=flushed)


def read_json(path: Path) -> Any:
    """Read a JSON file that this package wrote.

    Raises
    ------
    JetlineError
        If the file is missing, not JSON, nested too deep, or larger than any that is written.
    """
    path = Path(path)
    try:
        if path.stat().st_size <= _LARGEST_JSON:
            return json.loads(path.read_text(encoding="utf-8"))
        found = f"{path.stat().st_size:,} bytes, more than the {_LARGEST_JSON:,} that are read"
        remedy = "remove it and run the step that makes it again"
    except FileNotFoundError:
        found, remedy = "no such file", "run the step that makes it"
    except (ValueError, RecursionError) as error:
        found, remedy = f"not JSON: {error}", "remove it and run the step that makes it again"
    raise JetlineError(
        str(path), found=found, expected="a JSON file written by jetline", remedy=remedy
    )


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Write named arrays to a compressed `.npz` atomically."""
    # By a stream of our own, because NumPy appends a suffix to a name that has none.
    with atomic(path) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def read_arrays(
    path: Path, *expected: str, optional: Collection[str] = ()
) -> dict[str, np.ndarray]:
    """Read every array of an `.npz` that this package wrote; pickles are refused.

    Parameters
    ----------
    path : Path
        The archive.
    *expected : str
        Names of all its arrays, to refuse what another version wrote; any without them.
    optional : collection of str
        Names of arrays that it may have beside those.

    Raises
    ------
    JetlineError
        If the file is missing, cut off, not such an archive, or has other arrays.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            for member in packed.infolist():
                require_plausible(f"{path}, {member.filename}", member, Path(path).stat().st_size)
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        if not expected or set(arrays) - set(optional) == set(expected):
            return arrays
        found = f"the arrays {', '.join(sorted(arrays)) or 'none'}"
    except FileNotFoundError:
        found = "no such file"
    except JetlineError:
        raise
    except Exception as error:  # noqa: BLE001 - zipfile, zlib and NumPy each raise their own
        if limit := limit_of(error, path):
            raise limit from None
        found = f"unreadable: {error}"
    raise JetlineError(
        str(path),
        found=found,
        expected=f"an .npz archive with {', '.join(expected)}, written by this version of jetline"
        if expected
        else "an .npz archive written by jetline",
        remedy="remove it and run the step that makes it again",
    )


def sha256_of(path: Path) -> str:
    """Compute the SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def xxh3_of(path: Path) -> str:
    """Compute the XXH3 of a file's bytes, 128 bits as 32 hexadecimal digits.

    It tells another content as surely as SHA-256 does, some ten times as fast; against forgery it
    is no help.
    """
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, xxh3_128).hexdigest()


def short_hash(content: Any) -> str:
    """Compute the first 10 hexadecimal digits of the SHA-256 of `content` as canonical JSON."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:10]
