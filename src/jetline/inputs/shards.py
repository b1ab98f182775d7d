"""Shards: one directory of arrays or a table, and a manifest, made from one jet file.

The manifest is written last, so a folder without one is no shard. It has XXH3's 128 bits of every
array, which tell damage and other content as surely as SHA-256 does, thirty times as fast; against
forgery they are no help.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.format import open_memmap
from xxhash import xxh3_128

from jetline import __version__
from jetline.core.errors import JetlineError
from jetline.core.files import atomic, sha256_of, xxh3_of
from jetline.core.limits import limit_of
from jetline.records.manifest import JetSource, Manifest, SavedArray

if TYPE_CHECKING:
    from collections.abc import Iterable

MANIFEST = "manifest.json"

#: What a manifest calls the hash of an array, and how it is made.
HASH = "xxh3_128"


@dataclass(frozen=True)
class Shard:
    """An opened shard; the arrays are memory-mapped, a table is in memory.

    Parameters
    ----------
    folder : Path
        Where it lies.
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon, 255 unlabelled.
    arrays : dict of arrays
        What the kind of inputs says that its shards hold.
    manifest : Manifest
        The content of ``manifest.json``.
    """

    folder: Path
    labels: np.ndarray
    arrays: dict[str, np.ndarray]
    manifest: Manifest

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Read rows of an array from its file, which is not mapped for it.

        Batch systems count the mapped pages of a file as the process's own memory: of images drawn
        at random all would be held in the end.

        Parameters
        ----------
        name : str
            One of `arrays`.
        rows : (n,) integer array
            Indices along its first axis.
        """
        array = self.arrays[name]
        if not isinstance(array, np.memmap):
            return array[rows]
        read = np.empty((len(rows), *array.shape[1:]), array.dtype)
        size = array.nbytes // max(1, len(array))
        with Path(str(array.filename)).open("rb", buffering=0) as file:
            for row, place in zip(
                rows.tolist(), read.reshape(len(rows), size // array.itemsize), strict=True
            ):
                if os.preadv(file.fileno(), [place.data], array.offset + row * size) != size:
                    raise _damaged(Path(file.name), "cut off while it was read", "a whole array")
        return read

    @property
    def columns(self) -> list[str] | None:
        """Names of the table's columns; None where there is no table."""
        tables = (array.columns for array in self.manifest.arrays.values() if array.columns)
        return next(tables, None)


def save_blocks(
    folder: Path, name: str, shape: tuple[int, ...], dtype: np.dtype, blocks: Iterable[np.ndarray]
) -> SavedArray:
    """Save one array of a shard, given block after block along its first axis.

    The folder is no shard from here on until `write_manifest`. The blocks are written, not
    memory-mapped, because a mapped file kills the process when the disk is full.

    Parameters
    ----------
    folder : Path
        The shard's directory; created if missing.
    name : str
        The array's.
    shape, dtype
        Of the whole array.
    blocks : iterable of arrays
        Its consecutive rows.

    Returns
    -------
    SavedArray
        What the manifest says of it: shape, dtype, and the XXH3 of the file.
    """
    (folder / MANIFEST).unlink(missing_ok=True)
    dtype = np.dtype(dtype)
    header = io.BytesIO()
    described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False}
    np.lib.format.write_array_header_1_0(header, described | {"shape": shape})
    # Hashed on its way to the disk: what comes back from there is held against it.
    digest = xxh3_128(header.getvalue())
    path = folder / f"{name}.npy"
    with atomic(path, flushed=False) as temporary, temporary.open("wb") as stream:
        stream.write(header.getvalue())
        for block in blocks:
            content = np.ascontiguousarray(block, dtype).data
            digest.update(content)
            stream.write(content)
    return SavedArray(shape=list(shape), dtype=str(dtype), xxh3_128=digest.hexdigest())


def save_array(folder: Path, name: str, array: np.ndarray) -> SavedArray:
    """Save one array of a shard, as `save_blocks` does."""
    return save_blocks(folder, name, array.shape, array.dtype, [array])


def save_table(folder: Path, name: str, columns: list[str], values: np.ndarray) -> SavedArray:
    """Save a table (n_jets, n_columns) of a shard as Parquet, likewise."""
    from jetline.inputs.tables import write_table

    (folder / MANIFEST).unlink(missing_ok=True)
    path = folder / f"{name}.parquet"
    write_table(path, columns, values)
    shape, dtype = list(values.shape), str(values.dtype)
    return SavedArray(shape=shape, dtype=dtype, xxh3_128=xxh3_of(path), columns=columns)


def remove_arrays(folder: Path, names: Iterable[str]) -> None:
    """Remove arrays and tables of these names from a folder, and what a killed step left of them.

    The folder is no shard from here on; files of other names stay.
    """
    (folder / MANIFEST).unlink(missing_ok=True)
    patterns = ("*.npy", "*.parquet", ".*.part.npy", ".*.part.parquet")
    for path in {path for pattern in patterns for path in folder.glob(pattern)}:
        if path.name.lstrip(".").split(".")[0] in {*names, "labels"}:
            path.unlink()


def write_manifest(
    folder: Path,
    jets_file: Path,
    labels: np.ndarray,
    arrays: dict[str, SavedArray],
    *,
    sha256: str | None = None,
    inputs: str,
    recipe: dict[str, Any] | None = None,
    identity: str | None = None,
) -> None:
    """Save the labels, then the manifest that makes the folder a shard.

    Parameters
    ----------
    folder : Path
        The shard's directory, with its other arrays.
    jets_file : Path
        What the shard was made from.
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon, 255 unlabelled.
    arrays : dict
        By name, what `save_blocks` gave.
    sha256 : str, optional
        Of the jet file, where it is known; otherwise the file is hashed.
    inputs, recipe, identity
        As `jetline.records.manifest.Manifest` has them.
    """
    numbers, counts = np.unique(labels, return_counts=True)
    manifest = Manifest(
        source=JetSource(file=str(jets_file), sha256=sha256 or sha256_of(jets_file)),
        jets=dict(zip(map(str, numbers), map(int, counts), strict=True)),
        arrays=arrays | {"labels": save_array(folder, "labels", labels)},
        jetline=__version__,
        inputs=inputs,
        recipe=recipe,
        identity=identity,
    )
    # Flushing it would wait for the disk to take the arrays too.
    manifest.write(folder / MANIFEST, flushed=False)


def open_shard(folder: Path, *, verify: bool = True) -> Shard:
    """Open a shard: arrays memory-mapped, a table read.

    Parameters
    ----------
    folder : Path
        The shard's directory.
    verify : bool
        Compare the hash of every array with the manifest's; reads every byte.

    Raises
    ------
    JetlineError
        If the manifest is missing, an array is missing, cut off, or not the manifest's, or the
        folder holds a file that is not the shard's.
    """
    folder = Path(folder)
    manifest = _read_manifest(folder / MANIFEST)
    files = {name: _file(name, told) for name, told in manifest.arrays.items()}
    whole = {MANIFEST, *files.values()}
    for path in sorted(folder.iterdir()):
        # Hidden files are the workflow's time stamp, or the file system's own.
        if path.name not in whole and not path.name.startswith("."):
            raise _damaged(
                path, "a file that the manifest does not name", "the shard's files alone"
            )
    arrays = {}
    for name, expected in manifest.arrays.items():
        path = folder / files[name]
        try:
            array, found = _read(path)
        except FileNotFoundError:
            raise _damaged(path, "no such file", "an array of the shard") from None
        except Exception as error:  # noqa: BLE001 - a damaged header raises anything
            if limit := limit_of(error, path):
                raise limit from None
            raise _damaged(path, f"unreadable ({error})", "a whole array") from None
        if beyond := found.pop("beyond", 0):
            raise _damaged(path, f"{beyond} bytes behind the array", "the array alone")
        if verify:
            found[HASH] = xxh3_of(path)
        wanted = {key: getattr(expected, key) for key in found}
        if found != wanted:
            raise _damaged(path, str(found), str(wanted))
        arrays[name] = array
    return Shard(folder, arrays.pop("labels"), arrays, manifest)


def _file(name: str, described: SavedArray) -> str:
    """Name of the file of an array or a table."""
    return f"{name}.npy" if described.columns is None else f"{name}.parquet"


def _read(path: Path) -> tuple[np.ndarray, dict[str, Any]]:
    """Read an array or a table, and what its manifest should say; bytes `beyond` an array."""
    if path.suffix == ".parquet":
        from jetline.inputs.tables import read_table

        columns, array = read_table(path)
        found: dict[str, Any] = {"columns": columns}
    else:
        array = open_memmap(path, mode="r")
        found = {"beyond": path.stat().st_size - array.offset - array.nbytes}
    return array, found | {"shape": list(array.shape), "dtype": str(array.dtype)}


def _read_manifest(path: Path) -> Manifest:
    try:
        manifest = Manifest.read(path)
    except JetlineError as error:
        key = error.where.removeprefix(str(path)).removeprefix(", ")
        found = f"{key}: {error.found}" if key else error.found
        raise _damaged(path, found, Manifest.what) from None
    if "labels" not in manifest.arrays:
        raise _damaged(path, "a manifest without labels", Manifest.what)
    return manifest


def _damaged(path: Path, found: str, expected: str) -> JetlineError:
    # Nobody must be told to remove a folder of something else.
    if any(path.parent.glob("*.npy")) or (path.parent / MANIFEST).exists():
        remedy = f"remove the folder {path.parent} and run the workflow again"
    else:
        remedy = "give the folder of a shard, or run the workflow, which makes it"
    return JetlineError(str(path), found=found, expected=expected, remedy=remedy)
