"""Shards: one directory of `.npy` arrays and a manifest, made from one jet file.

The manifest is written last, so a folder without one is no shard.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap

from jetline import __version__
from jetline.errors import JetlineError
from jetline.files import atomic, read_json, sha256_of, write_json
from jetline.jets.format import UNLABELLED

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Shard:
    """An opened shard; the arrays are memory-mapped.

    Parameters
    ----------
    folder : Path
        Where it lies.
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon, 255 unlabelled.
    arrays : dict of arrays
        ``images`` (n_jets, n_y, n_phi, channels), or ``particles`` (n_particles, 4) with
        ``offsets`` (n_jets + 1,).
    manifest : dict
        The content of ``manifest.json``.
    """

    folder: Path
    labels: np.ndarray
    arrays: dict[str, np.ndarray]
    manifest: dict[str, Any]

    def __len__(self) -> int:
        return len(self.labels)


@contextlib.contextmanager
def new_array(
    folder: Path, name: str, shape: tuple[int, ...], dtype: np.dtype
) -> Iterator[np.memmap]:
    """Give a memory-mapped array to fill; it takes its name in the shard when the block ends."""
    with atomic(folder / f"{name}.npy") as temporary:
        array = open_memmap(temporary, mode="w+", dtype=dtype, shape=shape)
        yield array
        array.flush()


def save_array(folder: Path, name: str, array: np.ndarray) -> None:
    """Save one array of a shard."""
    with atomic(folder / f"{name}.npy") as temporary:
        np.save(temporary, array, allow_pickle=False)


def write_manifest(folder: Path, jets_file: Path, inputs: str, labels: np.ndarray) -> None:
    """Save the labels, then the manifest that makes the folder a shard.

    Parameters
    ----------
    folder : Path
        The shard's directory, with its other arrays.
    jets_file : Path
        What the shard was made from.
    inputs : str
        ``images/<recipe>`` or ``particles``.
    labels : (n_jets,) uint8 array
        1 quark, 0 gluon, 255 unlabelled.
    """
    save_array(folder, "labels", labels)
    classes = {"quark": 1, "gluon": 0, "unlabelled": UNLABELLED}
    manifest = {
        "inputs": inputs,
        "source": {"file": str(jets_file), "sha256": sha256_of(jets_file)},
        "jets": {name: int(np.sum(labels == value)) for name, value in classes.items()},
        "arrays": {path.stem: _describe(path) for path in sorted(folder.glob("*.npy"))},
        "jetline": __version__,
    }
    write_json(folder / MANIFEST, manifest)


def _describe(path: Path) -> dict[str, Any]:
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    return {"shape": list(array.shape), "dtype": str(array.dtype), "sha256": sha256_of(path)}


def open_shard(folder: Path, *, verify: bool = False) -> Shard:
    """Open a shard, memory-mapped.

    Parameters
    ----------
    folder : Path
        The shard's directory.
    verify : bool
        Compare the SHA-256 of every array with the manifest's; reads every byte.

    Raises
    ------
    JetlineError
        If the manifest is missing, or an array is missing, cut off, or not the manifest's.
    """
    folder = Path(folder)
    manifest = read_json(folder / MANIFEST)
    arrays = {}
    for name, expected in manifest["arrays"].items():
        path = folder / f"{name}.npy"
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise _damaged(path, f"unreadable ({error})", "a whole array") from None
        found = {"shape": list(array.shape), "dtype": str(array.dtype)}
        if verify:
            found["sha256"] = sha256_of(path)
        wanted = {key: expected[key] for key in found}
        if found != wanted:
            raise _damaged(path, str(found), str(wanted))
        arrays[name] = array
    return Shard(folder, arrays.pop("labels"), arrays, manifest)


def _damaged(path: Path, found: str, expected: str) -> JetlineError:
    remedy = f"remove the folder {path.parent} and run the workflow again"
    return JetlineError(str(path), found=found, expected=expected, remedy=remedy)
