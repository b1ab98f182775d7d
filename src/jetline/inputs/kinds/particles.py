"""Particle clouds: flat constituents without padding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from jetline.inputs.further import ARRAY, Spread, features_of, names_in, save_features
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


class OfTraining(InputStatistics):
    """Multiplicities of the training jets, and how further features of particles are spread."""

    def __init__(self) -> None:
        self._multiplicities: list[np.ndarray] = []
        #: Of the features that every shard so far has.
        self._spreads: dict[str, Spread] | None = None

    def add(self, shard: Shard, rows: np.ndarray) -> None:
        """Take the training jets of the next shard."""
        counts = np.diff(shard.arrays["offsets"])
        self._multiplicities.append(counts[rows])
        there = names_in(shard)
        known = dict.fromkeys(there) if self._spreads is None else self._spreads
        self._spreads = {name: known[name] or Spread() for name in there if name in known}
        if self._spreads:
            training = np.zeros(len(counts), bool)
            training[rows] = True
            particles = np.flatnonzero(np.repeat(training, counts))
            features = features_of(shard, particles, list(self._spreads))
            for spread, values in zip(self._spreads.values(), features.T, strict=True):
                spread.add(values)

    def result(self) -> dict[str, Any]:
        """Give ``multiplicity``: its ``mean`` and ``deviation``; ``features``: `Spread.result`.

        The latter, by name, are there if every shard has some of the same.
        """
        n = np.concatenate(self._multiplicities)
        told = {"multiplicity": {"mean": float(n.mean()), "deviation": float(n.std())}}
        spreads = self._spreads or {}
        features = {name: spread.result() for name, spread in sorted(spreads.items())}
        return told | ({"features": features} if features else {})


class Particles(InputKind):
    """The constituents of jets, without padding.

    A shard holds ``particles`` (n_particles, 4), float32, and ``offsets`` (n_jets + 1,), int64:
    jet i has the rows ``offsets[i]:offsets[i + 1]``, by falling pT. Of a file with further features
    of constituents it holds ``features`` (n_particles, n_features), float32, too.
    """

    name: ClassVar = "particles"
    arrays: ClassVar = ("particles", "offsets", ARRAY)
    memory_mb: ClassVar = 2000

    def save_arrays(self, jets: JetFile, folder: Path) -> dict[str, SavedArray]:
        """Save the particles of one jet file and where each jet's begin."""
        # Flat particles take a sixth of a padded file's memory.
        flat, offsets, places = [], [], []
        for block in jets.blocks(_BLOCK):
            particles, starts = flatten(block)
            flat.append(particles)
            offsets.append(starts)
            if jets.feature_names:
                places.append(_places(block, starts))
        multiplicities = np.concatenate([np.diff(part) for part in offsets])
        ends = np.concatenate([[0], np.cumsum(multiplicities)])
        shape = (int(ends[-1]), 4)
        saved = {
            "particles": save_blocks(folder, "particles", shape, np.dtype(np.float32), flat),
            "offsets": save_array(folder, "offsets", ends.astype(np.int64)),
        }
        if places:
            firsts = np.cumsum([0, *(len(part) for part in places[:-1])])
            ordered = np.concatenate([f + p for f, p in zip(firsts, places, strict=True)])
            saved[ARRAY] = save_features(jets, folder, ordered, ends, _BLOCK)
        return saved

    def statistics(self) -> OfTraining:
        """Give what averages the multiplicities, and finds how further features are spread."""
        return OfTraining()

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
    order = _falling(constituents)
    ordered = np.take_along_axis(constituents, order[..., None], axis=1)
    real = ordered[..., PT] > 0
    offsets = np.concatenate([[0], np.cumsum(real.sum(axis=1))])
    return ordered[real].astype(np.float32), offsets.astype(np.int64)


def _falling(constituents: np.ndarray) -> np.ndarray:
    """Give the places of each jet's constituents by falling pT, (n_jets, M)."""
    # Stable, so that constituents of equal pT keep the file's order; padding (pT 0) goes last.
    return np.argsort(-constituents[..., PT], axis=1, kind="stable")


def _places(constituents: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Give, of each particle of `flatten`, its place among the constituents without padding."""
    order, counts = _falling(constituents), np.diff(offsets)
    within = order[np.arange(order.shape[1]) < counts[:, None]]
    return within + np.repeat(offsets[:-1], counts)
