"""Particle clouds: flat constituents without padding."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jetline.inputs.shards import save_array, save_blocks, write_manifest
from jetline.jets.formats.npz import PT, open_jets

_BLOCK = 4096  # jets flattened at a time


def flatten_file(jets_file: Path, folder: Path) -> None:
    """Make the particle shard of one jet file.

    Parameters
    ----------
    jets_file : Path
        A jet file.
    folder : Path
        The shard's directory; created if missing, overwritten otherwise.

    Raises
    ------
    JetlineError
        If the jet file is not valid.
    """
    jets = open_jets(jets_file)
    # Flat particles take a sixth of a padded file's memory.
    flat, offsets = zip(*(flatten(block) for block in jets.blocks(_BLOCK)), strict=True)
    multiplicities = np.concatenate([np.diff(part) for part in offsets])
    ends = np.concatenate([[0], np.cumsum(multiplicities)])
    shape = (int(ends[-1]), 4)
    arrays = {
        "particles": save_blocks(folder, "particles", shape, np.float32, flat),
        "offsets": save_array(folder, "offsets", ends.astype(np.int64)),
    }
    write_manifest(folder, jets_file, jets.labels, arrays, inputs="particles")


def flatten(constituents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drop the padding, and sort each jet's constituents by falling pT.

    Parameters
    ----------
    constituents : (n_jets, M, 4) float array
        Padded constituents.

    Returns
    -------
    particles : (n_particles, 4) float32 array
        Constituents of all jets, one jet after the other.
    offsets : (n_jets + 1,) int64 array
        Jet i has the rows ``offsets[i]:offsets[i + 1]``.
    """
    # Stable, so that constituents of equal pT keep the file's order; padding (pT 0) goes last.
    order = np.argsort(-constituents[..., PT], axis=1, kind="stable")
    ordered = np.take_along_axis(constituents, order[..., None], axis=1)
    real = ordered[..., PT] > 0
    offsets = np.concatenate([[0], np.cumsum(real.sum(axis=1))])
    return ordered[real].astype(np.float32), offsets.astype(np.int64)
