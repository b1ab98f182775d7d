"""Particle clouds: flat constituents without padding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from jetline.inputs.kinds.input_kind import InputKind, InputStatistics
from jetline.inputs.shards import Shard, save_array, save_blocks
from jetline.inputs.tensors import particle_tensors
from jetline.jets.constituents import PT

if TYPE_CHECKING:
    from pathlib import Path

    from jetline.inputs.kinds.input_kind import Change
    from jetline.inputs.sample import JetSample, Tensors
    from jetline.inputs.view import ParticleView
    from jetline.jets.reading import JetFile
    from jetline.records.manifest import SavedArray

_BLOCK = 4096  # jets flattened at a time


class Multiplicities(InputStatistics):
    """Mean and standard deviation of the training jets' multiplicities."""

    def __init__(self) -> None:
        self._multiplicities: list[np.ndarray] = []

    def add(self, shard: Shard, rows: np.ndarray) -> None:
        """Take the training jets of the next shard."""
        self._multiplicities.append(np.diff(shard.arrays["offsets"])[rows])

    def result(self) -> dict[str, Any]:
        """Give ``multiplicity``: its ``mean`` and ``deviation``."""
        n = np.concatenate(self._multiplicities)
        return {"multiplicity": {"mean": float(n.mean()), "deviation": float(n.std())}}


class Particles(InputKind):
    """The constituents of jets, without padding.

    A shard holds ``particles`` (n_particles, 4), float32, and ``offsets`` (n_jets + 1,), int64:
    jet i has the rows ``offsets[i]:offsets[i + 1]``, by falling pT.
    """

    name: ClassVar = "particles"
    arrays: ClassVar = ("particles", "offsets")
    memory_mb: ClassVar = 2000

    def save_arrays(self, jets: JetFile, folder: Path) -> dict[str, SavedArray]:
        """Save the particles of one jet file and where each jet's begin."""
        # Flat particles take a sixth of a padded file's memory.
        flat, offsets = zip(*(flatten(block) for block in jets.blocks(_BLOCK)), strict=True)
        multiplicities = np.concatenate([np.diff(part) for part in offsets])
        ends = np.concatenate([[0], np.cumsum(multiplicities)])
        shape = (int(ends[-1]), 4)
        return {
            "particles": save_blocks(folder, "particles", shape, np.dtype(np.float32), flat),
            "offsets": save_array(folder, "offsets", ends.astype(np.int64)),
        }

    def statistics(self) -> Multiplicities:
        """Give what averages the multiplicities."""
        return Multiplicities()

    def tensors(
        self,
        sample: JetSample,
        jets: np.ndarray,
        view: ParticleView | None,
        *,
        compiled: bool,
        change: Change | None = None,
    ) -> Tensors:
        """Make the tensors of a batch of flat particles: `particle_tensors`.

        Raises
        ------
        TypeError
            If the architecture has no view of particles.
        """
        if view is None:
            raise TypeError("an architecture of particles has to define its `view`")
        return particle_tensors(sample, jets, view, compiled=compiled, change=change)


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
