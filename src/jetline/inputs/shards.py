"""Shards: one directory of arrays or a table, and a manifest, made from one jet file.

The manifest is written last, so a folder without one is no shard. It has XXH3's 128 bits of every
array, which tell damage and other content as surely as SHA-256 does, thirty times as fast; against
forgery they are no help.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap
from xxhash import xxh3_128

from jetline import __version__
from jetline.core.errors import JetlineError
from jetline.core.files import atomic, read_json, sha256_of, write_json
from jetline.jets.formats.npz import UNLABELLED
from jetline.jets.index import JetIndex

MANIFEST = "manifest.json"

#: What a manifest calls the hash of an array, and how it is made.
HASH = "xxh3_128"

#: Every array that a shard may hold.
ARRAYS = ("images", "particles", "offsets", "observables", "labels")


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
        ``images`` (n_jets, n_y, n_phi, channels), or ``particles`` (n_particles, 4) with
        ``offsets`` (n_jets + 1,), or ``observables`` (n_jets, n_observables), whose names are
        `columns`.
    manifest : dict
        The content of ``manifest.json``.
    """

    folder: Path
    labels: np.ndarray
    arrays: dict[str, np.ndarray]
    manifest: dict[str, Any]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def columns(self) -> list[str] | None:
        """Names of the table's columns; None where there is no table."""
        return self.manifest["arrays"].get("observables", {}).get("columns")


def save_blocks(
    folder: Path, name: str, shape: tuple[int, ...], dtype: np.dtype, blocks: Iterable[np.ndarray]
) -> dict[str, Any]:
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
    dict
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
    return {"shape": list(shape), "dtype": str(dtype), HASH: digest.hexdigest()}


def save_array(folder: Path, name: str, array: np.ndarray) -> dict[str, Any]:
    """Save one array of a shard, as `save_blocks` does."""
    return save_blocks(folder, name, array.shape, array.dtype, [array])


def save_table(folder: Path, name: str, columns: list[str], values: np.ndarray) -> dict[str, Any]:
    """Save a table (n_jets, n_columns) of a shard as Parquet, likewise."""
    from jetline.inputs.tables import write_table

    (folder / MANIFEST).unlink(missing_ok=True)
    path = folder / f"{name}.parquet"
    write_table(path, columns, values)
    described = {"columns": columns, "shape": list(values.shape), "dtype": str(values.dtype)}
    return described | {HASH: _hash_of(path)}


def write_manifest(
    folder: Path,
    jets_file: Path,
    labels: np.ndarray,
    arrays: dict[str, dict[str, Any]],
    index: Path | None = None,
    **facts: Any,
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
    index : Path, optional
        The jet file's index, which has its hash; without it the file is hashed.
    **facts
        What else to say: ``inputs``, for images the ``recipe`` and its class of ``identity``.
    """
    sha256 = JetIndex.read(index).sha256 if index else sha256_of(jets_file)
    # A folder used before may hold arrays of other inputs, or what a killed step left.
    patterns = ("*.npy", "*.parquet", ".*.part.npy", ".*.part.parquet")
    for path in {path for pattern in patterns for path in folder.glob(pattern)}:
        if path.name.lstrip(".").split(".")[0] in ARRAYS and path.stem not in arrays:
            path.unlink()
    arrays = arrays | {"labels": save_array(folder, "labels", labels)}
    classes = {"quark": 1, "gluon": 0, "unlabelled": UNLABELLED}
    manifest = {
        "source": {"file": str(jets_file), "sha256": sha256},
        "jets": {name: int(np.sum(labels == value)) for name, value in classes.items()},
        "arrays": arrays,
        "jetline": __version__,
    }
    # Flushing it would wait for the disk to take the arrays too.
    write_json(folder / MANIFEST, manifest | facts, flushed=False)


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
    files = {name: _file(name, told) for name, told in manifest["arrays"].items()}
    whole = {MANIFEST, *files.values()}
    for path in sorted(folder.iterdir()):
        # Hidden files are the workflow's time stamp, or the file system's own.
        if path.name not in whole and not path.name.startswith("."):
            raise _damaged(
                path, "a file that the manifest does not name", "the shard's files alone"
            )
    arrays = {}
    for name, expected in manifest["arrays"].items():
        path = folder / files[name]
        try:
            array, found = _read(path)
        except FileNotFoundError:
            raise _damaged(path, "no such file", "an array of the shard") from None
        except Exception as error:  # noqa: BLE001 - a damaged header raises anything
            raise _damaged(path, f"unreadable ({error})", "a whole array") from None
        if beyond := found.pop("beyond", 0):
            raise _damaged(path, f"{beyond} bytes behind the array", "the array alone")
        if verify:
            found[HASH] = _hash_of(path)
        wanted = {key: expected.get(key) for key in found}
        if found != wanted:
            raise _damaged(path, str(found), str(wanted))
        arrays[name] = array
    return Shard(folder, arrays.pop("labels"), arrays, manifest)


def _hash_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, xxh3_128).hexdigest()


def _file(name: str, described: dict[str, Any]) -> str:
    """Name of the file of an array or a table."""
    return f"{name}.parquet" if "columns" in described else f"{name}.npy"


def _read(path: Path) -> tuple[np.ndarray, dict[str, Any]]:
    """An array or a table, and what the manifest should say of it; bytes `beyond` an array."""
    if path.suffix == ".parquet":
        from jetline.inputs.tables import read_table

        columns, array = read_table(path)
        found = {"columns": columns}
    else:
        array = open_memmap(path, mode="r")
        found = {"beyond": path.stat().st_size - array.offset - array.nbytes}
    return array, found | {"shape": list(array.shape), "dtype": str(array.dtype)}


def _read_manifest(path: Path) -> dict[str, Any]:
    expected = "the manifest of a shard, written when all its arrays are there"
    try:
        manifest = read_json(path)
    except JetlineError as error:
        raise _damaged(path, error.found, expected) from None
    described = manifest.get("arrays") if isinstance(manifest, dict) else None
    if not isinstance(described, dict) or "labels" not in described:
        raise _damaged(path, "JSON without the arrays of a shard", expected)
    return manifest


def _damaged(path: Path, found: str, expected: str) -> JetlineError:
    # Nobody must be told to remove a folder of something else.
    if any(path.parent.glob("*.npy")) or (path.parent / MANIFEST).exists():
        remedy = f"remove the folder {path.parent} and run the workflow again"
    else:
        remedy = "give the folder of a shard, or run the workflow, which makes it"
    return JetlineError(str(path), found=found, expected=expected, remedy=remedy)
